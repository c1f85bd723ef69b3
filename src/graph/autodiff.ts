/** @file Reverse-mode differentiation, graph -> graph: gradients are plain nodes that every engine runs. */
import {
  add,
  broadcast,
  channelAffine,
  constant,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  div,
  exp,
  gather,
  matmul,
  maxPoolGrad,
  meanKeep,
  mul,
  pad,
  reluGrad,
  reshape,
  rstd,
  scatterAdd,
  sigmoid,
  slice,
  sub,
  sum,
  sumKeep,
  transpose,
} from "./build.ts";
import { type Node, type OpName, type Shape, sizeOf, toposort } from "./node.ts";
import { ShapeError } from "./shape-rule.ts";

/**
 * The vector-Jacobian product of an op: from the gradient of its result, one gradient per input (null: none, as for
 * indices). It may build more than is used: what no result reaches is never run.
 */
type Vjp<K extends OpName> = (dy: Node, y: Node<K>) => readonly (Node | null)[];

const lastAxis = (x: Node): number[] => [x.shape.length - 1];
const sumLast = (x: Node): Node => sumKeep(x, lastAxis(x));
/** All leading axes as one: [..., D] -> [rows, D]. */
const asRows = (x: Node): Node =>
  reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape[x.shape.length - 1]!]);
/** Sums away what NumPy broadcasting added to a tensor of this shape. */
const sumTo = (x: Node, shape: Shape): Node => {
  const extra = x.shape.length - shape.length;
  const axes = x.shape.flatMap((d, i) => (i < extra || shape[i - extra] !== d ? [i] : []));
  return reshape(sumKeep(x, axes), shape);
};

/** Summed over all axes but the second: [B, C, ...] -> [C]. */
const perChannel = (x: Node): Node =>
  sum(
    x,
    x.shape.flatMap((_d, i) => (i === 1 ? [] : [i])),
  );
const lastTwo = ({ shape }: Node): readonly [number, number] => [shape.at(-2)!, shape.at(-1)!];

