/** @file One or more small graphs for every op; a new op does not compile until it has its cases. */
import * as g from "../src/graph/build.ts";
import {
  type Convolution,
  type Node,
  type OpName,
  type Pooling,
  type Shape,
  sizeOf,
} from "../src/graph/node.ts";

export interface Case {
  readonly name: string;
  /** What is fed and differentiated. */
  readonly params: readonly Node[];
  readonly output: Node;
}

/** `ids` are fed row numbers below `ROWS`, some of them twice. */
export const ROWS = 5;

const over = (name: string, shapes: readonly Shape[], build: (...params: Node[]) => Node): Case => {
  const params = shapes.map((shape, i) => g.param(`p${i}`, shape));
  return { name, params, output: build(...params) };
};
const unary = (build: (x: Node) => Node): Case[] => [
  over("[3, 4]", [[3, 4]], build),
  over("[2, 3, 5]", [[2, 3, 5]], build),
];
const positive = (x: Node): Node => g.add(g.mul(x, x), 0.5);

const BROADCASTS: readonly (readonly [Shape, Shape])[] = [
  [
    [3, 4],
    [3, 4],
  ],
  [[3, 4], [4]],
  [[4], [3, 4]],
  [
    [3, 1],
    [3, 4],
  ],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [[2, 3], []],
  [[], [2, 3]],
  [[1], [1, 1]],
];
const binary = (build: (a: Node, b: Node) => Node): Case[] => [
  ...BROADCASTS.map((shapes) =>
    over(shapes.map((s) => `[${s.join(", ")}]`).join(" x "), shapes, (a, b) => build(a!, b!)),
  ),
  over("with itself", [[3, 4]], (x) => build(x!, x!)),
];

const TRANS = [false, true].flatMap((a) => [false, true].map((b) => ({ a, b })));
const products = (batchA: Shape, batchB: Shape, m = 3, k = 4, n = 5): Case[] =>
  TRANS.filter(({ a }) => !a || batchA.length === batchB.length).map(({ a, b }) => {
    const left = [...batchA, ...(a ? [k, m] : [m, k])];
    const right = [...batchB, ...(b ? [n, k] : [k, n])];
    return over(
      `[${left.join(", ")}]${a ? "^T" : ""} x [${right.join(", ")}]${b ? "^T" : ""}`,
      [left, right],
      (x, y) => g.matmul(x!, y!, { a, b }),
    );
  });

const PLAIN: Convolution = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 };
const SAME: Convolution = { ...PLAIN, padding: [1, 1, 1, 1] };
/** Name, x [B, C, H, W], w [O, C / groups, kh, kw]. */
const CONVOLUTIONS: readonly (readonly [string, Shape, Shape, Convolution])[] = [
  ["3 x 3", [2, 3, 5, 6], [4, 3, 3, 3], PLAIN],
  ["3 x 3, same size, odd", [1, 2, 5, 3], [3, 2, 3, 3], SAME],
  ["1 x 1", [2, 3, 3, 4], [2, 3, 1, 1], PLAIN],
  ["1 x 1 inside padding", [1, 2, 3, 3], [2, 2, 1, 1], { ...SAME, padding: [1, 2, 0, 1] }],
  [
    "windows in the padding alone",
    [2, 2, 2, 2],
    [2, 2, 1, 2],
    { ...PLAIN, stride: [1, 3], padding: [0, 2, 2, 0] },
  ],
  ["5 x 5, larger than the image", [2, 1, 4, 3], [2, 1, 5, 5], { ...SAME, padding: [2, 2, 2, 2] }],
  ["the whole image", [2, 3, 4, 2], [3, 3, 4, 2], PLAIN],
  ["2 x 3, padded on one side", [2, 2, 4, 5], [2, 2, 2, 3], { ...PLAIN, padding: [1, 0, 0, 2] }],
  ["stride 2", [2, 3, 6, 7], [4, 3, 3, 3], { ...SAME, stride: [2, 2] }],
  ["stride 2, rows left over", [1, 2, 6, 5], [2, 2, 2, 2], { ...PLAIN, stride: [2, 2] }],
  ["stride 3 over 1 x 1", [1, 2, 7, 5], [3, 2, 1, 1], { ...PLAIN, stride: [3, 3] }],
  ["strides that differ", [1, 2, 5, 6], [2, 2, 3, 2], { ...SAME, stride: [1, 3] }],
  [
    "dilated, padded on one side",
    [1, 2, 6, 6],
    [2, 2, 3, 3],
    { ...PLAIN, dilation: [2, 2], padding: [0, 1, 1, 0] },
  ],
  [
    "dilated, with stride",
    [1, 2, 7, 8],
    [2, 2, 2, 3],
    { ...SAME, dilation: [3, 2], stride: [2, 2] },
  ],
  ["2 groups", [2, 4, 4, 4], [6, 2, 3, 3], { ...PLAIN, groups: 2 }],
  ["2 groups, stride 2", [1, 4, 5, 5], [4, 2, 3, 3], { ...SAME, groups: 2, stride: [2, 2] }],
  ["by channel", [2, 3, 4, 4], [3, 1, 2, 2], { ...PLAIN, groups: 3, stride: [2, 2] }],
  ["by channel, same size", [2, 3, 4, 3], [3, 1, 3, 3], { ...SAME, groups: 3 }],
  [
    "by channel, twice each, strides that differ, dilated",
    [2, 2, 6, 5],
    [4, 1, 2, 3],
    { stride: [2, 1], padding: [0, 1, 1, 1], dilation: [2, 1], groups: 2 },
  ],
];

