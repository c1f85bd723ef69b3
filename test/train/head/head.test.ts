/** @file Heads on embeddings: what comes out is what was trained, whatever the embeddings are like. */
import { describe, expect, test } from "vitest";
import { onnxEngine } from "../../../src/engine/onnx/engine.ts";
import { reference } from "../../../src/engine/reference.ts";
import {
  fitLogistic,
  probabilities as logisticProbabilities,
} from "../../../src/eval/probes/logistic.ts";
import { input, softmax } from "../../../src/graph/build.ts";
import { random } from "../../../src/run/random.ts";
import { argmaxRows, probabilities } from "../../../src/train/classifier.ts";
import { createHead, headLogits, headOf } from "../../../src/train/head/network.ts";
import { type HeadSettings, trainHead } from "../../../src/train/head/train.ts";
import { truthOf } from "../../../src/train/predict.ts";
import { row } from "../../data/rows.ts";

const engine = onnxEngine({ threads: 1 });
const D = 5;
const task = { target: "kind", classes: ["a", "b", "c"], positive: null, attributes: ["group"] };

/** Rows around a centre of their kind, far from 0; one dimension is constant. */
function rowsOf(n: number, seed = 0) {
  const stream = random("head", seed);
  const kinds = Array.from({ length: n }, (_, i) => i % 3);
  const rows = kinds.map((kind, i) =>
    row(`${i}`, { kind: task.classes[kind]!, group: i % 2 ? "x" : "y" }),
  );
  const x = Float32Array.from({ length: n * D }, (_, i) => {
    const [at, d] = [Math.floor(i / D), i % D];
    return d === 4 ? 7 : 3 + d * (stream.normal() + (kinds[at] === d ? 1.5 : 0));
  });
  return { rows, x, d: D };
}

const settings: HeadSettings = {
  hidden: null,
  epochs: 5,
  batchSize: 32,
  lr: 0.02,
  weightDecay: 0,
  sampling: "shuffle",
  reweight: "none",
  seed: 0,
  fairness: [],
  robust: { method: "none" },
};

test.each([null, 4])("%s hidden units: plain data answers what the graph does", async (hidden) => {
  const { x } = rowsOf(9);
  const head = createHead({ width: D, hidden, classes: 3 }, { params: [], state: [] }, 3);
  const stream = random("weights");
  for (const { data } of head.weights.values())
    data.forEach((_v, i) => (data[i] = stream.normal()));
  const scaling = {
    mean: Float64Array.of(1, 2, 3, 4, 7),
    deviation: Float64Array.of(2, 1, 0.5, 3, 1),
  };
  const scaled = x.map((v, i) => (v - scaling.mean[i % D]!) / scaling.deviation[i % D]!);
  const rows = input("rows", [9, D]);
  const program = await reference.compile({ scores: softmax(headLogits(head, rows)) });
  const feeds = { ...Object.fromEntries(head.weights), rows: { shape: [9, D], data: scaled } };
  const want = (await program.run(feeds))["scores"]!.data;
  const got = probabilities(headOf(head, scaling), x);
  got.forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 5));
});

test("trained to the end, a linear head is logistic regression", async () => {
  const data = rowsOf(240);
  const long = { ...settings, epochs: 400, batchSize: 1000, lr: 0.1 };
  const ours = probabilities(await trainHead(engine, task, data, long), data.x);
  const rows = { x: data.x, n: 240, d: D };
  const model = fitLogistic(rows, truthOf(task, data.rows), { C: 1e6 });
  const theirs = logisticProbabilities(model, rows);
  let furthest = 0;
  ours.forEach((value, i) => (furthest = Math.max(furthest, Math.abs(value - theirs[i]!))));
  expect(furthest).toBeLessThan(0.01);
});

describe("hidden units find what no line parts", () => {
  /** Two classes, in opposite corners each. */
  function corners(n: number) {
    const stream = random("corners");
    const made = Array.from({ length: n }, () => [stream.uniform(-1, 1), stream.uniform(-1, 1)]);
    const { rows } = rowsOf(n);
    return {
      rows: made.map(([u, v], i) => ({
        ...rows[i]!,
        labels: { kind: u! * v! > 0 ? "a" : "b", group: "x" },
      })),
      x: Float32Array.from(made.flat()),
      d: 2,
    };
  }
  const parted = { ...task, classes: ["a", "b"] };
  test.each([
    [null, 0, 0.7],
    [16, 0.9, 1],
  ])("%s hidden units", async (hidden, least, most) => {
    const data = corners(300);
    const head = await trainHead(engine, parted, data, { ...settings, hidden, epochs: 60 });
    const predicted = argmaxRows(probabilities(head, data.x), 2);
    const truth = truthOf(parted, data.rows);
    const accuracy = predicted.filter((c, i) => c === truth[i]).length / 300;
    expect(accuracy).toBeGreaterThanOrEqual(least);
    expect(accuracy).toBeLessThanOrEqual(most);
  });
});

describe("hard cases", () => {
  test("fewer rows than numbers, in a batch that is larger than all", async () => {
    const data = rowsOf(3);
    const scores = probabilities(await trainHead(engine, task, data, settings), data.x);
    expect(scores.every(Number.isFinite)).toBe(true);
  });

  test("a class without rows is possible, and less likely than others", async () => {
    const { rows, x, d } = rowsOf(60);
    const kept = [...rows.keys()].filter((i) => rows[i]!.labels["kind"] !== "c");
    const data = {
      rows: kept.map((i) => rows[i]!),
      x: Float32Array.from(kept.flatMap((i) => [...x.subarray(i * d, (i + 1) * d)])),
      d,
    };
    const fair: HeadSettings["fairness"] = [
      { penalty: "equalized-odds", weight: 1, aggregate: "mean", temperature: 0.05 },
      { penalty: "hsic", weight: 1, of: "logits", bandwidth: 1, given: "target" },
    ];
    const trained = await trainHead(engine, task, data, {
      ...settings,
      fairness: fair,
      epochs: 40,
    });
    const scores = probabilities(trained, data.x);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect([...argmaxRows(scores, 3)]).not.toContain(2);
  });

  test("NaN in an embedding is named", async () => {
    const data = rowsOf(12);
    data.x[2 * D + 1] = Number.NaN;
    await expect(trainHead(engine, task, data, settings)).rejects.toThrow("row 2, column 1 is NaN");
  });
});
