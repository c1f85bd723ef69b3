/** @file Every op as ONNX nodes (opset 17 and onnxruntime's com.microsoft), in the forms that measured fastest. */
import { type Node, type OpName, sizeOf } from "../../graph/node.ts";
import type { VerifiedGraph } from "../../graph/verify.ts";
import { Emitter } from "./emitter.ts";
import type { OnnxModel, OnnxNode, OnnxValue } from "./writer.ts";

interface Context {
  readonly emit: Emitter;
  /** The value that holds a node's result. */
  readonly value: (node: Node) => string;
}
/** Emits the nodes of one op and names its result. */
type Rule<K extends OpName> = (
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
const fed: Rule<"input" | "param"> = ({ attrs }) => attrs.name;
const flag = (on: boolean): { int: number } => ({ int: on ? 1 : 0 });

const rules: { readonly [K in OpName]: Rule<K> } = {
  input: fed,
  param: fed,
  constant: ({ attrs }, _inputs, { emit }) => emit.floats(attrs.data, attrs.shape),

  matmul: ({ inputs: [a, b], shape, attrs: { transA, transB } }, [x, y], { emit }) => {
    if (a!.shape.length > 2 && b!.shape.length > 2)
      return transA || transB
        ? emit.node(
            "FusedMatMul",
            [x!, y!],
            { transA: flag(transA), transB: flag(transB) },
            "com.microsoft",
          )
        : emit.node("MatMul", [x!, y!]);
    // a product of matrices; transA as a Transpose of its own: Gemm(transA=1) is slower
    const flat = a!.shape.length > 2;
    const rows = flat ? emit.node("Reshape", [x!, emit.ints([-1, a!.shape.at(-1)!])]) : x!;
    const left = transA ? emit.node("Transpose", [rows], { perm: { ints: [1, 0] } }) : rows;
    const product = transB
      ? emit.node("Gemm", [left, y!], { transB: flag(transB) })
      : emit.node("MatMul", [left, y!]);
    return flat ? emit.node("Reshape", [product, emit.ints(shape)]) : product;
  },

  add: same("Add"),
  sub: same("Sub"),
  mul: same("Mul"),
  div: same("Div"),
  exp: same("Exp"),
  log: same("Log"),
  sqrt: same("Sqrt"),
  sigmoid: same("Sigmoid"),
  erf: same("Erf"),
  softmax: overLastAxis("Softmax"),
  logSoftmax: overLastAxis("LogSoftmax"),
  layerNorm: ({ attrs }, inputs, { emit }) =>
    emit.node("LayerNormalization", inputs, { axis: { int: -1 }, epsilon: { float: attrs.eps } }),
  rstd: ({ inputs, attrs }, [x], { emit }) => {
    const width = inputs[0]!.shape.at(-1)!;
    const ones = emit.floats(Array<number>(width).fill(1), [width]);
    return emit.nodeOf(3, "LayerNormalization", [x!, ones], {
      axis: { int: -1 },
      epsilon: { float: attrs.eps },
    })[2]!;
  },
  sum: ({ attrs }, [x], { emit }) =>
    emit.node("ReduceSum", [x!, emit.ints(attrs.axes)], { keepdims: { int: 1 } }),
  reshape: ({ shape }, [x], { emit }) => emit.node("Reshape", [x!, emit.ints(shape)]),
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
    const zeros = emit.node("Expand", [emit.floats([0], []), emit.ints(shape)]);
    const index = emit.node("Expand", [
      emit.node("Reshape", [at!, emit.ints([rows, 1])]),
      emit.ints([rows, width]),
    ]);
    const flat =
      updates!.shape.length === 2 ? x! : emit.node("Reshape", [x!, emit.ints([rows, width])]);
    return emit.node("ScatterElements", [zeros, index, flat], {
      axis: { int: 0 },
      reduction: { string: "add" },
    });
  },
};

const lowerNode = <K extends OpName>(node: Node<K>, context: Context): string =>
  rules[node.op](node, node.inputs.map(context.value), context);

/** Keeps what the outputs need: rules may have looked through a node, which then computes for nobody. */
function reachable(nodes: readonly OnnxNode[], outputs: Iterable<string>): OnnxNode[] {
  const needed = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    const used = node.outputs.some((name) => needed.has(name));
    if (used) for (const name of node.inputs) needed.add(name);
    return used;
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
export function lower(graph: VerifiedGraph, outputs: Readonly<Record<string, Node>>): OnnxModel {
  const results = Object.entries(outputs).map(([name, node]) => ({
    node,
    name: graph.feeds.has(name) ? `${name}.out` : name,
  }));
  const emit = new Emitter([...graph.feeds.keys(), ...results.map(({ name }) => name)]);
  const values = new Map<Node, string>();
  const context: Context = { emit, value: (node) => values.get(node)! };
  for (const node of graph.nodes) values.set(node, lowerNode(node, context));
  for (const { node, name } of results) emit.identity(values.get(node)!, name);
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