const HALVING: Pooling = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] };
/** Name, x [B, C, H, W]. */
const POOLS: readonly (readonly [string, Shape, Pooling])[] = [
  ["2 x 2", [2, 3, 4, 5], HALVING],
  ["overlapping, padded", [2, 2, 5, 6], { ...HALVING, kernel: [3, 3], padding: [1, 1, 1, 1] }],
  ["padded on one side", [1, 2, 3, 4], { ...HALVING, padding: [0, 1, 1, 0] }],
  ["3 x 2 at every place", [1, 2, 4, 4], { ...HALVING, kernel: [3, 2], stride: [1, 1] }],
  ["windows apart", [1, 1, 5, 7], { ...HALVING, stride: [3, 4] }],
  ["1 x 1", [1, 2, 4, 5], { ...HALVING, kernel: [1, 1] }],
  ["the whole image", [2, 2, 3, 4], { ...HALVING, kernel: [3, 4] }],
];
/** Whole numbers from -2 to 0, so that windows have several largest values. */
const ties = (shape: Shape): Node =>
  g.constant(
    Array.from({ length: sizeOf(shape) }, (_v, i) => -((i * i + i) % 3)),
    shape,
  );

/** Two blocks of a convolutional net and its head: every order of axes meets every other. */
const net = (...[x, w1, gamma, beta, w2, dense]: Node[]): Node => {
  const h1 = g.conv2d(x!, w1!, null, SAME);
  const h2 = g.maxPool(g.relu(g.batchNorm(h1, g.momentsOf(h1), gamma!, beta!, 1e-3)), HALVING);
  const h3 = g.mul(g.add(h2, g.conv2d(h2, w2!, beta!, SAME)), 0.5);
  return g.linear(g.concat([g.globalAvgPool(h3), g.flatten(h3)], 1), dense!);
};

