/** @file Gradients of tables, against the graph's own. */
import { expect, test } from "vitest";
import { grad } from "../../src/graph/autodiff.ts";
import * as g from "../../src/graph/build.ts";
import type { Node } from "../../src/graph/node.ts";
import type { Weights } from "../../src/model/weights.ts";
import { paramNodes } from "../../src/train/network.ts";
import { createStep, stepGraph } from "../../src/train/step.ts";
import { tableGradient } from "../../src/train/table-gradient.ts";
import { engine } from "./faces.ts";

const [ROWS, WIDTH] = [7, 3];
const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i));
const weights: Weights = new Map([["table", { shape: [ROWS, WIDTH], data: wave(ROWS * WIDTH) }]]);
const param = paramNodes(weights);
/** Rows of the table by the ids of a batch, each pulled another way. */
const network = {
  weights,
  param,
  trained: { names: new Set(["table"]) },
  rowShape: [WIDTH],
  features: (rows: Node) => rows,
};
const batchOf = (rows: readonly number[]) => ({
  rows,
  inputs: wave(rows.length * WIDTH),
  weights: new Float32Array(rows.length).fill(1),
});
const objective = (read: (ids: Node) => Node) => ({
  rest: "filled" as const,
  loss: (_network: unknown, features: Node, each: Node) => {
    const picked = read(g.input("ids", each.shape, "int"));
    const value = g.add(g.sum(g.mul(picked, features)), g.mul(g.sum(each), 0));
    return { value, state: {} };
  },
  feeds: (rows: readonly number[]) => ({
    ids: { shape: [rows.length], data: Int32Array.from(rows) },
  }),
});

test("rows that are read sum up, others are zero, batch after batch, as in the whole gradient", async () => {
  const once = objective((ids) => g.gather(param("table"), ids));
  const step = await createStep(engine, network, once, 4);
  const graph = stepGraph(network, once, 4, false);
  expect(tableGradient(graph.gradients["table"]!)).toMatchObject({ ids: "ids" });
  const whole = await engine.compile({ table: graph.gradients["table"]! });
  for (const rows of [
    [6, 1, 1, 0],
    [2, 2, 2, 2],
    [3, 1, 6, 5],
  ]) {
    await step.run(batchOf(rows));
    const want = await whole.run({
      ...Object.fromEntries(weights),
      ...graph.feeds(batchOf(rows), 1),
    });
    expect(step.gradients.get("table")).toEqual(want["table"]!.data);
  }
  await Promise.all([step.dispose(), whole.dispose()]);
});

test("a table that is read otherwise too has a gradient like any other", () => {
  const table = param("table");
  const loss = g.sum(g.add(g.gather(table, g.input("ids", [4], "int")), g.sum(table, [0])));
  expect(tableGradient(grad(loss, [table])[0]!)).toBeNull();
});
