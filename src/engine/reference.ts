/** @file The reference engine: every op in float64, written to be obviously right. The yardstick of the other engines. */
import { type Node, type OpName, type Shape, sizeOf } from "../graph/node.ts";
import { type VerifiedGraph, isFeed, verify } from "../graph/verify.ts";
import type { Engine, Program, Tensor } from "./engine.ts";
import { checkInto, checkedFeeds } from "./feeds.ts";
import { hostEngine } from "./host.ts";
import {
  channelAffine,
  channelMoments,
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  maxPool,
  maxPoolGrad,
} from "./reference-windows.ts";

/** Row-major; the shape is the node's. Indices are whole numbers. */
type Values = Float64Array;
type Computed = Exclude<OpName, "input" | "param">;
type Kernel<K extends OpName> = (node: Node<K>, ...inputs: Values[]) => Values;

const stridesOf = (shape: Shape): number[] => shape.map((_d, i) => sizeOf(shape.slice(i + 1)));
/** Strides that read a tensor as if it were broadcast to `rank` axes: 0 where it has one element. */
const broadcastStrides = (shape: Shape, rank: number): number[] => [
  ...Array<number>(rank - shape.length).fill(0),
  ...stridesOf(shape).map((stride, i) => (shape[i] === 1 ? 0 : stride)),
];
/** start + sum of coordinate x stride, for every coordinate of `shape` in row-major order. */
function offsets(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  let known = Int32Array.of(start);
  shape.forEach((size, axis) => {
    const next = new Int32Array(known.length * size);
    for (let i = 0; i < next.length; i++)
      next[i] = known[Math.floor(i / size)]! + (i % size) * strides[axis]!;
    known = next;
  });
  return known;
}
const pick = (x: Values, at: Int32Array): Values => Float64Array.from(at, (i) => x[i]!);
const broadcastTo = (x: Values, from: Shape, to: Shape): Values =>
  pick(x, offsets(to, broadcastStrides(from, to.length)));
const lastAxis = (node: Node): number => node.shape.at(-1)!;

const map =
  (f: (x: number) => number) =>
  (_node: Node, x?: Values): Values =>
    x!.map(f);
const zip =
  (f: (a: number, b: number) => number) =>
  ({ inputs, shape }: Node, a?: Values, b?: Values): Values => {
    const y = broadcastTo(b!, inputs[1]!.shape, shape);
    return broadcastTo(a!, inputs[0]!.shape, shape).map((v, i) => f(v, y[i]!));
  };
/** Applies a function to each row of `width` values and joins the results, which are equally long. */
function perRow(x: Values, width: number, f: (row: Values) => ArrayLike<number>): Values {
  const rows = Array.from({ length: x.length / width }, (_r, i) =>
    f(x.subarray(i * width, (i + 1) * width)),
  );
  const size = rows[0]!.length;
  const out = new Float64Array(rows.length * size);
  rows.forEach((row, i) => out.set(row, i * size));
  return out;
}
const mean = (row: Values): number => row.reduce((s, v) => s + v, 0) / row.length;
const rstdOf = (row: Values, eps: number): number => {
  const m = mean(row);
  return 1 / Math.sqrt(row.reduce((s, v) => s + (v - m) ** 2, 0) / row.length + eps);
};
const logSumExp = (row: Values): number => {
  const max = row.reduce((a, b) => Math.max(a, b));
  return max + Math.log(row.reduce((s, v) => s + Math.exp(v - max), 0));
};

/**
 * Gauss error function to float64 accuracy: the Maclaurin series of erf for |x| < 3, the continued fraction of erfc
 * beyond (Abramowitz and Stegun 7.1.6, 7.1.14).
 */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  if (Math.abs(x) < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return ((2 * sum) / Math.sqrt(Math.PI)) * Math.exp(-x * x);
  }
  let tail = 0;
  for (let n = 60; n > 0; n--) tail = n / 2 / (Math.abs(x) + tail);
  const erfc = Math.exp(-x * x) / (Math.sqrt(Math.PI) * (Math.abs(x) + tail));
  return Math.sign(x) * (1 - erfc);
}