export const cases: { readonly [K in OpName]: readonly Case[] } = {
  input: [over("beside a param", [[3]], (p) => g.mul(p, g.input("x", [2, 3])))],
  param: [over("returned as it is", [[3]], (p) => p)],
  constant: [
    over("scalar", [[2, 2]], (p) => g.mul(p, g.constant(-1.5))),
    over("filled", [[3]], (p) => g.mul(p, g.constant(2, [2, 3]))),
    over("values", [[3]], (p) => g.add(p, g.constant([1, 2, 3, 4, 5, 6], [2, 3]))),
  ],
  matmul: [
    ...products([], []),
    ...products([2], [2]),
    ...products([2, 3], [2, 3]),
    ...products([2], []),
    ...products([2, 3], []),
    ...products([], [], 1, 6, 1),
    ...products([2], [2], 1, 1, 4),
    // sequence-first heads, as attention reads them, and on other sides; [M, batch, K] -> [batch, M, K]
    ...TRANS.map(({ a, b }) =>
      over(
        `of transposed batches${a ? ", transA" : ""}${b ? ", transB" : ""}`,
        [a ? [4, 2, 3] : [3, 2, 4], b ? [5, 2, 4] : [4, 2, 5]],
        (x, y) => g.matmul(g.transpose(x!, [1, 0, 2]), g.transpose(y!, [1, 0, 2]), { a, b }),
      ),
    ),
    over(
      "of one transposed batch",
      [
        [3, 2, 2, 4],
        [2, 2, 4, 5],
      ],
      (x, y) => g.matmul(g.transpose(x!, [1, 2, 0, 3]), y!),
    ),
    over(
      "a transposed batch by a matrix",
      [
        [3, 2, 4],
        [4, 5],
      ],
      (x, w) => g.matmul(g.transpose(x!, [1, 0, 2]), w!),
    ),
    over("scaled, of scaled sides, with a bias", [[3, 4], [5, 4], [5]], (x, w, b) =>
      g.add(g.mul(g.matmul(g.mul(x!, 2), g.mul(w!, 0.5), { b: true }), 3), b!),
    ),
    over(
      "scaled batches",
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
      (x, y) => g.mul(g.matmul(g.mul(x!, 2), y!), 0.3),
    ),
    over("with a vector that is no bias", [[3, 1], [1, 4], [1]], (x, y, c) =>
      g.add(g.matmul(x!, y!), c!),
    ),
    over("with itself", [[3, 3]], (x) => g.matmul(x!, x!, { b: true })),
    over("linear", [[2, 3, 4], [5, 4], [5]], (x, w, b) => g.linear(x!, w!, b)),
    over("linear, rows", [[3, 4], [5, 4], [5]], (x, w, b) => g.linear(x!, w!, b)),
    over("product used twice beside its bias", [[3, 4], [5, 4], [5]], (x, w, b) => {
      const y = g.linear(x!, w!);
      return g.mul(g.add(y, b!), y);
    }),
  ],
  add: binary(g.add),
  sub: binary(g.sub),
  mul: binary(g.mul),
  div: binary((a, b) => g.div(a, positive(b))),
  exp: unary(g.exp),
  log: unary((x) => g.log(positive(x))),
  sqrt: unary((x) => g.sqrt(positive(x))),
  sigmoid: unary(g.sigmoid),
  silu: [...unary(g.silu), ...unary(g.quickGelu)],
  erf: [...unary(g.erf), ...unary((x) => g.erf(g.mul(x, 4))), ...unary(g.gelu)],
  softmax: [...unary(g.softmax), over("one class", [[3, 1]], g.softmax)],
  logSoftmax: unary(g.logSoftmax),
  layerNorm: [
    ...([[6], [3, 6], [2, 3, 6]] as const).map((shape) =>
      over(`[${shape.join(", ")}]`, [shape, [6], [6]], (x, gamma, beta) =>
        g.layerNorm(x!, gamma!, beta!, 1e-5),
      ),
    ),
    over("two norms of one input", [[3, 6], [6], [6]], (x, gamma, beta) =>
      g.mul(g.layerNorm(x!, gamma!, beta!, 1e-5), g.layerNorm(x!, beta!, gamma!, 1e-3)),
    ),
    over("scaled by its own input's spread", [[6]], (x) =>
      g.layerNorm(x!, g.mul(x!, g.rstd(x!, 1e-5)), x!, 1e-5),
    ),
  ],
  rstd: [
    over("[3, 4]", [[3, 4]], (x) => g.rstd(x!, 1e-5)),
    over("[2, 3, 5]", [[2, 3, 5]], (x) => g.mul(x!, g.rstd(x!, 1e-2))),
  ],
  scaleGradient: [
    // 2 x + 3 x has the slope 5 = -1 * 2 + 7/3 * 3
    over("reversed and grown, to the same slope in all", [[3, 4]], (x) =>
      g.add(g.mul(g.scaleGradient(x!, -1), 2), g.mul(g.scaleGradient(x!, 7 / 3), 3)),
    ),
    over("of a product with a bias", [[3, 4], [5, 4], [5]], (x, w, b) =>
      g.add(g.scaleGradient(g.linear(x!, w!), 1), b!),
    ),
    over("stopped on the way to what does not change", [[3, 4]], (x) =>
      g.add(x!, g.mul(g.sum(g.stopGradient(g.softmax(x!))), 2)),
    ),
  ],
  sum: [
    over("all", [[2, 3]], (x) => g.sum(x!)),
    over("none", [[2, 3]], (x) => g.node("sum", { axes: [] }, x!)),
    over("of a multiple", [[2, 3, 4]], (x) => g.sum(g.mul(x!, -3), [0, 1])),
    over("a scalar", [[]], (x) => g.sum(x!)),
    over("leading", [[4, 3]], (x) => g.sumKeep(x!, [0])),
    over("beside a norm of the same rows", [[2, 4, 3], [3], [3]], (x, gamma, beta) =>
      g.mul(g.meanKeep(x!, [2]), g.layerNorm(x!, gamma!, beta!, 1e-5)),
    ),
    over("two leading", [[2, 4, 3]], (x) => g.sumKeep(x!, [0, 1])),
    over("last", [[4, 3]], (x) => g.sumKeep(x!, [1])),
    over("middle", [[2, 4, 3]], (x) => g.sum(x!, [1])),
    over("first and last", [[2, 4, 3]], (x) => g.sumKeep(x!, [2, 0])),
    over("mean", [[2, 4, 3]], (x) => g.mean(x!)),
  ],
  reshape: [over("[2, 6] to [3, 2, 2]", [[2, 6]], (x) => g.reshape(x!, [3, 2, 2]))],
  transpose: [
    over("[2, 3]", [[2, 3]], (x) => g.transpose(x!, [1, 0])),
    over("[2, 3, 4, 2]", [[2, 3, 4, 2]], (x) => g.transpose(x!, [2, 0, 3, 1])),
  ],
  broadcast: [
    over("[3, 1] to [2, 3, 4]", [[3, 1]], (x) => g.broadcast(x!, [2, 3, 4])),
    over("scalar", [[]], (x) => g.broadcast(x!, [2, 3])),
    over("under an elementwise op", [[3], [2, 3]], (x, y) => g.mul(g.broadcast(x!, [2, 3]), y!)),
    over("that alone sets the shape", [[3], [3]], (x, y) => g.mul(g.broadcast(x!, [2, 3]), y!)),
  ],
  slice: [0, 1, 2].map((axis) => over(`axis ${axis}`, [[4, 5, 3]], (x) => g.slice(x!, axis, 1, 3))),
  pad: [0, 1, 2].map((axis) => over(`axis ${axis}`, [[2, 3, 2]], (x) => g.pad(x!, axis, 1, 2))),
  concat: [
    ...[0, 1].map((axis) =>
      over(`axis ${axis}`, [[2, 3], axis === 0 ? [1, 3] : [2, 1]], (a, b) =>
        g.concat([a!, b!, a!], axis),
      ),
    ),
    over("of one", [[2, 3]], (x) => g.concat([x!], 0)),
  ],
  gather: [
    over("rows", [[ROWS, 3]], (x) => g.gather(x!, g.input("ids", [4], "int"))),
    over("rows of rows", [[ROWS, 3]], (x) => g.gather(x!, g.input("ids", [2, 4], "int"))),
  ],
  scatterAdd: [
    over("rows", [[4, 3]], (x) => g.scatterAdd(x!, g.input("ids", [4], "int"), ROWS)),
    over("rows of rows", [[2, 4, 3]], (x) => g.scatterAdd(x!, g.input("ids", [2, 4], "int"), ROWS)),
  ],
  relu: unary(g.relu),
  reluGrad: [
    over(
      "by a result",
      [
        [3, 4],
        [3, 4],
      ],
      (dy, x) => g.reluGrad(dy!, g.relu(x!)),
    ),
  ],
  conv2d: [
    ...CONVOLUTIONS.map(([name, x, w, attrs]) =>
      over(name, [x, w, [w[0]!]], (a, b, bias) => g.conv2d(a!, b!, bias!, attrs)),
    ),
    over(
      "without a bias",
      [
        [2, 3, 4, 4],
        [2, 3, 3, 3],
      ],
      (x, w) => g.conv2d(x!, w!, null, SAME),
    ),
    over("means of windows", [[2, 3, 5, 4]], (x) =>
      g.avgPool(x!, { kernel: [3, 2], stride: [2, 1], padding: [1, 0, 1, 1] }),
    ),
    over("a net", [[2, 2, 4, 6], [3, 2, 3, 3], [3], [3], [3, 3, 3, 3], [2, 21]], net),
    over(
      "a map added, broadcast and turned",
      [[2, 2, 3, 4], [3, 2, 3, 3], [3, 1, 1], [4]],
      (x, w, c, row) => {
        const y = g.conv2d(x!, w!, null, SAME);
        const moved = g.add(g.mul(y, g.broadcast(c!, y.shape)), g.broadcast(row!, y.shape));
        return g.transpose(moved, [0, 1, 3, 2]);
      },
    ),
    over(
      "maps of other sizes meet",
      [
        [2, 2, 3, 4],
        [3, 2, 3, 3],
        [1, 2, 3, 3],
        [2, 3, 1, 1],
      ],
      (x, w, v, c) => {
        const [a, b] = [g.conv2d(x!, w!, null, SAME), g.conv2d(x!, v!, null, SAME)];
        return g.div(g.sub(g.mul(a, b), g.mul(c!, a)), positive(g.sumKeep(a, [3])));
      },
    ),
  ],
  conv2dInputGrad: CONVOLUTIONS.map(([name, x, w, attrs]) => {
    const { shape } = g.conv2d(g.param("x", x), g.param("w", w), null, attrs);
    return over(name, [shape, w], (dy, b) => g.conv2dInputGrad(dy!, b!, attrs, [x[2]!, x[3]!]));
  }),
  conv2dWeightGrad: CONVOLUTIONS.map(([name, x, w, attrs]) => {
    const { shape } = g.conv2d(g.param("x", x), g.param("w", w), null, attrs);
    return over(name, [shape, x], (dy, a) => g.conv2dWeightGrad(dy!, a!, attrs, [w[2]!, w[3]!]));
  }),
  maxPool: [
    ...POOLS.map(([name, x, attrs]) => over(name, [x], (p) => g.maxPool(p!, attrs))),
    ...POOLS.map(([name, x, attrs]) =>
      over(`${name}, all below 0`, [x], (p) => g.maxPool(g.sub(p!, 10), attrs)),
    ),
  ],
  // not differentiated by dy and x, where it has no slope: scaled
  maxPoolGrad: POOLS.map(([name, x, attrs]) =>
    over(`${name}, equal values`, [[]], (p) => {
      const { shape } = g.maxPool(ties(x), attrs);
      return g.mul(p!, g.maxPoolGrad(g.input("dy", shape), ties(x), attrs));
    }),
  ),
  channelMoments: [
    [4, 3],
    [2, 3, 4],
    [2, 3, 4, 5],
    [1, 3, 2, 2],
    [1, 3],
  ].map((shape) => over(`[${shape.join(", ")}]`, [shape], (x) => g.channelMoments(x!))),
  channelAffine: [
    ...[
      [4, 3],
      [2, 3, 4],
      [2, 3, 4, 5],
    ].map((shape) =>
      over(`[${shape.join(", ")}]`, [shape, [3], [3]], (x, a, b) => g.channelAffine(x!, a!, b!)),
    ),
    over("of its own moments", [[2, 3, 2, 3], [3], [3]], (x, gamma, beta) =>
      g.batchNorm(x!, g.momentsOf(x!), gamma!, beta!, 1e-2),
    ),
  ],
};
