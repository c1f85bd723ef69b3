/** @file Every op refuses what it cannot compute, naming itself and the shapes. */
import { expect, test } from "vitest";
import * as g from "../../src/graph/build.ts";
import type { Node } from "../../src/graph/node.ts";

const x = g.input("x", [2, 3, 4]);
const scalar = g.constant(1);
const ids = g.input("ids", [2], "int");

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
])("%s", (_name, build) => {
  expect(build).toThrowErrorMatchingSnapshot();
});
