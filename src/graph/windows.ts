/** @file Shapes of what moves a window over the last two axes: convolution and pooling. */
import type { Convolution, Pooling, Shape, Window } from "./node.ts";

/** How often a window of `extent` fits along each of two axes of `size`, padding included. */
function steps(
  { stride, padding: [top, left, bottom, right] }: Window,
  size: readonly [number, number],
  extent: readonly [number, number],
): [number, number] {
  const count = (axis: 0 | 1, around: number): number =>
    Math.floor((size[axis] + around - extent[axis]) / stride[axis]) + 1;
  return [count(0, top + bottom), count(1, left + right)];
}

const isWhole = (values: readonly number[], least: number): boolean =>
  values.every((value) => Number.isInteger(value) && value >= least);

/** Of x [B, C, H, W] with kernels w [O, C / groups, kh, kw]: [B, O, Ho, Wo], or what is wrong. */
export function convolved(attrs: Convolution, x: Shape, w: Shape): Shape | string {
  const { dilation, groups, stride, padding } = attrs;
  if (x.length !== 4 || w.length !== 4) return "needs four axes on each side";
  if (!isWhole([...stride, ...dilation, groups], 1) || !isWhole(padding, 0))
    return "stride, dilation and groups must be 1 or more, padding 0 or more";
  const [batch, channels, height, width] = x as [number, number, number, number];
  const [kernels, perGroup, kh, kw] = w as [number, number, number, number];
  if (perGroup * groups !== channels || channels % groups !== 0 || kernels % groups !== 0)
    return `channels do not fit ${groups} groups`;
  const extent = [dilation[0] * (kh - 1) + 1, dilation[1] * (kw - 1) + 1] as const;
  const out = steps(attrs, [height, width], extent);
  if (!isWhole(out, 1)) return `a window of ${extent.join(" x ")} does not fit`;
  return [batch, kernels, ...out];
}

/** Of x [B, C, H, W]: [B, C, Ho, Wo], or what is wrong. */
export function pooled(attrs: Pooling, x: Shape): Shape | string {
  const { kernel, stride, padding } = attrs;
  if (x.length !== 4) return "needs four axes";
  if (!isWhole([...stride, ...kernel], 1) || !isWhole(padding, 0))
    return "stride and kernel must be 1 or more, padding 0 or more";
  if (padding.some((around, side) => around >= kernel[side % 2 === 0 ? 0 : 1]))
    return "a window must not lie in the padding alone";
  const [batch, channels, height, width] = x as [number, number, number, number];
  const out = steps(attrs, [height, width], kernel);
  if (!isWhole(out, 1)) return `a window of ${kernel.join(" x ")} does not fit`;
  return [batch, channels, ...out];
}
