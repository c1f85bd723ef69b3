/** @file Functions that build graph nodes: one per op, then the compositions models are written in. */
import {
  type Convolution,
  type DType,
  type Node,
  type OpAttrs,
  type OpName,
  type Pooling,
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

export const relu = (x: Node): Node => node("relu", {}, x);
export const reluGrad = (dy: Node, y: Node): Node => node("reluGrad", {}, dy, y);
export const conv2d = (x: Node, w: Node, bias: Node | null, attrs: Convolution): Node =>
  node("conv2d", attrs, x, w, ...(bias ? [bias] : []));
/** @param size H and W of the input. */
export const conv2dInputGrad = (
  dy: Node,
  w: Node,
  attrs: Convolution,
  size: readonly [number, number],
): Node => node("conv2dInputGrad", { ...convolutionOf(attrs), size }, dy, w);
/** @param kernel height and width of the kernels. */
export const conv2dWeightGrad = (
  dy: Node,
  x: Node,
  attrs: Convolution,
  kernel: readonly [number, number],
): Node => node("conv2dWeightGrad", { ...convolutionOf(attrs), kernel }, dy, x);
const convolutionOf = ({ stride, padding, dilation, groups }: Convolution): Convolution => ({
  stride,
  padding,
  dilation,
  groups,
});
export const maxPool = (x: Node, attrs: Pooling): Node => node("maxPool", attrs, x);
export const maxPoolGrad = (dy: Node, x: Node, attrs: Pooling): Node =>
  node("maxPoolGrad", attrs, dy, x);
export const channelMoments = (x: Node): Node => node("channelMoments", {}, x);
export const channelAffine = (x: Node, scale: Node, shift: Node): Node =>
  node("channelAffine", {}, x, scale, shift);

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

/** |x|; its gradient at 0 is 0. */
export const abs = (x: Node): Node => add(relu(x), relu(mul(x, -1)));
/** [B, ...] -> [B, D], channels before rows before columns, as PyTorch flattens. */
export const flatten = (x: Node): Node => reshape(x, [x.shape[0]!, sizeOf(x.shape.slice(1))]);
/** The mean of each channel: [B, C, H, W] -> [B, C]. */
export const globalAvgPool = (x: Node): Node => reshape(meanKeep(x, [2, 3]), x.shape.slice(0, 2));
/** The mean of each window of x [B, C, H, W], padding counted as 0: PyTorch's AvgPool2d. */
export function avgPool(x: Node, { kernel, ...window }: Pooling): Node {
  const channels = x.shape[1]!;
  const mean = constant(1 / (kernel[0] * kernel[1]), [channels, 1, ...kernel]);
  return conv2d(x, mean, null, { ...window, dilation: [1, 1], groups: channels });
}
/** Each channel's mean and biased variance in x [B, C, ...], as [C]. */
export function momentsOf(x: Node): { mean: Node; variance: Node } {
  const moments = channelMoments(x);
  const row = (at: number): Node => reshape(slice(moments, 0, at, at + 1), [x.shape[1]!]);
  return { mean: row(0), variance: row(1) };
}
/**
 * Normalises each image of x [B, C, ...] by itself, its channels in groups, then scales and shifts by channel [C] (Wu
 * and He 2018). The images' groups stand as the channels of one image, so that one pass scales by image and channel.
 */
export function groupNorm(x: Node, groups: number, gamma: Node, beta: Node, eps: number): Node {
  const [batch, channels] = x.shape as [number, number];
  const places = sizeOf(x.shape.slice(2));
  const each = channels / groups;
  const { mean, variance } = momentsOf(reshape(x, [1, batch * groups, each, places]));
  const byGroup = (value: Node): Node => reshape(value, [batch, groups, 1]);
  const byChannel = (value: Node): Node => reshape(value, [1, groups, each]);
  const scale = div(byChannel(gamma), sqrt(add(byGroup(variance), eps))); // [B, groups, each]
  const shift = sub(byChannel(beta), mul(byGroup(mean), scale));
  const alone = (value: Node): Node => reshape(value, [batch * channels]);
  const images = reshape(x, [1, batch * channels, 1, places]);
  return reshape(channelAffine(images, alone(scale), alone(shift)), x.shape);
}
/** (x - mean) / sqrt(variance + eps) * gamma + beta by channel of x [B, C, ...]; all others [C] (Ioffe and Szegedy 2015). */
export function batchNorm(
  x: Node,
  { mean, variance }: { readonly mean: Node; readonly variance: Node },
  gamma: Node,
  beta: Node,
  eps: number,
): Node {
  const scale = div(gamma, sqrt(add(variance, eps)));
  return channelAffine(x, scale, sub(beta, mul(mean, scale)));
}
