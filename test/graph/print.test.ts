/** @file A graph as text. */
import { expect, test } from "vitest";
import { grad } from "../../src/graph/autodiff.ts";
import * as g from "../../src/graph/build.ts";
import { print } from "../../src/graph/print.ts";

test("one line per node, then the outputs", () => {
  const x = g.gather(g.param("table", [9, 4]), g.input("ids", [2, 3], "int"));
  const w = g.param("w", [5, 4]);
  const mask = g.constant([0, 0, 0, 0, -1e9], [5]);
  const loss = g.mean(g.logSoftmax(g.add(g.linear(x, w), mask)));
  expect(print({ loss, "d.w": grad(loss, [w])[0]! })).toMatchInlineSnapshot(`
    "%0 = param(name=table) : [9, 4]
    %1 = input(name=ids) : int [2, 3]
    %2 = gather(%0, %1) : [2, 3, 4]
    %3 = param(name=w) : [5, 4]
    %4 = matmul(%2, %3, transB) : [2, 3, 5]
    %5 = constant(data=[0, 0, 0, 0, -1000000000]) : [5]
    %6 = add(%4, %5) : [2, 3, 5]
    %7 = logSoftmax(%6) : [2, 3, 5]
    %8 = sum(%7, axes=[0, 1, 2]) : [1, 1, 1]
    %9 = reshape(%8) : []
    %10 = constant(data=[0.03333333333333333]) : []
    %11 = mul(%9, %10) : []
    %12 = constant(data=[1]) : []
    %13 = mul(%12, %10) : []
    %14 = reshape(%13) : [1, 1, 1]
    %15 = broadcast(%14) : [2, 3, 5]
    %16 = exp(%7) : [2, 3, 5]
    %17 = sum(%15, axes=[2]) : [2, 3, 1]
    %18 = mul(%16, %17) : [2, 3, 5]
    %19 = sub(%15, %18) : [2, 3, 5]
    %20 = reshape(%19) : [6, 5]
    %21 = reshape(%2) : [6, 4]
    %22 = matmul(%20, %21, transA) : [5, 4]
    loss = %11
    d.w = %22"
  `);
});
