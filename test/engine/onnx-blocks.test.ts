/** @file Convolutional nets with as many channels as onnxruntime's own layout of images takes, beside the reference. */
import { describe, expect, test } from "vitest";
import { blockSize } from "../../src/engine/onnx/block-size.ts";
import type { Engine, Tensor } from "../../src/engine/engine.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { lower } from "../../src/engine/onnx/lower.ts";
import { reference } from "../../src/engine/reference.ts";
import { grad } from "../../src/graph/autodiff.ts";
import * as g from "../../src/graph/build.ts";
import {
  type Convolution,
  type Node,
  type Pooling,
  type Shape,
  sizeOf,
} from "../../src/graph/node.ts";
import { verify } from "../../src/graph/verify.ts";
import { random } from "../../src/run/random.ts";

type Outputs = Readonly<Record<string, Node>>;
type Tensors = Record<string, Tensor>;

const PLAIN: Convolution = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 };
const SAME: Convolution = { ...PLAIN, padding: [1, 1, 1, 1] };
const HALVING: Pooling = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] };

const drawn = (name: string, shape: Shape): Tensor => {
  const { normal } = random(1, name);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, normal) };
};
const feedsOf = (outputs: Outputs): Tensors =>
  Object.fromEntries(
    Array.from(verify(outputs).feeds, ([name, { shape }]) => [name, drawn(name, shape)]),
  );
async function run(engine: Engine, outputs: Outputs, feeds: Tensors): Promise<Tensors> {
  const program = await engine.compile(outputs);
  const results = await program.run(feeds);
  await program.dispose();
  return results;
}

/** A result weighted differently at each place, its gradients by all params, and gradients of those. */
function differentiated(output: Node, params: Readonly<Record<string, Node>>, twice = true) {
  const weighed = (x: Node, name: string): Node =>
    g.sum(g.mul(x, g.constant([...drawn(name, x.shape).data], x.shape)));
  const loss = weighed(output, "weights");
  const names = Object.keys(params);
  const first = grad(loss, Object.values(params));
  const named = (order: string, gradients: readonly Node[]) =>
    Object.fromEntries(names.map((name, i) => [`${order} ${name}`, gradients[i]!]));
  const slopes = () =>
    grad(
      first.reduce((sum, d, i) => g.add(sum, weighed(d, `slope ${i}`)), g.constant(0)),
      Object.values(params),
    );
  return { output, ...named("d", first), ...(twice ? named("dd", slopes()) : {}) };
}

async function agree(outputs: Outputs): Promise<void> {
  const feeds = feedsOf(outputs);
  const [got, want] = await Promise.all([
    run(onnxEngine({ threads: 2 }), outputs, feeds),
    run(reference, outputs, feeds),
  ]);
  for (const [name, { data }] of Object.entries(want)) {
    // not by spreading: kernels are more than a call takes
    const largest = (of: (v: number, i: number) => number): number =>
      [...data].reduce((most, v, i) => Math.max(most, of(v, i)), 0);
    const scale = Math.max(1e-3, largest(Math.abs));
    const apart = largest((v, i) => Math.abs(got[name]!.data[i]! - v));
    expect(apart / scale, name).toBeLessThan(1e-5);
  }
}

