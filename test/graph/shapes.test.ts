/** @file Every op refuses what it cannot compute, naming itself and the shapes. */
import { expect, test } from "vitest";
import * as g from "../../src/graph/build.ts";
import { grad } from "../../src/graph/autodiff.ts";
import type { Convolution, Node, Pooling } from "../../src/graph/node.ts";

const x = g.input("x", [2, 3, 4]);
const scalar = g.constant(1);
const ids = g.input("ids", [2], "int");
const PLAIN: Convolution = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 };
const HALVING: Pooling = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0] };
const image = g.input("image", [2, 4, 5, 6]);
const odd = g.input("odd", [2, 5, 5, 6]);
const kernels = g.param("kernels", [2, 4, 3, 3]);
const pooled = g.maxPool(image, HALVING);

test.each<[string, () => Node]>([
  ["input", () => g.input("x", [2, 0])],
  ["param", () => g.param("w", [2.5])],
  ["constant", () => g.constant([1, 2, 3], [2])],
  ["matmul: inner", () => g.matmul(x, g.param("w", [3, 5]))],
  ["matmul: inner, transposed", () => g.matmul(x, g.param("w", [4, 5]), { b: true })],
  ["matmul: batch", () => g.matmul(x, g.param("w", [3, 4, 5]))],
  ["matmul: rank", () => g.matmul(scalar, x)],
  ["matmul: a transposed batch by a matrix", () => g.matmul(x, g.param("w", [3, 5]), { a: true })],
  ["add", () => g.add(x, g.param("w", [3]))],
  ["add: ids", () => g.add(ids, ids)],
  ["softmax", () => g.softmax(scalar)],
  ["layerNorm", () => g.layerNorm(x, g.param("gamma", [4]), g.param("beta", [3]), 1e-5)],
  ["rstd", () => g.rstd(scalar, 1e-5)],
  ["sum", () => g.sum(x, [3])],
  ["reshape", () => g.reshape(x, [5, 5])],
  ["transpose", () => g.transpose(x, [0, 0, 1])],
  ["broadcast", () => g.broadcast(x, [2, 3, 5])],
  ["slice", () => g.slice(x, 1, 2, 4)],
  ["pad", () => g.pad(x, 1, -1, 0)],
  ["concat", () => g.concat([x, g.input("y", [2, 4, 4])], 2)],
  ["concat: of nothing", () => g.concat([], 0)],
  ["gather: a table of rank 3", () => g.gather(x, ids)],
  ["gather: float ids", () => g.gather(g.param("w", [4, 4]), x)],
  ["scatterAdd", () => g.scatterAdd(x, ids, 5)],
  ["reluGrad", () => g.reluGrad(x, scalar)],
  ["conv2d: rank", () => g.conv2d(x, kernels, null, PLAIN)],
  ["conv2d: channels", () => g.conv2d(image, g.param("w", [2, 3, 3, 3]), null, PLAIN)],
  ["conv2d: groups", () => g.conv2d(image, kernels, null, { ...PLAIN, groups: 2 })],
  ["conv2d: bias", () => g.conv2d(image, kernels, g.param("b", [3]), PLAIN)],
  ["conv2d: window", () => g.conv2d(image, kernels, null, { ...PLAIN, dilation: [2, 3] })],
  ["conv2d: stride", () => g.conv2d(image, kernels, null, { ...PLAIN, stride: [0, 1] })],
  ["conv2d: padding", () => g.conv2d(image, kernels, null, { ...PLAIN, padding: [0, -1, 0, 0] })],
  ["conv2dInputGrad", () => g.conv2dInputGrad(image, g.param("w", [4, 2, 3, 3]), PLAIN, [5, 6])],
  ["conv2dWeightGrad", () => g.conv2dWeightGrad(image, image, PLAIN, [3, 3])],
  [
    "conv2dWeightGrad: groups",
    () => g.conv2dWeightGrad(image, odd, { ...PLAIN, groups: 2 }, [1, 1]),
  ],
  ["maxPool: window", () => g.maxPool(image, { ...PLAIN, kernel: [6, 2] })],
  ["maxPool: padding", () => g.maxPool(image, { ...PLAIN, kernel: [2, 2], padding: [2, 0, 0, 0] })],
  ["maxPoolGrad", () => g.maxPoolGrad(image, image, { ...PLAIN, kernel: [2, 2] })],
  [
    "maxPoolGrad: its gradient",
    () => grad(g.sum(g.maxPoolGrad(pooled, image, HALVING)), [image])[0]!,
  ],
  ["channelMoments", () => g.channelMoments(g.param("b", [3]))],
  ["channelAffine", () => g.channelAffine(image, g.param("scale", [4]), g.param("shift", [5]))],
])("%s", (_name, build) => {
  expect(build).toThrowErrorMatchingSnapshot();
});
