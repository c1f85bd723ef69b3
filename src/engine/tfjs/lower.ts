/** @file Every op as kernels of TensorFlow.js, out of those that its backends have in common. */
import { type Node, type OpName, type Shape, isOp, sameShape, sizeOf } from "../../graph/node.ts";
import { type VerifiedGraph, isFeed } from "../../graph/verify.ts";
import { type Image, Images } from "./images.ts";
import type { OwnKernel } from "./packages.ts";
import { type Plan, Planner, type Value } from "./plan.ts";
import * as windows from "./windows.ts";

interface Context {
  readonly emit: Planner;
  readonly images: Images;
  readonly value: (node: Node) => Value;
  /** A node's value with channels last: [B, C, ...] as [B, ..., C]. */
  readonly image: (node: Node) => Image;
}
/** Calls the kernels of one op and gives its result. */
type Rule<K extends OpName> = (node: Node<K>, inputs: readonly Value[], context: Context) => Value;

const fed: Rule<"input" | "param"> = ({ attrs }, _inputs, { emit }) => emit.feed(attrs.name);
const unary =
  <K extends OpName>(kernel: string): Rule<K> =>
  (_node, [x], { emit }) =>
    emit.call(kernel, { x: x! });
/** Kernels broadcast by themselves: what is broadcast to the shape of the other side need not be. */
const unbroadcast = (x: Node, other: Node, { shape }: Node): Node =>
  isOp(x, "broadcast") && sameShape(other.shape, shape) ? x.inputs[0]! : x;
const binary =
  <K extends OpName>(kernel: string): Rule<K> =>
  (node, _inputs, { emit, value }) => {
    const [a, b] = node.inputs as [Node, Node];
    const left = unbroadcast(a, b, node);
    const right = left === a ? unbroadcast(b, a, node) : b;
    return emit.call(kernel, { a: value(left), b: value(right) });
  };

const reshaped = (emit: Planner, x: Value, from: Shape, to: Shape): Value =>
  sameShape(from, to) ? x : emit.call("Reshape", { x }, { shape: to });
const sumOver = (emit: Planner, x: Value, axes: readonly number[]): Value =>
  axes.length === 0 ? x : emit.call("Sum", { x }, { axis: axes, keepDims: true });
/** Sums over axes, kept as size 1; over all axes but the last as a product with ones. */
function sum({ emit, images }: Context, x: Image, axes: readonly number[]): Image {
  const last = x.shape.length - 1;
  if (last > 0 && new Set(axes).size === last && !axes.includes(last)) return images.sumRows(x);
  const shape = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  return { value: sumOver(emit, x.value, axes), shape };
}
/** Over the last axis, kept as size 1; written as the gradient of layerNorm has it, so that both are one. */
function mean(emit: Planner, x: Value, shape: Shape): Value {
  const total = sumOver(emit, x, [shape.length - 1]);
  return emit.call("Multiply", { a: total, b: emit.constant([1 / shape.at(-1)!]) });
}
const centred = (emit: Planner, x: Value, shape: Shape): Value =>
  emit.call("Sub", { a: x, b: mean(emit, x, shape) });
function rstd(emit: Planner, x: Value, shape: Shape, eps: number): Value {
  const difference = centred(emit, x, shape);
  const square = emit.call("Multiply", { a: difference, b: difference });
  const variance = mean(emit, square, shape);
  const x2 = emit.call("Add", { a: variance, b: emit.constant([eps]) });
  return emit.call("Rsqrt", { x: x2 });
}

