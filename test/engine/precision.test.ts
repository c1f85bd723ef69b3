/** @file Matrix products in float16 beside float32 weights, on the CPU, which computes them slowly but rightly. */
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../src/engine/engine.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { lower } from "../../src/engine/onnx/lower.ts";
import { reference } from "../../src/engine/reference.ts";
import * as g from "../../src/graph/build.ts";
import type { Node } from "../../src/graph/node.ts";
import { verify } from "../../src/graph/verify.ts";
import type { ProductPrecision } from "../../src/run/config/engine.ts";
import { runEngineSuite } from "../engine.suite.ts";
import { block } from "./block.ts";

/** Of a number in float16, relative. */
const HALF = 2 ** -11;

const half = onnxEngine({ precision: "float16" });
runEngineSuite(half, 8 * HALF);

/** Largest difference of a result, as a share of its largest value (or of 0.01, when that is smaller). */
const distance = (got: Readonly<Record<string, Tensor>>, want: typeof got): number =>
  Math.max(
    ...Object.entries(want).map(([name, { data }]) => {
      const expected = [...data];
      const scale = Math.max(0.01, ...expected.map(Math.abs));
      return Math.max(...expected.map((v, i) => Math.abs(got[name]!.data[i]! - v) / scale));
    }),
  );

test("a transformer block is off by float16's rounding, and by no more", async () => {
  const { outputs, feeds } = block(5, 3, 64, 2);
  const results = await Promise.all(
    [onnxEngine(), half, reference].map(async (engine) => {
      const program = await engine.compile(outputs);
      const found = await program.run(feeds);
      await program.dispose();
      return found;
    }),
  );
  const [whole, narrow, exact] = results as [
    Record<string, Tensor>,
    Record<string, Tensor>,
    Record<string, Tensor>,
  ];
  expect(distance(narrow, exact)).toBeLessThan(8 * HALF);
  expect(distance(narrow, exact)).toBeGreaterThan(10 * distance(whole, exact));
});

describe("what is narrow", () => {
  const types = (outputs: Readonly<Record<string, Node>>, products: ProductPrecision): string[] =>
    lower(verify(outputs), outputs, {
      standard: true,
      products,
      gpu: true,
      block: null,
    }).nodes.flatMap(({ type, attributes: { to } }) =>
      type === "Identity" ? [] : to && "int" in to ? `${type} ${to.int}` : type,
    );
  const x = g.input("x", [4, 3]);
  const w = g.param("w", [3, 5]);

  test("the sides of a product are cast, and its result back; all else is float32", () => {
    const y = { y: g.softmax(g.matmul(x, w)) };
    expect(types(y, "float32")).toEqual(["MatMul", "Softmax"]);
    expect(types(y, "float16")).toEqual(["Cast 10", "Cast 10", "MatMul", "Cast 1", "Softmax"]);
    expect(types(y, "bfloat16")).toEqual(["Cast 16", "Cast 16", "MatMul", "Cast 1", "Softmax"]);
    const gamma = g.param("gamma", [3]);
    const rest = { y: g.sum(g.layerNorm(x, gamma, gamma, 1e-5), [0]) };
    expect(types(rest, "float16")).toEqual(types(rest, "float32"));
  });

  test("a convolution has no bfloat16", () => {
    const image = g.input("image", [2, 3, 8, 8]);
    const kernels = g.param("kernels", [4, 3, 3, 3]);
    const window = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 } as const;
    const y = { y: g.conv2d(image, kernels, null, window) };
    expect(types(y, "bfloat16")).toEqual(["Conv"]);
    expect(types(y, "float16")).toEqual(["Cast 10", "Cast 10", "Conv", "Cast 1"]);
  });

  test("what several products read is cast once", () => {
    const y = g.add(g.matmul(x, w), g.matmul(g.mul(x, 2), w));
    expect(types({ y }, "float16").filter((type) => type === "Cast 10")).toHaveLength(2);
  });
});
