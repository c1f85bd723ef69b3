/** @file The model that is written: which forms ops take, and that ONNX's own checker reads it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lower } from "../../src/engine/onnx/lower.ts";
import { writeModel } from "../../src/engine/onnx/writer.ts";
import { grad } from "../../src/graph/autodiff.ts";
import * as g from "../../src/graph/build.ts";
import type { Node } from "../../src/graph/node.ts";
import { verify } from "../../src/graph/verify.ts";
import { python } from "../golden.ts";
import { block } from "./block.ts";

type Outputs = Readonly<Record<string, Node>>;
const model = (outputs: Outputs) =>
  lower(verify(outputs), outputs, {
    standard: false,
    products: "float32",
    gpu: false,
    block: null,
  });
/** Computing nodes, in order. */
const typesOf = (outputs: Outputs): string[] =>
  model(outputs).nodes.flatMap(({ type }) => (type === "Identity" ? [] : [type]));

describe("forms", () => {
  const x = g.input("x", [6, 4]);
  const w = g.param("w", [3, 4]);
  const b = g.param("b", [3]);
  const heads = g.input("heads", [5, 2, 4]);

  test("a linear layer with its bias and factors is one Gemm", () => {
    expect(typesOf({ y: g.linear(x, w, b) })).toEqual(["Gemm"]);
    const y = g.mul(g.linear(g.mul(x, 2), w, b), 3);
    const [gemm] = model({ y }).nodes;
    expect(gemm!.attributes).toMatchObject({
      transB: { int: 1 },
      alpha: { float: 6 },
      beta: { float: 3 },
    });
    expect(typesOf({ y })).toEqual(["Gemm"]);
  });
  test("a product that others need stays", () => {
    const product = g.matmul(x, w, { b: true });
    expect(typesOf({ y: g.add(product, b), product })).toEqual(["Gemm", "Add"]);
  });
  test("attention reads sequence-first heads without a transpose", () => {
    const split = g.transpose(heads, [1, 0, 2]);
    expect(typesOf({ y: g.mul(g.matmul(split, split, { b: true }), 0.5) })).toEqual([
      "FusedMatMul",
    ]);
  });
  test("a weight's gradient transposes what is narrow", () => {
    const by = (rows: number, from: number, to: number): string[] =>
      typesOf({ d: g.matmul(g.input("dy", [rows, to]), g.input("x", [rows, from]), { a: true }) });
    expect(by(100, 8, 8)).toEqual(["Transpose", "MatMul"]);
    expect(by(100, 8, 32)).toEqual(["Transpose", "MatMul", "Transpose"]);
    expect(by(10, 8, 32)).toEqual(["Transpose", "MatMul"]);
  });
  test("layerNorm's gradient takes its mean and spread from the forward pass", () => {
    const gamma = g.param("gamma", [4]);
    const y = g.layerNorm(x, gamma, g.param("beta", [4]), 1e-5);
    const types = typesOf({ y, d: grad(g.sum(g.mul(y, y)), [x])[0]! });
    expect(types.filter((type) => type === "LayerNormalization")).toHaveLength(1);
    expect(types).not.toContain("ReduceSum");
  });
  test("reshapes in a row are one, or none", () => {
    expect(typesOf({ y: g.reshape(g.reshape(g.exp(x), [4, 6]), [6, 4]) })).toEqual(["Exp"]);
    expect(typesOf({ y: g.reshape(g.reshape(g.exp(x), [4, 6]), [24]) })).toEqual([
      "Exp",
      "Reshape",
    ]);
  });
  test("sums of rows, and products of one row, are vectors at once", () => {
    expect(typesOf({ y: g.sum(x, [0]) })).toEqual(["MatMul"]);
    const row = g.transpose(g.input("column", [6, 1]), [1, 0]);
    expect(typesOf({ y: g.reshape(g.matmul(row, x), [4]) })).toEqual([
      "Transpose",
      "Reshape",
      "MatMul",
    ]);
  });
  test("equal nodes and constants are there once", () => {
    const { nodes, initializers } = model({ y: g.add(g.mul(g.exp(x), 2), g.div(g.exp(x), 2)) });
    expect(nodes.filter(({ type }) => type === "Exp")).toHaveLength(1);
    expect(initializers).toHaveLength(1);
  });
  test("results keep their names beside feeds of the same name", () => {
    const { inputs, outputs } = model({ x: g.mul(x, 2), add_3: g.add(x, 1) });
    expect(inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(outputs.map(({ name }) => name)).toEqual(["x.out", "add_3"]);
  });
});

/** Runs onnx's full check, then infers the outputs' shapes anew from nodes and inputs alone. */
const CHECK = `
import sys, json, onnx
model = onnx.load(sys.argv[1])
onnx.checker.check_model(model, full_check=True)
names = [o.name for o in model.graph.output]
del model.graph.output[:]
for name in names: model.graph.output.add(name=name)
graph = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
print(json.dumps({o.name: [d.dim_value for d in o.type.tensor_type.shape.dim] for o in graph.output}))
`;
function inferredByPython(outputs: Outputs): unknown {
  const folder = mkdtempSync(join(tmpdir(), "equiclip-onnx-"));
  try {
    const file = join(folder, "model.onnx");
    writeFileSync(file, writeModel(model(outputs)));
    return JSON.parse(execFileSync(python!, ["-c", CHECK, file], { encoding: "utf8" }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!python)("Python's onnx (needs EQUICLIP_PYTHON)", () => {
  test("accepts a whole step", () => {
    const { outputs } = block(5, 3, 16, 2);
    expect(inferredByPython(outputs)).toMatchObject({ loss: [], "d.fc1.bias": [64] });
  });

  // it knows no shapes behind onnxruntime's own ops, so here are none
  test("infers the shapes that we do", () => {
    const table = g.param("table", [9, 3]);
    const gamma = g.param("gamma", [3]);
    const rows = g.concat(
      [g.gather(table, g.input("ids", [4], "int")), g.broadcast(g.param("c", [3]), [2, 3])],
      0,
    );
    const hidden = g.gelu(g.layerNorm(rows, gamma, g.param("beta", [3]), 1e-5));
    const y = g.logSoftmax(g.linear(hidden, g.param("w", [7, 3]), g.param("b", [7])));
    const loss = g.mean(g.pad(g.slice(g.transpose(y, [1, 0]), 0, 1, 5), 1, 1, 2));
    const [dTable, dGamma] = grad(loss, [table, gamma]);
    const outputs = { y, loss, dTable: dTable!, dGamma: dGamma!, table };
    const shapes = Object.entries(outputs).map(([name, { shape }]) => [
      name === "table" ? "table.out" : name,
      shape,
    ]);
    expect(inferredByPython(outputs)).toEqual(Object.fromEntries(shapes));
  });
});