const kernels: { readonly [K in Computed]: Kernel<K> } = {
  constant: ({ attrs }) => Float64Array.from(attrs.data),

  matmul: (node, a, b) => {
    const [m, n] = node.shape.slice(-2) as [number, number];
    const { transA, transB } = node.attrs;
    const k = node.inputs[0]!.shape.at(transA ? -2 : -1)!;
    const [aRow, aCol] = transA ? [1, m] : [k, 1];
    const [bRow, bCol] = transB ? [1, k] : [n, 1];
    const shared = b!.length === k * n;
    const out = new Float64Array(sizeOf(node.shape));
    for (let batch = 0; batch < out.length / (m * n); batch++)
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          let p = batch * m * k + i * aRow;
          let q = (shared ? 0 : batch * k * n) + j * bCol;
          for (let l = 0; l < k; l++, p += aCol, q += bRow) sum += a![p]! * b![q]!;
          out[(batch * m + i) * n + j] = sum;
        }
    return out;
  },

  add: zip((a, b) => a + b),
  sub: zip((a, b) => a - b),
  mul: zip((a, b) => a * b),
  div: zip((a, b) => a / b),
  exp: map(Math.exp),
  log: map(Math.log),
  sqrt: map(Math.sqrt),
  sigmoid: map((x) => 1 / (1 + Math.exp(-x))),
  silu: map((x) => x / (1 + Math.exp(-x))),
  erf: map(erf),

  softmax: (node, x) =>
    perRow(x!, lastAxis(node), (row) => {
      const total = logSumExp(row);
      return row.map((v) => Math.exp(v - total));
    }),
  logSoftmax: (node, x) =>
    perRow(x!, lastAxis(node), (row) => {
      const total = logSumExp(row);
      return row.map((v) => v - total);
    }),
  layerNorm: (node, x, gamma, beta) =>
    perRow(x!, lastAxis(node), (row) => {
      const m = mean(row);
      const scale = rstdOf(row, node.attrs.eps);
      return row.map((v, i) => (v - m) * scale * gamma![i]! + beta![i]!);
    }),
  rstd: ({ inputs, attrs }, x) =>
    perRow(x!, lastAxis(inputs[0]!), (row) => [rstdOf(row, attrs.eps)]),

  sum: ({ inputs, shape }, x) => {
    const out = new Float64Array(sizeOf(shape));
    const target = offsets(inputs[0]!.shape, broadcastStrides(shape, shape.length));
    x!.forEach((v, i) => (out[target[i]!]! += v));
    return out;
  },
  scaleGradient: (_node, x) => x!,
  reshape: (_node, x) => x!,
  transpose: ({ inputs, shape, attrs }, x) => {
    const strides = stridesOf(inputs[0]!.shape);
    return pick(
      x!,
      offsets(
        shape,
        attrs.perm.map((p) => strides[p]!),
      ),
    );
  },
  broadcast: ({ inputs, shape }, x) => broadcastTo(x!, inputs[0]!.shape, shape),
  slice: ({ inputs, shape, attrs }, x) => {
    const strides = stridesOf(inputs[0]!.shape);
    return pick(x!, offsets(shape, strides, attrs.start * strides[attrs.axis]!));
  },
  pad: (node, x) => place(node, [x!], node.attrs.axis, node.attrs.before),
  concat: (node, ...xs) => place(node, xs, node.attrs.axis, 0),
  gather: ({ inputs }, table, ids) => {
    const width = inputs[0]!.shape[1]!;
    return perRow(ids!, 1, ([id]) => table!.subarray(id! * width, (id! + 1) * width));
  },
  scatterAdd: (node, updates, ids) => {
    const width = lastAxis(node);
    const out = new Float64Array(sizeOf(node.shape));
    updates!.forEach((v, i) => (out[ids![Math.floor(i / width)]! * width + (i % width)]! += v));
    return out;
  },
  relu: map((x) => Math.max(0, x)),
  reluGrad: (_node, dy, y) => dy!.map((v, i) => (y![i]! > 0 ? v : 0)),
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  maxPool,
  maxPoolGrad,
  channelMoments,
  channelAffine,
};

/** Zeros with the inputs side by side along an axis, from `start` on. */
function place(node: Node, xs: readonly Values[], axis: number, start: number): Values {
  const strides = stridesOf(node.shape);
  const out = new Float64Array(sizeOf(node.shape));
  let from = start;
  xs.forEach((x, i) => {
    const { shape } = node.inputs[i]!;
    const target = offsets(shape, strides, from * strides[axis]!);
    x.forEach((v, j) => (out[target[j]!] = v));
    from += shape[axis]!;
  });
  return out;
}

const compute = <K extends Computed>(node: Node<K>, inputs: Values[]): Values =>
  kernels[node.op](node, ...inputs);

function evaluate({ nodes }: VerifiedGraph, fed: ReadonlyMap<string, Tensor>): Map<Node, Values> {
  const values = new Map<Node, Values>();
  for (const node of nodes)
    values.set(
      node,
      isFeed(node)
        ? Float64Array.from(fed.get(node.attrs.name)!.data)
        : compute(
            node as Node<Computed>,
            node.inputs.map((x) => values.get(x)!),
          ),
    );
  return values;
}

async function compile(outputs: Readonly<Record<string, Node>>): Promise<Program> {
  const graph = verify(outputs);
  return {
    run: async (feeds, into = {}) => {
      const fed = checkedFeeds(graph, feeds);
      checkInto(outputs, into, fed);
      const values = evaluate(graph, new Map(fed));
      const results = Object.entries(outputs).map(([name, node]): [string, Tensor] => {
        const value = values.get(node)!;
        const target = into[name];
        target?.data.set(value);
        return [name, target ?? { shape: node.shape, data: value.slice() }];
      });
      return Object.fromEntries(results);
    },
    dispose: async () => {},
  };
}

/** Computes in float64 on one thread; results are Float64Array unless written `into` something narrower. */
export const reference: Engine = hostEngine("reference", "float64", compile);