const rules: { readonly [K in Exclude<OpName, ImageOp>]: Rule<K> } = {
  input: fed,
  param: fed,
  constant: ({ attrs }, _inputs, { emit }) => emit.constant(attrs.data, attrs.shape),

  matmul: ({ inputs: [left, right], shape, attrs }, [a, b], { emit }) => {
    const trans = { transposeA: attrs.transA, transposeB: attrs.transB };
    const batch = left!.shape.slice(0, -2);
    if (right!.shape.length > 2 || batch.length === 0)
      return emit.call("BatchMatMul", { a: a!, b: b! }, trans);
    // a matrix shared by a batch multiplies all rows at once
    const width = left!.shape.at(-1)!;
    const rows = reshaped(emit, a!, left!.shape, [sizeOf(left!.shape) / width, width]);
    const product = emit.call("BatchMatMul", { a: rows, b: b! }, trans);
    return emit.call("Reshape", { x: product }, { shape });
  },
  add: binary("Add"),
  sub: binary("Sub"),
  mul: binary("Multiply"),
  div: binary("RealDiv"),
  exp: unary("Exp"),
  log: unary("Log"),
  sqrt: unary("Sqrt"),
  sigmoid: unary("Sigmoid"),
  // with the sigmoid that its gradient asks for again
  silu: (_node, [x], { emit }) =>
    emit.call("Multiply", { a: x!, b: emit.call("Sigmoid", { x: x! }) }),
  erf: unary("Erf"),
  softmax: ({ shape }, [logits], { emit }) =>
    emit.call("Softmax", { logits: logits! }, { dim: shape.length - 1 }),
  logSoftmax: ({ shape }, [x], { emit }) => {
    const axis = [shape.length - 1];
    const max = emit.call("Max", { x: x! }, { reductionIndices: axis, keepDims: true });
    const shifted = emit.call("Sub", { a: x!, b: max });
    const total = sumOver(emit, emit.call("Exp", { x: shifted }), axis);
    return emit.call("Sub", { a: shifted, b: emit.call("Log", { x: total }) });
  },
  layerNorm: ({ shape, attrs }, [x, gamma, beta], { emit }) => {
    const scale = rstd(emit, x!, shape, attrs.eps);
    const unit = emit.call("Multiply", { a: centred(emit, x!, shape), b: scale });
    const scaled = emit.call("Multiply", { a: unit, b: gamma! });
    return emit.call("Add", { a: scaled, b: beta! });
  },
  rstd: ({ inputs, attrs }, [x], { emit }) => rstd(emit, x!, inputs[0]!.shape, attrs.eps),

  scaleGradient: (_node, [x]) => x!,
  sum: ({ inputs: [from], attrs: { axes } }, [x], context) =>
    sum(context, { value: x!, shape: from!.shape }, axes).value,
  reshape: ({ inputs, shape }, [x], { emit }) => reshaped(emit, x!, inputs[0]!.shape, shape),
  transpose: ({ attrs }, [x], { emit }) => emit.call("Transpose", { x: x! }, { perm: attrs.perm }),
  broadcast: ({ inputs, shape }, [x], { emit }) => {
    const from = inputs[0]!.shape;
    const full = [...Array<number>(shape.length - from.length).fill(1), ...from];
    const reps = shape.map((size, i) => size / full[i]!);
    const whole = reshaped(emit, x!, from, full);
    return reps.every((times) => times === 1) ? whole : emit.call("Tile", { x: whole }, { reps });
  },
  slice: ({ shape, attrs: { axis, start } }, [x], { emit }) =>
    emit.call(
      "Slice",
      { x: x! },
      { begin: shape.map((_d, i) => (i === axis ? start : 0)), size: shape },
    ),
  pad: ({ shape, attrs: { axis, before, after } }, [x], { emit }) =>
    emit.call(
      "PadV2",
      { x: x! },
      { paddings: shape.map((_d, i) => (i === axis ? [before, after] : [0, 0])), constantValue: 0 },
    ),
  concat: ({ attrs }, inputs, { emit }) =>
    inputs.length === 1 ? inputs[0]! : emit.call("Concat", inputs, { axis: attrs.axis }),
  gather: (_node, [x, indices], { emit }) =>
    emit.call("GatherV2", { x: x!, indices: indices! }, { axis: 0, batchDims: 0 }),
  scatterAdd: ({ inputs: [from, names], shape }, [x, ids], { emit }) => {
    const rows = sizeOf(names!.shape);
    const updates = reshaped(emit, x!, from!.shape, [rows, shape.at(-1)!]);
    const indices = reshaped(emit, ids!, names!.shape, [rows, 1]);
    return emit.call("ScatterNd", { indices, updates }, { shape });
  },
  relu: unary("Relu"),
  // y is never below 0: its sign is 1 where the gradient passes
  reluGrad: (_node, [dy, y], { emit }) =>
    emit.call("Multiply", { a: dy!, b: emit.call("Sign", { x: y! }) }),
  conv2dWeightGrad: ({ inputs: [dy, x], attrs }, _inputs, { images, image }) =>
    windows.conv2dWeightGrad(images, image(dy!), image(x!), attrs).value,
  channelMoments: ({ inputs: [x] }, _inputs, { images, image }) =>
    windows.moments(images, image(x!)).value,
};

