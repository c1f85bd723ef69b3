/** @file Functions that build graph nodes: one per op, then the compositions models are written in. */
import {
  type DType,
  type Node,
  type OpAttrs,
  type OpName,
  type Shape,
  sameShape,
  sizeOf,
} from "./node.ts";
import { infer } from "./shapes.ts";

export function node<K extends OpName>(
  op: K,
  attrs: OpAttrs[K],
  ...inputs: readonly Node[]
): Node<K> {
  return Object.freeze({ op, inputs, attrs, ...infer(op, attrs, inputs) });
}

export const input = (name: string, shape: Shape, dtype: DType = "float"): Node =>
  node("input", { name, shape, dtype });
export const param = (name: string, shape: Shape): Node => node("param", { name, shape });
export const constant = (data: number | readonly number[], shape: Shape = []): Node =>
  typeof data === "number"
    ? broadcast(node("constant", { shape: [], data: [data] }), shape)
    : node("constant", { shape, data });

/** a [..., M, K] x b [..., K, N] or [K, N] -> [..., M, N]; `trans` reads a side with its last two axes swapped. */
export const matmul = (a: Node, b: Node, trans: { a?: boolean; b?: boolean } = {}): Node =>
  node("matmul", { transA: trans.a ?? false, transB: trans.b ?? false }, a, b);

/** A number stands for a scalar constant. */
export type Operand = Node | number;
const operand = (x: Operand): Node => (typeof x === "number" ? constant(x) : x);
export const add = (a: Operand, b: Operand): Node => node("add", {}, operand(a), operand(b));
export const sub = (a: Operand, b: Operand): Node => node("sub", {}, operand(a), operand(b));
export const mul = (a: Operand, b: Operand): Node => node("mul", {}, operand(a), operand(b));
export const div = (a: Operand, b: Operand): Node => node("div", {}, operand(a), operand(b));

export const exp = (x: Node): Node => node("exp", {}, x);
export const log = (x: Node): Node => node("log", {}, x);
export const sqrt = (x: Node): Node => node("sqrt", {}, x);
export const sigmoid = (x: Node): Node => node("sigmoid", {}, x);
export const silu = (x: Node): Node => node("silu", {}, x);
export const erf = (x: Node): Node => node("erf", {}, x);
export const softmax = (x: Node): Node => node("softmax", {}, x);
export const logSoftmax = (x: Node): Node => node("logSoftmax", {}, x);
export const layerNorm = (x: Node, gamma: Node, beta: Node, eps: number): Node =>
  node("layerNorm", { eps }, x, gamma, beta);
export const rstd = (x: Node, eps: number): Node => node("rstd", { eps }, x);

/** x with its gradient multiplied: by a negative factor, gradient reversal (Ganin and Lempitsky 2015). */
export const scaleGradient = (x: Node, factor: number): Node =>
  node("scaleGradient", { factor }, x);
/** x as if it were a constant: nothing is differentiated through it. */
export const stopGradient = (x: Node): Node => scaleGradient(x, 0);

/** Sum over axes, kept with size 1. */
export const sumKeep = (x: Node, axes: readonly number[]): Node =>
  axes.length === 0 ? x : node("sum", { axes }, x);
/** Sum over axes (all by default), which disappear. */
export const sum = (x: Node, axes: readonly number[] = x.shape.map((_d, i) => i)): Node =>
  reshape(
    sumKeep(x, axes),
    x.shape.filter((_d, i) => !axes.includes(i)),
  );
/** Mean over axes, kept with size 1. */
export const meanKeep = (x: Node, axes: readonly number[]): Node =>
  mul(sumKeep(x, axes), 1 / sizeOf(axes.map((a) => x.shape[a]!)));
/** Mean over all elements: a scalar. */
export const mean = (x: Node): Node => mul(sum(x), 1 / sizeOf(x.shape));

export const reshape = (x: Node, shape: Shape): Node =>
  sameShape(x.shape, shape) ? x : node("reshape", { shape }, x);
export const transpose = (x: Node, perm: readonly number[]): Node => node("transpose", { perm }, x);
export const broadcast = (x: Node, shape: Shape): Node =>
  sameShape(x.shape, shape) ? x : node("broadcast", { shape }, x);
export const slice = (x: Node, axis: number, start: number, end: number): Node =>
  start === 0 && end === x.shape[axis] ? x : node("slice", { axis, start, end }, x);
export const pad = (x: Node, axis: number, before: number, after: number): Node =>
  node("pad", { axis, before, after }, x);
export const concat = (xs: readonly Node[], axis: number): Node => node("concat", { axis }, ...xs);
export const gather = (table: Node, ids: Node): Node => node("gather", {}, table, ids);
export const scatterAdd = (updates: Node, ids: Node, rows: number): Node =>
  node("scatterAdd", { rows }, updates, ids);

/** x W^T + b with W [out, in], as PyTorch's Linear stores it. */
export const linear = (x: Node, weight: Node, bias?: Node): Node => {
  const y = matmul(x, weight, { b: true });
  return bias ? add(y, bias) : y;
};
const QUICK_GELU = 1.702;
/** x sigmoid(1.702 x), OpenAI CLIP's activation. The factors outside can join the matrix products around it. */
export const quickGelu = (x: Node): Node => mul(silu(mul(x, QUICK_GELU)), 1 / QUICK_GELU);
/** x Phi(x), the exact form (not the tanh one). */
export const gelu = (x: Node): Node => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1));
/** Rows scaled to unit Euclidean length over the last axis. */
export const l2Normalize = (x: Node): Node =>
  div(x, sqrt(sumKeep(mul(x, x), [x.shape.length - 1])));
