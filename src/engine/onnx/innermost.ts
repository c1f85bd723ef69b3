/** @file Convolutions of many kernels over few places, with a batch's images side by side in one: [1, C, H, W B]. */
import { type Convolution, type Node, type Shape, sizeOf } from "../../graph/node.ts";
import type { Emitter } from "./emitter.ts";
import type { Attribute } from "./writer.ts";

type Image = readonly [number, number, number, number];

const KERNELS = 2 ** 20;
const PLACES = 640;

/**
 * Whether it pays: putting many kernels in another order (`Blocks.kernels`) takes longer than the convolution itself.
 * @param w [O, C, kh, kw]. @param y [B, O, Ho, Wo]
 */
export const fewPlaces = ({ groups }: Convolution, w: Node, y: Shape): boolean =>
  groups === 1 && sizeOf(w.shape) >= KERNELS && sizeOf(y) / y[1]! <= PLACES;

/**
 * [B, C, H, W] -> [1, C, H, W B], with `steps` - 1 columns of zeros behind all columns but the last, and `beyond` (fewer
 * than `steps`) behind that.
 */
function inner(
  emit: Emitter,
  x: string,
  [batch, channels, h, w]: Image,
  steps = 1,
  beyond = 0,
): string {
  const moved = emit.node(
    "Transpose",
    [emit.node("Reshape", [x, emit.ints([batch, channels * h * w])])],
    { perm: { ints: [1, 0] } },
  );
  const shaped = (value: string, shape: Shape): string =>
    emit.node("Reshape", [value, emit.ints(shape)]);
  if (steps === 1) return shaped(moved, [1, channels, h, w * batch]);
  const zeros = (steps - 1) * batch;
  const spread = emit.node("Pad", [
    shaped(moved, [channels, h, w, batch]),
    emit.ints([0, 0, 0, 0, 0, 0, 0, zeros]),
  ]);
  const whole = shaped(spread, [1, channels, h, w * (batch + zeros)]);
  const end = ((w - 1) * steps + 1 + beyond) * batch;
  return emit.node("Slice", [whole, emit.ints([0]), emit.ints([end]), emit.ints([3])]);
}

function outer(emit: Emitter, y: string, [batch, channels, h, w]: Image): string {
  const rows = emit.node("Reshape", [y, emit.ints([channels * h * w, batch])]);
  const moved = emit.node("Transpose", [rows], { perm: { ints: [1, 0] } });
  return emit.node("Reshape", [moved, emit.ints([batch, channels, h, w])]);
}

const attributesOf = (
  { stride, padding, dilation }: Convolution,
  batch: number,
): Readonly<Record<string, Attribute>> => ({
  strides: { ints: [stride[0], 1] },
  pads: { ints: padding.map((count, side) => (side % 2 === 0 ? count : count * batch)) },
  dilations: { ints: [dilation[0], dilation[1] * batch] },
  group: { int: 1 },
});

/** A convolution without steps from column to column. @param fed x [B, C, H, W], w, bias */
export function convolve(
  emit: Emitter,
  [x, ...kernels]: readonly string[],
  attrs: Convolution,
  from: Shape,
  to: Shape,
): string {
  const image = inner(emit, x!, from as Image);
  const y = emit.convolution("Conv", [image, ...kernels], attributesOf(attrs, from[0]!));
  return outer(emit, y, to as Image);
}

/** The gradient of its image, with steps or without. @param beyond rows and columns that no window reached */
export function convolveBack(
  emit: Emitter,
  [dy, w]: readonly string[],
  attrs: Convolution,
  from: Shape,
  to: Shape,
  beyond: readonly number[],
): string {
  const batch = from[0]!;
  const image = inner(emit, dy!, from as Image, attrs.stride[1], beyond[1]);
  const x = emit.convolution("ConvTranspose", [image, w!], {
    ...attributesOf(attrs, batch),
    output_padding: { ints: [beyond[0]!, 0] },
  });
  return outer(emit, x, to as Image);
}
