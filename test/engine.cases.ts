/** @file One or more small graphs for every op; a new op does not compile until it has its cases. */
import * as g from "../src/graph/build.ts";
import type { Convolution, Node, OpName, Pooling, Shape } from "../src/graph/node.ts";

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
const CONVOLUTIONS: readonly (readonly [string, Shape, Shape, Convolution])[] = [
  ["3 x 3", [2, 3, 5, 6], [4, 3, 3, 3], PLAIN],
  [
    "stride 2, padded",
    [2, 3, 6, 7],
    [4, 3, 3, 3],
    { ...PLAIN, stride: [2, 2], padding: [1, 1, 1, 1] },
  ],
  [
    "dilated, padded on one side",
    [1, 2, 6, 6],
    [2, 2, 3, 3],
    { ...PLAIN, dilation: [2, 2], padding: [0, 1, 1, 0] },
  ],
  ["2 groups", [2, 4, 4, 4], [6, 2, 3, 3], { ...PLAIN, groups: 2 }],
  ["by channel", [2, 3, 4, 4], [3, 1, 2, 2], { ...PLAIN, groups: 3, stride: [2, 2] }],
];
const HALVING: Pooling = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] };

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
  conv2d: CONVOLUTIONS.map(([name, x, w, attrs]) =>
    over(name, [x, w, [w[0]!]], (a, b, bias) => g.conv2d(a!, b!, bias!, attrs)),
  ),
  conv2dInputGrad: CONVOLUTIONS.map(([name, x, w, attrs]) => {
    const { shape } = g.conv2d(g.param("x", x), g.param("w", w), null, attrs);
    return over(name, [shape, w], (dy, b) => g.conv2dInputGrad(dy!, b!, attrs, [x[2]!, x[3]!]));
  }),
  conv2dWeightGrad: CONVOLUTIONS.map(([name, x, w, attrs]) => {
    const { shape } = g.conv2d(g.param("x", x), g.param("w", w), null, attrs);
    return over(name, [shape, x], (dy, a) => g.conv2dWeightGrad(dy!, a!, attrs, [w[2]!, w[3]!]));
  }),
  maxPool: [over("2 x 2", [[2, 3, 4, 5]], (x) => g.maxPool(x!, HALVING))],
  maxPoolGrad: [
    over("2 x 2", [[]], (p) =>
      g.mul(p!, g.maxPoolGrad(g.input("dy", [2, 3, 2, 2]), g.input("x", [2, 3, 4, 5]), HALVING)),
    ),
  ],
  channelMoments: [over("[2, 3, 4, 5]", [[2, 3, 4, 5]], g.channelMoments as (x?: Node) => Node)],
  channelAffine: [
    over("[2, 3, 4, 5]", [[2, 3, 4, 5], [3], [3]], (x, a, b) => g.channelAffine(x!, a!, b!)),
  ],
};