type ImageOp = "conv2d" | "conv2dInputGrad" | "maxPool" | "maxPoolGrad" | "channelAffine";
/** What kernels give with channels last. */
const imageRules: {
  readonly [K in ImageOp]: (node: Node<K>, context: Context) => Image;
} = {
  conv2d: ({ inputs: [x, w, bias], attrs }, { emit, images, image, value }) => {
    const y = windows.conv2d(images, image(x!), { value: value(w!), shape: w!.shape }, attrs);
    return bias ? { ...y, value: emit.call("Add", { a: y.value, b: value(bias) }) } : y;
  },
  conv2dInputGrad: ({ inputs: [dy, w], attrs }, { images, image, value }) =>
    windows.conv2dInputGrad(images, image(dy!), { value: value(w!), shape: w!.shape }, attrs),
  maxPool: ({ inputs: [x], attrs }, { images, image }) => windows.maxPool(images, image(x!), attrs),
  maxPoolGrad: ({ inputs: [dy, x], attrs }, { images, image }) =>
    windows.maxPoolGrad(images, image(dy!), image(x!), attrs),
  channelAffine: ({ inputs: [x, scale, shift] }, { emit, image, value }) => {
    const { value: a, shape } = image(x!);
    const scaled = emit.call("Multiply", { a, b: value(scale!) });
    return { value: emit.call("Add", { a: scaled, b: value(shift!) }), shape };
  },
};
const isImageOp = (node: Node): node is Node<ImageOp> => Object.hasOwn(imageRules, node.op);

/** Ops to which the order of axes is the same where all that they read has it. */
const FOLLOWERS: ReadonlySet<OpName> = new Set([
  "relu",
  "reluGrad",
  "scaleGradient",
  "add",
  "sub",
  "mul",
  "div",
]);
const isPlain = ({ shape }: Node): boolean => shape.length === 4 || sizeOf(shape) === 1;
/** Whether an op is computed with channels last because an input is, so that no axes move between convolutions. */
const follows = (node: Node, isImage: (node: Node) => boolean): boolean =>
  FOLLOWERS.has(node.op) &&
  node.inputs.some((x) => isImage(x) && sameShape(x.shape, node.shape)) &&
  node.inputs.every((x) => isPlain(x) && (!isOp(x, "broadcast") || x.inputs.every(isPlain)));

const lowerNode = <K extends Exclude<OpName, ImageOp>>(node: Node<K>, context: Context): Value =>
  rules[node.op](node, node.inputs.map(context.value), context);
const lowerImage = <K extends ImageOp>(node: Node<K>, context: Context): Image =>
  imageRules[node.op](node, context);

/** A node with channels last, or null where it is better left in its own order of axes. */
function imageOf(node: Node, context: Context, isImage: (node: Node) => boolean): Image | null {
  const { image, value } = context;
  if (isImageOp(node)) return lowerImage(node, context);
  const [x] = node.inputs;
  if (isOp(node, "sum") && x!.shape.length === 4 && isImage(x!)) {
    const last = [0, 3, 1, 2]; // where each axis goes
    return sum(
      context,
      image(x!),
      node.attrs.axes.map((axis) => last[axis]!),
    );
  }
  if (!follows(node, isImage)) return null;
  const asImage = (one: Node): Value => (one.shape.length === 4 ? image(one).value : value(one));
  const shape = [0, 2, 3, 1].map((axis) => node.shape[axis]!);
  const follower = node as Node<Exclude<OpName, ImageOp>>;
  return { value: lowerNode(follower, { ...context, value: asImage }), shape };
}

/** Ops whose result may be the very memory of their input: kernels hand it on where nothing moves. */
const VIEWS: ReadonlySet<OpName> = new Set([
  "reshape",
  "scaleGradient",
  "broadcast",
  "slice",
  "pad",
  "sum",
  "transpose",
  "concat",
  "maxPool",
]);
/** Whether a node's result may be a feed's memory. */
const isBorrowed = (node: Node): boolean =>
  isFeed(node) || (VIEWS.has(node.op) && node.inputs.some(isBorrowed));

/**
 * The kernels that give the outputs.
 * @param kept names of outputs that outlive a run: they must not be a feed's memory, which is the caller's
 * @param own kernels that the backend has beside those that all have
 */
export function lower(
  graph: VerifiedGraph,
  outputs: Readonly<Record<string, Node>>,
  kept: { readonly has: (name: string) => boolean },
  own: readonly OwnKernel[],
): Plan {
  const emit = new Planner();
  const images = new Images(emit, own);
  const values = new Map<Node, Value>();
  const channelsLast = new Map<Node, Image>();
  const context: Context = {
    emit,
    images,
    value: (node) => {
      const known = channelsLast.get(node);
      return known ? images.first(known).value : values.get(node)!;
    },
    image: (node) => channelsLast.get(node) ?? images.last(values.get(node)!, node.shape),
  };
  // inputs come before what reads them
  for (const node of graph.nodes) {
    const image = imageOf(node, context, (one) => channelsLast.has(one));
    if (image) channelsLast.set(node, image);
    else values.set(node, lowerNode(node as Node<Exclude<OpName, ImageOp>>, context));
  }
  const results = Object.entries(outputs).map(([name, node]): [string, Value] => {
    const value = context.value(node);
    const copied = kept.has(name) && isBorrowed(node);
    return [name, copied ? emit.call("Multiply", { a: value, b: emit.constant([1]) }) : value];
  });
  return emit.plan(new Map(results));
}
