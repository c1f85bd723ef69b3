/** @file The gradient of a convolution's kernels as matrix products, for GPUs: cuDNN has none for kernels as large as images. */
import { type OpAttrs, type Shape, sizeOf } from "../../graph/node.ts";
import type { Emitter } from "./emitter.ts";

/**
 * dW[o, c, i, j]: the sum over images and places of dy[o] times what lay under (i, j) of the kernel. A product for each
 * row of the kernel: all at once would hold the image as often as the kernel has places.
 * @param dy [B, O, h, w]. @param x [B, C, H, W]. @returns [O, C / groups, kernel]
 */
export function unfolded(
  emit: Emitter,
  { stride, padding, dilation, groups, kernel }: OpAttrs["conv2dWeightGrad"],
  dy: string,
  x: string,
  dyShape: Shape,
  xShape: Shape,
): string {
  const [batch, out, ...steps] = dyShape as [number, number, number, number];
  const channels = xShape[1]!;
  const [outEach, own] = [out / groups, channels / groups];
  const places = batch * sizeOf(steps);
  const reshape = (value: string, shape: Shape): string =>
    emit.node("Reshape", [value, emit.ints(shape)]);
  const move = (value: string, perm: Shape): string =>
    emit.node("Transpose", [value], { perm: { ints: perm } });

  const [top, left, bottom, right] = padding;
  const padded = padding.some((count) => count > 0)
    ? emit.node("Pad", [x, emit.ints([0, 0, top, left, 0, 0, bottom, right])])
    : x;
  const last = move(padded, [0, 2, 3, 1]); // [B, H, W, C]
  /** What lies under a row or column of the kernel at all its places. @param axis 0: rows */
  const under = (value: string, axis: 0 | 1, at: number): string => {
    const from = at * dilation[axis];
    const to = from + (steps[axis] - 1) * stride[axis] + 1;
    const ends = [[from], [to], [1 + axis], [stride[axis]]].map((ends) => emit.ints(ends));
    return emit.node("Slice", [value, ...ends]);
  };
  const grouped = groups > 1;
  const slopes = emit.narrow(
    grouped
      ? reshape(move(dy, [1, 0, 2, 3]), [groups, outEach, places])
      : reshape(move(dy, [1, 0, 2, 3]), [out, places]),
  );
  const rowOf = (row: number): string => {
    const image = under(last, 0, row); // [B, h, W, C]
    const columns = Array.from({ length: kernel[1] }, (_, column) => under(image, 1, column));
    const whole =
      columns.length === 1 ? columns[0]! : emit.node("Concat", columns, { axis: { int: 3 } }); // [B, h, w, columns C]
    const seen = grouped
      ? reshape(move(reshape(whole, [places, kernel[1], groups, own]), [2, 0, 1, 3]), [
          groups,
          places,
          kernel[1] * own,
        ])
      : reshape(whole, [places, kernel[1] * own]);
    return emit.product("MatMul", [slopes, emit.narrow(seen)]); // [groups, O / groups, columns own]
  };
  const rows = Array.from({ length: kernel[0] }, (_, row) =>
    reshape(rowOf(row), [out, 1, kernel[1], own]),
  );
  const sums = rows.length === 1 ? rows[0]! : emit.node("Concat", rows, { axis: { int: 1 } });
  return move(sums, [0, 3, 1, 2]);
}
