/** @file Every op as ONNX nodes (opset 17 and onnxruntime's com.microsoft), in the forms that measured fastest. */
import { type Node, type OpName, sizeOf } from "../../graph/node.ts";
import type { VerifiedGraph } from "../../graph/verify.ts";
import { Blocks } from "./blocks.ts";
import * as channels from "./channels.ts";
import * as convolution from "./convolution.ts";
import { Emitter, type Lowering } from "./emitter.ts";
import { Moments, emitNorm } from "./moments.ts";
import { type IsPrivate, emitProduct, productOf, unscaled } from "./product.ts";
import * as pooling from "./pooling.ts";
import type { OnnxModel, OnnxNode, OnnxValue } from "./writer.ts";

export interface Context {
  readonly emit: Emitter;
  /** The value that holds a node's result. */
  readonly value: (node: Node) => string;
  readonly isPrivate: IsPrivate;
  /** Mean and 1 / standard deviation over the last axis, each [..., 1]. */
  readonly moments: Moments;
  readonly blocks: Blocks;
}
/** Emits the nodes of one op and names its result. */
export type Rule<K extends OpName> = (
  node: Node<K>,
  inputs: readonly string[],
  context: Context,
) => string;

const same =
  <K extends OpName>(type: string): Rule<K> =>
  (_node, inputs, { emit }) =>
    emit.node(type, inputs);
const overLastAxis =
  <K extends OpName>(type: string): Rule<K> =>
  (_node, inputs, { emit }) =>
    emit.node(type, inputs, { axis: { int: -1 } });
/** In ops that WebGPU has too: x - max - log(sum(exp(x - max))). */
function logSoftmax(x: string, emit: Emitter): string {
  const max = emit.node("ReduceMax", [x], { axes: { ints: [-1] }, keepdims: { int: 1 } });
  const shifted = emit.node("Sub", [x, max]);
  const sum = emit.node("ReduceSum", [emit.node("Exp", [shifted]), emit.ints([-1])], {
    keepdims: { int: 1 },
  });
  return emit.node("Sub", [shifted, emit.node("Log", [sum])]);
}
const fed: Rule<"input" | "param"> = ({ attrs }) => attrs.name;
/** A matrix product together with its bias or factor, else the op by itself. */
const product =
  <K extends "matmul" | "add" | "mul">(type: string): Rule<K> =>
  (node, inputs, { emit, value, isPrivate }) => {
    const found = productOf(node, isPrivate);
    return found ? emitProduct(found, emit, value) : emit.node(type, inputs);
  };

const rules: { readonly [K in OpName]: Rule<K> } = {
  input: fed,
  param: fed,
  constant: ({ attrs }, _inputs, { emit }) => emit.floats(attrs.data, attrs.shape),

  matmul: product("MatMul"),
  add: product("Add"),
  mul: product("Mul"),
  sub: same("Sub"),
  div: same("Div"),
  exp: same("Exp"),
  log: same("Log"),
  sqrt: same("Sqrt"),
  sigmoid: same("Sigmoid"),
  // with the sigmoid that its gradient asks for again
  silu: (_node, [x], { emit }) => emit.node("Mul", [x!, emit.node("Sigmoid", [x!])]),
  erf: same("Erf"),
  softmax: overLastAxis("Softmax"),
  logSoftmax: (node, inputs, context) =>
    context.emit.lowering.standard
      ? logSoftmax(inputs[0]!, context.emit)
      : overLastAxis<"logSoftmax">("LogSoftmax")(node, inputs, context),
  layerNorm: ({ attrs }, inputs, { emit }) => emitNorm(inputs, attrs.eps, emit)[0]!,
  rstd: ({ inputs, attrs }, _inputs, { emit, value, moments }) =>
    moments.rstd(inputs[0]!, attrs.eps, emit, value),
  scaleGradient: (_node, [x]) => x!,
  sum: ({ inputs, shape, attrs: { axes } }, [name], { emit, value, moments }) => {
    const { x, by } = unscaled(inputs[0]!);
    const last = shape.length - 1;
    const width = x.shape.at(-1)!;
    const mean = axes.length === 1 && axes[0] === last ? moments.mean(x, emit, value) : null;
    if (mean !== null) return emit.node("Mul", [mean, emit.floats([width * by], [])]);
    const overRows = last > 0 && new Set(axes).size === last && !axes.includes(last);
    if (!overRows)
      return emit.node("ReduceSum", [name!, emit.ints(axes)], {
        keepdims: { int: 1 },
        noop_with_empty_axes: { int: 1 },
      });
    // summing rows as a product with ones (or the factor): 1.5 times as fast as ReduceSum
    const rows = sizeOf(x.shape) / width;
    const lead = emit.lowering.standard ? [1] : []; // a vector's product is a vector: most sums become one, here without a node
    const ones = emit.floats(Array<number>(rows).fill(by), [...lead, rows]);
    const total = emit.node("MatMul", [ones, emit.reshape(value(x), x.shape, [rows, width])]);
    return emit.reshape(total, [...lead, width], shape);
  },
  reshape: ({ inputs, shape }, [x], { emit }) => emit.reshape(x!, inputs[0]!.shape, shape),
  transpose: ({ attrs }, inputs, { emit }) =>
    emit.node("Transpose", inputs, { perm: { ints: attrs.perm } }),
  broadcast: ({ shape }, [x], { emit }) => emit.node("Expand", [x!, emit.ints(shape)]),
  slice: ({ attrs: { axis, start, end } }, [x], { emit }) =>
    emit.node("Slice", [x!, emit.ints([start]), emit.ints([end]), emit.ints([axis])]),
  pad: ({ inputs, attrs: { axis, before, after } }, [x], { emit }) => {
    const around = (amount: number): number[] =>
      inputs[0]!.shape.map((_d, i) => (i === axis ? amount : 0));
    return emit.node("Pad", [x!, emit.ints([...around(before), ...around(after)])]);
  },
  concat: ({ attrs }, inputs, { emit }) =>
    emit.node("Concat", inputs, { axis: { int: attrs.axis } }),
  gather: (_node, inputs, { emit }) => emit.node("Gather", inputs),
  scatterAdd: ({ shape, inputs: [updates, ids] }, [x, at], { emit }) => {
    const width = shape.at(-1)!;
    const rows = sizeOf(ids!.shape);
    // ScatterND would be faster, but its threads race on equal ids: sums differ from run to run
    const zeros = emit.node("Expand", [emit.floats([0], []), emit.ints(shape)]);
    const index = emit.node("Expand", [
      emit.node("Reshape", [at!, emit.ints([rows, 1])]),
      emit.ints([rows, width]),
    ]);
    const flat = emit.reshape(x!, updates!.shape, [rows, width]);
    return emit.node("ScatterElements", [zeros, index, flat], {
      axis: { int: 0 },
      reduction: { string: "add" },
    });
  },
  relu: same("Relu"),
  reluGrad: pooling.reluGrad,
  conv2d: convolution.conv2d,
  conv2dInputGrad: convolution.conv2dInputGrad,
  conv2dWeightGrad: convolution.conv2dWeightGrad,
  maxPool: pooling.maxPool,
  maxPoolGrad: pooling.maxPoolGrad,
  channelMoments: channels.channelMoments,
  channelAffine: channels.channelAffine,
};