describe("one convolution", () => {
  const shapes: readonly (readonly [string, Shape, Shape, Convolution])[] = [
    ["3 x 3 from blocks to blocks", [2, 16, 5, 6], [32, 16, 3, 3], SAME],
    ["of few channels", [3, 3, 6, 5], [16, 3, 3, 3], PLAIN],
    ["of one channel", [3, 1, 6, 5], [32, 1, 3, 3], SAME],
    ["of channels that fill no block", [2, 20, 4, 4], [16, 20, 3, 3], SAME],
    ["to channels that fill no block", [2, 16, 4, 4], [20, 16, 3, 3], SAME],
    ["1 x 1, stride 2", [2, 16, 5, 5], [32, 16, 1, 1], { ...PLAIN, stride: [2, 2] }],
    ["3 x 3, stride 2", [2, 16, 6, 7], [16, 16, 3, 3], { ...SAME, stride: [2, 2] }],
    [
      "7 x 7, stride 2, larger than the image",
      [2, 3, 6, 5],
      [16, 3, 7, 7],
      { ...SAME, padding: [3, 3, 3, 3], stride: [2, 2] },
    ],
    [
      "dilated, padded on one side",
      [2, 16, 7, 6],
      [16, 16, 3, 2],
      { ...PLAIN, dilation: [2, 3], padding: [2, 0, 1, 3] },
    ],
    [
      "padded beyond its kernel",
      [2, 16, 3, 3],
      [16, 16, 2, 2],
      { ...PLAIN, padding: [2, 1, 0, 2] },
    ],
    ["2 groups", [2, 32, 4, 4], [32, 16, 3, 3], { ...SAME, groups: 2 }],
    ["by channel", [2, 16, 4, 4], [16, 1, 3, 3], { ...SAME, groups: 16 }],
    ["of many kernels over few places", [3, 256, 3, 4], [512, 256, 3, 3], SAME],
    [
      "of many kernels over few places, with steps, the last column unreached",
      [2, 256, 5, 6],
      [512, 256, 3, 3],
      { ...SAME, stride: [2, 2] },
    ],
    [
      "of many kernels over few places, dilated, padded on one side",
      [2, 256, 4, 5],
      [512, 256, 3, 3],
      { ...PLAIN, stride: [2, 1], dilation: [1, 2], padding: [1, 0, 0, 2] },
    ],
    ["of many kernels of one place", [3, 1024, 2, 2], [1024, 1024, 1, 1], PLAIN],
    // as many places as let a batch be summed in parts
    ["of large images", [4, 3, 36, 34], [16, 3, 3, 3], SAME],
    ["of large images, 2 groups", [3, 2, 36, 34], [4, 1, 3, 3], { ...SAME, groups: 2 }],
  ];
  test.each(shapes)("%s: gradients, and theirs", async (_name, x, w, attrs) => {
    const params = { x: g.param("x", x), w: g.param("w", w), bias: g.param("bias", [w[0]!]) };
    const y = g.conv2d(params.x, params.w, params.bias, attrs);
    await agree(differentiated(y, params, sizeOf(x) < 4000));
  });
});

test("a net whose layers are all joined: batch norm, pools, a residual, its head", async () => {
  const [batch, size] = [3, 10];
  const x = g.input("x", [batch, 3, size, size]);
  const params: Record<string, Node> = {
    w1: g.param("w1", [16, 3, 3, 3]),
    gamma: g.param("gamma", [16]),
    beta: g.param("beta", [16]),
    w2: g.param("w2", [16, 16, 3, 3]),
    b2: g.param("b2", [16]),
    w3: g.param("w3", [32, 16, 3, 3]),
    b3: g.param("b3", [32]),
    head: g.param("head", [2, 32 * 3]),
  };
  const p = (name: string): Node => params[name]!;
  const h1 = g.conv2d(x, p("w1"), null, SAME);
  const normal = g.batchNorm(h1, g.momentsOf(h1), p("gamma"), p("beta"), 1e-5);
  const h2 = g.maxPool(g.relu(normal), HALVING); // 5 x 5
  const mask = g.input("mask", h2.shape);
  const h3 = g.mul(g.relu(g.add(g.conv2d(h2, p("w2"), p("b2"), SAME), h2)), mask);
  const h4 = g.maxPool(g.relu(g.conv2d(h3, p("w3"), p("b3"), SAME)), HALVING); // 2 x 2, a row left over
  const last = g.concat(
    [g.globalAvgPool(h4), g.reshape(g.slice(g.slice(h4, 2, 0, 1), 3, 0, 2), [batch, 64])],
    1,
  );
  await agree(differentiated(g.linear(last, p("head")), params, false));
});

test("the largest of equal values: the first, in images of even and odd sizes", async () => {
  const equal = (shape: Shape): Node =>
    g.constant(
      Array.from({ length: sizeOf(shape) }, (_v, i) => -((i * i + i) % 3)),
      shape,
    );
  for (const size of [4, 5, 7]) {
    const x = equal([2, 16, size, size]);
    const { shape } = g.maxPool(x, HALVING);
    await agree({ dx: g.maxPoolGrad(g.input("dy", shape), x, HALVING) });
  }
});

test("this processor's kernels of blocks are used", async () => {
  const block = await blockSize();
  const y = g.conv2d(g.input("x", [1, 16, 4, 4]), g.param("w", [16, 16, 3, 3]), null, SAME);
  const { nodes } = lower(
    verify({ y }),
    { y },
    { standard: false, products: "float32", gpu: false, block },
  );
  expect(
    nodes.filter(({ domain }) => domain === "com.microsoft.nchwc").map(({ type }) => type),
  ).toEqual(block === null || 16 % block > 0 ? [] : ["ReorderInput", "Conv", "ReorderOutput"]);
});
