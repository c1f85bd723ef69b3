/** @file Convolution, pooling and channels as ONNX nodes. */
import {
  type Convolution,
  type Node,
  type Pooling,
  type Window,
  sizeOf,
} from "../../graph/node.ts";
import type { Emitter } from "./emitter.ts";
import type { Attribute } from "./writer.ts";

type Attributes = Readonly<Record<string, Attribute>>;
type Rule<
  K extends
    | "conv2d"
    | "conv2dInputGrad"
    | "conv2dWeightGrad"
    | "maxPool"
    | "maxPoolGrad"
    | "channelMoments"
    | "channelAffine",
> = (node: Node<K>, inputs: readonly string[], context: { readonly emit: Emitter }) => string;

const windowOf = ({ stride, padding }: Window): Attributes => ({
  strides: { ints: stride },
  pads: { ints: padding },
});
const convolutionOf = (attrs: Convolution): Attributes => ({
  ...windowOf(attrs),
  dilations: { ints: attrs.dilation },
  group: { int: attrs.groups },
});
const poolingOf = (attrs: Pooling): Attributes => ({
  ...windowOf(attrs),
  kernel_shape: { ints: attrs.kernel },
});

export const conv2d: Rule<"conv2d"> = ({ attrs }, inputs, { emit }) =>
  emit.node("Conv", inputs, convolutionOf(attrs));

export const conv2dInputGrad: Rule<"conv2dInputGrad"> = ({ attrs, inputs }, fed, { emit }) => {
  const { stride, padding, dilation, size } = attrs;
  // rows and columns that no window reached
  const beyond = ([0, 1] as const).map((axis) => {
    const steps = inputs[0]!.shape[2 + axis]!;
    const extent = dilation[axis] * (inputs[1]!.shape[2 + axis]! - 1) + 1;
    return size[axis] + padding[axis] + padding[2 + axis]! - (steps - 1) * stride[axis] - extent;
  });
  return emit.node("ConvTranspose", fed, {
    ...convolutionOf(attrs),
    output_padding: { ints: beyond },
  });
};

/** dy convolves x, with batch and channels in each other's place. */
export const conv2dWeightGrad: Rule<"conv2dWeightGrad"> = (
  { attrs, inputs, shape },
  fed,
  { emit },
) => {
  const { stride, padding, dilation, groups, kernel } = attrs;
  const swap = (x: string): string => emit.node("Transpose", [x], { perm: { ints: [1, 0, 2, 3] } });
  const [dy, x] = fed.map(swap) as [string, string]; // [O, B, Ho, Wo] and [C, B, H, W]
  const part = (of: string, channels: number, group: number): string =>
    groups === 1
      ? of
      : emit.node("Slice", [
          of,
          emit.ints([(group * channels) / groups]),
          emit.ints([((group + 1) * channels) / groups]),
          emit.ints([0]),
        ]);
  const parts = Array.from({ length: groups }, (_, group) => {
    const whole = emit.node(
      "Conv",
      [part(x, inputs[1]!.shape[1]!, group), part(dy, shape[0]!, group)],
      {
        strides: { ints: dilation },
        pads: { ints: padding },
        dilations: { ints: stride },
        group: { int: 1 },
      },
    ); // [C / groups, O / groups, kh and more, kw and more]
    return swap(
      emit.node("Slice", [whole, emit.ints([0, 0]), emit.ints(kernel), emit.ints([2, 3])]),
    );
  });
  return groups === 1 ? parts[0]! : emit.node("Concat", parts, { axis: { int: 0 } });
};

export const maxPool: Rule<"maxPool"> = ({ attrs }, inputs, { emit }) =>
  emit.nodeOf(2, "MaxPool", inputs, poolingOf(attrs))[0]!;

export const maxPoolGrad: Rule<"maxPoolGrad"> = ({ attrs, inputs, shape }, [dy, x], { emit }) => {
  const [, places] = emit.nodeOf(2, "MaxPool", [x!], poolingOf(attrs));
  const windows = sizeOf(inputs[0]!.shape);
  const flat = (value: string): string => emit.node("Reshape", [value, emit.ints([windows])]);
  const zeros = emit.node("Expand", [emit.floats([0], []), emit.ints([sizeOf(shape)])]);
  const summed = emit.node("ScatterElements", [zeros, flat(places!), flat(dy!)], {
    axis: { int: 0 },
    reduction: { string: "add" },
  });
  return emit.node("Reshape", [summed, emit.ints(shape)]);
};

export const channelMoments: Rule<"channelMoments"> = ({ inputs }, [x], { emit }) => {
  const { shape } = inputs[0]!;
  const axes = { axes: { ints: shape.flatMap((_d, i) => (i === 1 ? [] : [i])) } };
  const mean = emit.node("ReduceMean", [x!], { ...axes, keepdims: { int: 1 } });
  const centred = emit.node("Sub", [x!, mean]);
  const variance = emit.node("ReduceMean", [emit.node("Mul", [centred, centred])], {
    ...axes,
    keepdims: { int: 1 },
  });
  const row = (value: string): string => emit.node("Reshape", [value, emit.ints([1, shape[1]!])]);
  return emit.node("Concat", [row(mean), row(variance)], { axis: { int: 0 } });
};

export const channelAffine: Rule<"channelAffine"> = ({ shape }, [x, scale, shift], { emit }) => {
  const column = (value: string): string =>
    emit.node("Reshape", [value, emit.ints([shape[1]!, ...shape.slice(2).map(() => 1)])]);
  return emit.node("Add", [emit.node("Mul", [x!, column(scale!)]), column(shift!)]);
};
