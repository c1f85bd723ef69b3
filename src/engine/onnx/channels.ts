/** @file What is done channel by channel, as ONNX nodes. */
import type { Node } from "../../graph/node.ts";
import type { Emitter } from "./emitter.ts";

type Rule<K extends "channelMoments" | "channelAffine"> = (
  node: Node<K>,
  inputs: readonly string[],
  context: { readonly emit: Emitter },
) => string;

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

export const channelAffine: Rule<"channelAffine"> = ({ shape }, fed, { emit }) => {
  const [x, scale, shift] = fed as [string, string, string];
  const channels = shape[1]!;
  if (emit.lowering.block !== null && shape.length === 4) {
    // one pass in place of two: what it normalises by changes nothing
    const all = (value: number): string =>
      emit.floats(Array<number>(channels).fill(value), [channels]);
    return emit.node("BatchNormalization", [x, scale, shift, all(0), all(1)], {
      epsilon: { float: 0 },
    });
  }
  const column = (value: string): string =>
    emit.node("Reshape", [value, emit.ints([channels, ...shape.slice(2).map(() => 1)])]);
  return emit.node("Add", [emit.node("Mul", [x, column(scale)]), column(shift)]);
};