const vjps: { readonly [K in OpName]: Vjp<K> } = {
  input: () => [],
  param: () => [],
  constant: () => [],

  matmul: (dy, { inputs: [a, b], attrs: { transA, transB } }) => {
    const da = transA ? matmul(b!, dy, { a: transB, b: true }) : matmul(dy, b!, { b: !transB });
    // a matrix shared by a batch: one product over all rows, not a sum of a product per batch member
    const shared = b!.shape.length < a!.shape.length;
    const [x, g] = shared ? [asRows(a!), asRows(dy)] : [a!, dy];
    const db = transB ? matmul(g, x, { a: true, b: transA }) : matmul(x, g, { a: !transA });
    return [da, db];
  },

  add: (dy, { inputs: [a, b] }) => [sumTo(dy, a!.shape), sumTo(dy, b!.shape)],
  sub: (dy, { inputs: [a, b] }) => [sumTo(dy, a!.shape), mul(sumTo(dy, b!.shape), -1)],
  mul: (dy, { inputs: [a, b] }) => [sumTo(mul(dy, b!), a!.shape), sumTo(mul(dy, a!), b!.shape)],
  div: (dy, y) => {
    const [a, b] = y.inputs;
    const da = div(dy, b!);
    return [sumTo(da, a!.shape), mul(sumTo(mul(da, y), b!.shape), -1)];
  },

  exp: (dy, y) => [mul(dy, y)],
  log: (dy, { inputs: [x] }) => [div(dy, x!)],
  sqrt: (dy, y) => [div(mul(dy, 0.5), y)],
  sigmoid: (dy, y) => [mul(dy, mul(y, sub(1, y)))],
  silu: (dy, y) => {
    const s = sigmoid(y.inputs[0]!);
    return [mul(dy, add(s, mul(y, sub(1, s))))];
  },
  erf: (dy, { inputs: [x] }) => [mul(dy, mul(exp(mul(mul(x!, x!), -1)), 2 / Math.sqrt(Math.PI)))],
  softmax: (dy, y) => [mul(sub(dy, sumLast(mul(dy, y))), y)],
  logSoftmax: (dy, y) => [sub(dy, mul(exp(y), sumLast(dy)))],

  // With P = dy (x - mean), row by row: dgamma = sum of rstd P, dbeta = sum of dy, and
  // dx = rstd (dy gamma - mean(dy gamma) - (x - mean) rstd^2 mean(P gamma)). The means are matrix-vector products.
  layerNorm: (dy, { inputs: [x, gamma], attrs: { eps } }) => {
    const width = x!.shape.at(-1)!;
    const g = asRows(dy); // [M, D], as centred and p
    const centred = asRows(sub(x!, meanKeep(x!, lastAxis(x!))));
    const p = mul(g, centred);
    const scale = asRows(rstd(x!, eps)); // [M, 1]
    const meanWeights = reshape(mul(gamma!, 1 / width), [width, 1]);
    const slope = mul(mul(scale, scale), matmul(p, meanWeights)); // [M, 1]
    const inner = sub(sub(mul(g, gamma!), mul(centred, slope)), matmul(g, meanWeights));
    const dgamma = matmul(reshape(scale, [1, sizeOf(scale.shape)]), p); // [1, D]
    return [
      reshape(mul(inner, scale), x!.shape),
      reshape(dgamma, gamma!.shape),
      sumTo(dy, gamma!.shape),
    ];
  },
  rstd: (dy, y) => {
    const [x] = y.inputs;
    const centred = sub(x!, meanKeep(x!, lastAxis(x!)));
    const scale = mul(dy, mul(mul(mul(y, y), y), -1 / x!.shape.at(-1)!)); // [..., 1]
    return [mul(centred, scale)];
  },

  scaleGradient: (dy, { attrs: { factor } }) => [factor === 0 ? null : mul(dy, factor)],
  sum: (dy, { inputs: [x] }) => [broadcast(dy, x!.shape)],
  reshape: (dy, { inputs: [x] }) => [reshape(dy, x!.shape)],
  transpose: (dy, { attrs: { perm } }) => [
    transpose(
      dy,
      perm.map((_p, i) => perm.indexOf(i)),
    ),
  ],
  broadcast: (dy, { inputs: [x] }) => [sumTo(dy, x!.shape)],
  slice: (dy, { inputs: [x], attrs: { axis, start, end } }) => [
    pad(dy, axis, start, x!.shape[axis]! - end),
  ],
  pad: (dy, { inputs: [x], attrs: { axis, before } }) => [
    slice(dy, axis, before, before + x!.shape[axis]!),
  ],
  concat: (dy, { inputs, attrs: { axis } }) => {
    let start = 0;
    return inputs.map((x) => slice(dy, axis, start, (start += x.shape[axis]!)));
  },
  gather: (dy, { inputs: [table, ids] }) => [scatterAdd(dy, ids!, table!.shape[0]!), null],
  scatterAdd: (dy, { inputs: [, ids] }) => [gather(dy, ids!), null],

  relu: (dy, y) => [reluGrad(dy, y)],
  reluGrad: (dy, { inputs: [, y] }) => [reluGrad(dy, y!), null],
  conv2d: (dy, { inputs: [x, w, bias], attrs }) => [
    conv2dInputGrad(dy, w!, attrs, lastTwo(x!)),
    conv2dWeightGrad(dy, x!, attrs, lastTwo(w!)),
    ...(bias ? [perChannel(dy)] : []),
  ],
  conv2dInputGrad: (dy, { inputs: [x, w], attrs }) => [
    conv2d(dy, w!, null, attrs),
    conv2dWeightGrad(x!, dy, attrs, lastTwo(w!)),
  ],
  conv2dWeightGrad: (dy, { inputs: [y, x], attrs }) => [
    conv2d(x!, dy, null, attrs),
    conv2dInputGrad(y!, dy, attrs, lastTwo(x!)),
  ],
  maxPool: (dy, { inputs: [x], attrs }) => [maxPoolGrad(dy, x!, attrs)],
  maxPoolGrad: (_dy, { inputs }) => {
    throw new ShapeError("maxPoolGrad", "has no gradient of its own", inputs);
  },
  // of mean: dmean / N; of variance: dvariance 2 (x - mean) / N
  channelMoments: (dy, y) => {
    const [x] = y.inputs;
    const [mean, dmean, dvariance] = [slice(y, 0, 0, 1), slice(dy, 0, 0, 1), slice(dy, 0, 1, 2)];
    const channels = [x!.shape[1]!];
    const count = sizeOf(x!.shape) / channels[0]!;
    const scale = mul(dvariance, 2 / count); // [1, C]
    const shift = sub(mul(dmean, 1 / count), mul(scale, mean));
    return [channelAffine(x!, reshape(scale, channels), reshape(shift, channels))];
  },
  channelAffine: (dy, { inputs: [x, scale] }) => [
    channelAffine(dy, scale!, constant(0, scale!.shape)),
    perChannel(mul(dy, x!)),
    perChannel(dy),
  ],
};

/**
 * The gradient of a scalar with respect to each of `wrt` (float nodes, usually params), of the same shape; zeros where
 * no path leads. Only nodes that depend on `wrt` are differentiated, so nothing is built towards frozen weights or pixels.
 * Throws ShapeError when `loss` is not a scalar.
 */
export function grad(loss: Node, wrt: readonly Node[]): Node[] {
  if (loss.shape.length > 0) throw new ShapeError(loss.op, "a loss must be a scalar", [loss]);
  const order = toposort([loss]);
  const active = new Set(wrt);
  for (const node of order) if (node.inputs.some((x) => active.has(x))) active.add(node);

  const gradients = new Map<Node, Node>([[loss, constant(1)]]);
  for (const y of order.toReversed()) {
    const dy = gradients.get(y);
    if (!dy || !y.inputs.some((x) => active.has(x))) continue;
    vjp(dy, y).forEach((dx, i) => {
      const x = y.inputs[i]!;
      if (!dx || !active.has(x)) return;
      const known = gradients.get(x);
      gradients.set(x, known ? add(known, dx) : dx);
    });
  }
  return wrt.map((x) => gradients.get(x) ?? constant(0, x.shape));
}

const vjp = <K extends OpName>(dy: Node, y: Node<K>): readonly (Node | null)[] => vjps[y.op](dy, y);
