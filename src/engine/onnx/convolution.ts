/** @file Convolution and its gradients as ONNX nodes; onnxruntime has none for the gradient of kernels. */
import { type Convolution, type Node, type Shape, sizeOf } from "../../graph/node.ts";
import type { Blocks } from "./blocks.ts";
import type { Emitter } from "./emitter.ts";
import { convolve, convolveBack, fewPlaces } from "./innermost.ts";
import { unfolded } from "./unfold.ts";
import type { Attribute } from "./writer.ts";

interface Context {
  readonly emit: Emitter;
  readonly blocks: Blocks;
}
type Rule<K extends "conv2d" | "conv2dInputGrad" | "conv2dWeightGrad"> = (
  node: Node<K>,
  inputs: readonly string[],
  context: Context,
) => string;

const attributesOf = (attrs: Convolution): Readonly<Record<string, Attribute>> => ({
  strides: { ints: attrs.stride },
  pads: { ints: attrs.padding },
  dilations: { ints: attrs.dilation },
  group: { int: attrs.groups },
});

const isFew = (
  { attrs }: Node<"conv2d" | "conv2dInputGrad">,
  w: Node,
  y: Shape,
  { lowering }: Emitter,
) => lowering.block !== null && fewPlaces(attrs, w, y);

export const conv2d: Rule<"conv2d"> = (node, fed, { emit, blocks }) => {
  const { attrs, inputs } = node;
  const { shape } = inputs[1]!;
  const [out, into] = shape as [number, number];
  if (attrs.stride[1] === 1 && isFew(node, inputs[1]!, node.shape, emit))
    return convolve(emit, fed, attrs, inputs[0]!.shape, node.shape);
  if (attrs.groups > 1 || !blocks.fits(out) || !blocks.reads(into))
    return emit.convolution("Conv", fed, attributesOf(attrs));
  const [x, w, bias = null] = fed as [string, string, string?];
  const channels = { in: into, out };
  return blocks.convolve(x, blocks.kernels(w, shape), bias, attrs, shape.slice(2), channels);
};

export const conv2dInputGrad: Rule<"conv2dInputGrad"> = (node, fed, { emit, blocks }) => {
  const { attrs, inputs } = node;
  const { stride, padding, dilation, size, groups } = attrs;
  const [dy, w] = inputs as [Node, Node];
  const kernel = w.shape.slice(2);
  const extent = ([0, 1] as const).map((axis) => dilation[axis] * (kernel[axis]! - 1) + 1);
  // without steps the way back is a convolution itself
  const before = extent.map((reach, axis) => reach - 1 - padding[axis]!);
  const after = extent.map(
    (reach, axis) => size[axis]! - dy.shape[2 + axis]! + reach - 1 - before[axis]!,
  );
  const around = [...before, ...after] as [number, number, number, number];
  const [out, into] = w.shape as [number, number];
  // rows and columns that no window reached
  const beyond = extent.map(
    (reach, axis) =>
      size[axis]! +
      padding[axis]! +
      padding[2 + axis]! -
      (dy.shape[2 + axis]! - 1) * stride[axis]! -
      reach,
  );
  if (isFew(node, w, dy.shape, emit))
    return convolveBack(emit, fed, attrs, dy.shape, node.shape, beyond);
  const blocked = groups === 1 && blocks.fits(out) && blocks.fits(into);
  if (blocked && stride.every((step) => step === 1) && around.every((count) => count >= 0)) {
    const window = { stride, padding: around, dilation };
    const channels = { in: out, out: into };
    return blocks.convolve(
      fed[0]!,
      blocks.turned(fed[1]!, w.shape),
      null,
      window,
      kernel,
      channels,
    );
  }
  const transposed = (sides: readonly string[], of: Convolution): string =>
    emit.convolution("ConvTranspose", sides, {
      ...attributesOf(of),
      output_padding: { ints: beyond },
    });
  // on WebGPU onnxruntime 1.30 mistakes several kernels of one channel
  if (!emit.lowering.standard || groups === 1 || into > 1 || out === groups)
    return transposed(fed, attrs);
  const part = (x: string, axis: number, group: number): string => {
    const [from, to] = [(group * out) / groups, ((group + 1) * out) / groups];
    return emit.node("Slice", [x, emit.ints([from]), emit.ints([to]), emit.ints([axis])]);
  };
  const [side, kernels] = fed as [string, string];
  const parts = Array.from({ length: groups }, (_, group) =>
    transposed([part(side, 1, group), part(kernels, 0, group)], { ...attrs, groups: 1 }),
  );
  return emit.node("Concat", parts, { axis: { int: 1 } });
};