const lowerNode = <K extends OpName>(node: Node<K>, context: Context): string =>
  rules[node.op](node, node.inputs.map(context.value), context);

function countUses(nodes: readonly Node[], results: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>();
  for (const node of [...nodes.flatMap((n) => n.inputs), ...results])
    uses.set(node, (uses.get(node) ?? 0) + 1);
  return uses;
}

/** Keeps what the outputs need: rules may have looked through a node, which then computes for nobody. */
function reachable(nodes: readonly OnnxNode[], outputs: Iterable<string>): OnnxNode[] {
  const needed = new Set(outputs);
  const kept = nodes.toReversed().flatMap((node) => {
    const last = node.outputs.findLastIndex((name) => needed.has(name));
    if (last < 0) return [];
    for (const name of node.inputs) needed.add(name);
    return [{ ...node, outputs: node.outputs.slice(0, last + 1) }];
  });
  return kept.reverse();
}

const typed = (name: string, { dtype, shape }: Node): OnnxValue => ({
  name,
  type: dtype === "int" ? "int32" : "float32",
  shape,
});

/**
 * The ONNX model of a graph. Its outputs have the given names, in the given order; one that is also a feed's name gets
 * `.out` after it.
 */
export function lower(
  graph: VerifiedGraph,
  outputs: Readonly<Record<string, Node>>,
  lowering: Lowering,
): OnnxModel {
  const results = Object.entries(outputs).map(([name, node]) => ({
    node,
    name: graph.feeds.has(name) ? `${name}.out` : name,
  }));
  const emit = new Emitter([...graph.feeds.keys(), ...results.map(({ name }) => name)], lowering);
  const uses = countUses(
    graph.nodes,
    results.map(({ node }) => node),
  );
  const values = new Map<Node, string>();
  const context: Context = {
    emit,
    value: (node) => {
      const name = values.get(node) ?? lowerNode(node, context);
      values.set(node, name);
      return name;
    },
    isPrivate: (node) => uses.get(node) === 1,
    moments: new Moments(graph.nodes),
    blocks: new Blocks(emit, lowering.block),
  };
  // in order, so that `value` never has far to go
  graph.nodes.forEach(context.value);
  for (const { node, name } of results) emit.identity(context.value(node), name);
  const nodes = reachable(
    emit.nodes,
    results.map(({ name }) => name),
  );
  const used = new Set(nodes.flatMap((node) => node.inputs));
  return {
    nodes,
    initializers: emit.initializers.filter(({ name }) => used.has(name)),
    inputs: Array.from(graph.feeds, ([name, node]) => typed(name, node)),
    outputs: results.map(({ name, node }) => typed(name, node)),
  };
}
