/** @file Pooling and channels as ONNX nodes. */
import { type Node, type Pooling, type Window, sizeOf } from "../../graph/node.ts";
import type { Emitter } from "./emitter.ts";
import type { Attribute } from "./writer.ts";

type Attributes = Readonly<Record<string, Attribute>>;
type Rule<K extends "maxPool" | "maxPoolGrad" | "channelMoments" | "channelAffine"> = (
  node: Node<K>,
  inputs: readonly string[],
  context: { readonly emit: Emitter },
) => string;

const windowOf = ({ stride, padding }: Window): Attributes => ({
  strides: { ints: stride },
  pads: { ints: padding },
});
const poolingOf = (attrs: Pooling): Attributes => ({
  ...windowOf(attrs),
  kernel_shape: { ints: attrs.kernel },
});

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