/** Products that a part of a batch sums: fewer cost more in adding the parts, more let rows of a matrix collide in the cache. */
const LEAST_SUMMED = 1024;

/** Into how many parts a batch is divided, each with a sum of its own, for a number of places in each image. */
function partsOf(batch: number, places: number, { emit }: Context): number {
  // in a layout that onnxruntime has no kernels of, one is best
  if (emit.lowering.block === null) return 1;
  for (let parts = batch; parts > 1; parts--)
    if (batch % parts === 0 && (batch / parts) * places >= LEAST_SUMMED) return parts;
  return 1;
}

/**
 * dy convolves x, with the batch in place of channels, and with the channels of x side by side in its rows: neighbours
 * in a row are C apart, and the result's rows hold C sums for each column of the kernel. So it is one large product,
 * whose sides onnxruntime reads from x and dy as they lie. (One channel an image it would be nine columns wide.)
 */
export const conv2dWeightGrad: Rule<"conv2dWeightGrad"> = (
  { attrs, inputs, shape },
  [dy, x],
  context,
) => {
  const { emit, blocks } = context;
  if (emit.lowering.gpu) return unfolded(emit, attrs, dy!, x!, inputs[0]!.shape, inputs[1]!.shape);
  const { stride, padding, dilation, groups, kernel } = attrs;
  const [batch, channels, ...size] = inputs[1]!.shape as [number, number, number, number];
  const steps = inputs[0]!.shape.slice(2) as [number, number];
  const [out, own] = shape as [number, number]; // own: C / groups
  const parts = partsOf(batch, sizeOf(steps), context);
  const each = batch / parts;
  const outEach = out / groups;

  /** Padding behind, so that the kernel has at least so many places. */
  const behind = (axis: 0 | 1, places: number): number =>
    Math.max(0, places + (steps[axis] - 1) * stride[axis] - size[axis] - padding[axis]);
  /** How many places the kernel has then. */
  const placesOf = (axis: 0 | 1, after: number): number =>
    size[axis] + padding[axis] + after - (steps[axis] - 1) * stride[axis];
  const below = behind(0, dilation[0] * (kernel[0] - 1) + 1);
  const rows = Math.floor((placesOf(0, below) - 1) / dilation[0]) + 1;
  const least = dilation[1] * (kernel[1] - 1) + 1;
  // with fewer sums than kernels, onnxruntime would first write the product's side down, on one thread
  const wished = Math.ceil(outEach / (rows * own));
  const right = behind(1, wished <= 1.5 * least ? Math.max(least, wished) : least);
  const columns = placesOf(1, right);

  const reshape = (value: string, to: Shape): string =>
    emit.node("Reshape", [value, emit.ints(to)]);
  const move = (value: string, perm: Shape): string =>
    emit.node("Transpose", [value], { perm: { ints: perm } });
  const image =
    groups === 1
      ? blocks.channelsLast(x!, channels)
      : move(reshape(x!, [batch, groups, own, ...size]), [1, 0, 3, 4, 2]);
  const whole = steps[0] * steps[1];
  const kernels =
    groups === 1 && each === 1
      ? dy!
      : move(reshape(dy!, [parts, each, groups, outEach, whole]), [2, 0, 3, 1, 4]);
  const sums = emit.convolution(
    "Conv",
    [
      reshape(image, [1, groups * batch, size[0], size[1] * own]),
      reshape(kernels, [groups * parts * outEach, each, ...steps]),
    ],
    {
      strides: { ints: [dilation[0], 1] },
      pads: { ints: [padding[0], padding[1] * own, below, right * own] },
      dilations: { ints: [stride[0], stride[1] * own] },
      group: { int: groups * parts },
    },
  ); // [1, groups parts O, rows, columns C]
  const perPart = outEach * rows * columns * own;
  const summed =
    parts === 1
      ? sums
      : groups === 1
        ? emit.node("MatMul", [
            emit.floats(Array<number>(parts).fill(1), [parts]),
            reshape(sums, [parts, perPart]),
          ])
        : emit.node("ReduceSum", [reshape(sums, [groups, parts, perPart]), emit.ints([1])], {
            keepdims: { int: 0 },
          });
  const laid = reshape(summed, [out, rows, columns, own]);
  const exact = rows === kernel[0] && columns === kernel[1];
  const cut = exact
    ? laid
    : emit.node("Slice", [
        laid,
        emit.ints([0, 0]),
        emit.ints([kernel[0], least]),
        emit.ints([1, 2]),
        emit.ints([1, dilation[1]]),
      ]);
  return move(cut, [0, 3, 1, 2]);
};
