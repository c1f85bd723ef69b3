/** @file Loss scaling: no number changes while nothing overflows; what does is skipped until the scale fits, or ends the run. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openRecords } from "../../../src/cli/records.ts";
import { factsOf } from "../../../src/cli/run-report.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import { onnxEngine } from "../../../src/engine/onnx/engine.ts";
import type { Weights } from "../../../src/model/weights.ts";
import { readJsonLines } from "../../../src/run/json-lines.ts";
import { requireFinite } from "../../../src/train/divergence.ts";
import { meanCrossEntropy } from "../../../src/train/fairness/term.ts";
import { createHead, headLogits } from "../../../src/train/head/network.ts";
import { classifierObjective } from "../../../src/train/objective.ts";
import { createUpdater } from "../../../src/train/update/create.ts";
import { type LossScale, createLossScaler } from "../../../src/train/update/loss-scale.ts";
import { createOptimizer } from "../../../src/train/update/optimizer.ts";
import { apart } from "../../engine/apart.ts";
import { configOf, drawFaces, fitFaces, newFolder, tinyModel } from "../faces.ts";

const cpu = onnxEngine({ threads: 1 });
/** They scale as float16 asks for, and compute in float32: its range is what overflows here. */
const scaling = (engine: Engine): Engine => ({ ...engine, precision: "float16" });

describe("the scale", () => {
  test("doubles after 2,000 good steps, is halved by each overflow, and starts at 65,536", () => {
    const scaler = createLossScaler("float16", null);
    for (let step = 0; step < 1999; step++) expect(scaler.skips(1, 1)).toBe(false);
    expect(scaler.state()).toEqual({ scale: 65_536, good: 1999 });
    expect(scaler.skips(1, 1)).toBe(false);
    expect(scaler.state()).toEqual({ scale: 131_072, good: 0 });
    scaler.skips(1, 1);
    expect(scaler.skips(1, Infinity)).toBe(true);
    expect(scaler.state()).toEqual({ scale: 65_536, good: 0 });
    expect(scaler.skips(1, NaN)).toBe(true);
    expect(scaler.scale()).toBe(32_768);
  });

  test("cannot mend a loss that is not finite, nor gradients that overflow without it", () => {
    expect(createLossScaler("float16", null).skips(NaN, NaN)).toBe(false);
    const scaler = createLossScaler("float16", { scale: 2, good: 5 });
    expect([scaler.skips(1, Infinity), scaler.skips(1, Infinity)]).toEqual([true, false]);
  });

  test.each(["float64", "float32", "bfloat16"] as const)("%s has none", (precision) => {
    const scaler = createLossScaler(precision, { scale: 8, good: 0 });
    expect([scaler.state(), scaler.scale(), scaler.skips(1, Infinity)]).toEqual([null, 1, false]);
  });
});

const settings = {
  batchSize: 4,
  accumulate: 2,
  optimizer: { name: "adamw", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.1 },
  clipNorm: 0.5,
  maxLogitScale: null,
  ema: 0.9,
} as const;
const batches = [1, 2].map((at) => ({
  rows: [0, 1, 2, 3],
  inputs: Float32Array.from({ length: 12 }, (_, i) => 9 * Math.sin(at * (i + 1))),
  weights: Float32Array.of(1, 2, 1, 2),
}));

/** A head whose gradients are large: its output weights are. */
async function updaterOf(
  engine: Engine,
  lossScale: LossScale | null,
  prepare: (weights: Weights) => void = () => {},
) {
  const head = createHead({ width: 3, hidden: 4, classes: 2 }, { params: [], state: [] }, 1);
  const { data } = head.weights.get("head.output.weight")!;
  data.forEach((_value, i) => (data[i] = i % 3 === 0 ? -8 : 8));
  prepare(head.weights);
  const labels = Int32Array.of(0, 1, 1, 0);
  const objective = classifierObjective(2, labels, [meanCrossEntropy], headLogits);
  const { optimizer } = settings;
  const saved = { optimizer: createOptimizer(optimizer, head.weights).state(), ema: null };
  const updater = await createUpdater(engine, head, objective, settings, { ...saved, lossScale });
  return { updater, weights: head.weights };
}

describe.each([cpu, apart])("$name", (engine) => {
  test("a step on any scale is the step without one", async () => {
    const ends = [];
    for (const by of [engine, scaling(engine)]) {
      const { updater, weights } = await updaterOf(by, null);
      const found = [];
      for (let step = 0; step < 3; step++) {
        const { seconds: _seconds, ...same } = await updater.update(batches, 0.01, () => {});
        found.push(same);
      }
      await updater.settle();
      const { lossScale: _scale, ...state } = updater.state();
      ends.push({ found, weights, state });
      await updater.dispose();
    }
    expect(ends[1]).toEqual(ends[0]);
  });

  test("steps that overflow are skipped until the scale fits; then it goes on as if they had not been", async () => {
    const { updater, weights } = await updaterOf(scaling(engine), { scale: 2 ** 127, good: 7 });
    const checked: number[] = [];
    const step = () => updater.update(batches, 0.01, ({ gradNorm }) => checked.push(gradNorm));
    const start = new Map([...weights].map(([name, { data }]) => [name, data.slice()]));
    let skipped = 0;
    while ((await step()).skipped) {
      skipped++;
      await updater.settle();
      for (const [name, { data }] of weights) expect(data).toEqual(start.get(name));
      expect(updater.state().optimizer.step).toBe(0);
      expect(updater.state().lossScale).toEqual({ scale: 2 ** (127 - skipped), good: 0 });
    }
    expect(skipped).toBeGreaterThan(0);
    expect(checked).toHaveLength(1);
    expect(updater.state().lossScale).toEqual({ scale: 2 ** (127 - skipped), good: 1 });
    await updater.settle();

    const plain = await updaterOf(engine, null);
    const { gradNorm } = await plain.updater.update(batches, 0.01, () => {});
    await plain.updater.settle();
    expect(checked).toEqual([gradNorm]);
    expect(weights).toEqual(plain.weights);
    await updater.dispose();
    await plain.updater.dispose();
  });

  test("gradients that overflow on every scale end the run with a line that says so", async () => {
    // the hidden units answer 0, so that the loss is finite, and what reaches their weights is beyond float32
    const { updater } = await updaterOf(scaling(engine), { scale: 4, good: 0 }, (weights) =>
      weights.get("head.hidden.weight")!.data.fill(0),
    );
    const beyond = batches.map((batch) => ({ ...batch, inputs: batch.inputs.map(() => 3e38) }));
    const place = { step: 3, steps: 9, epoch: 1, epochs: 1, lr: 0.01 };
    const step = () =>
      updater.update(beyond, 0.01, ({ loss, gradNorm }) =>
        requireFinite({ loss, "gradient norm": gradNorm }, place),
      );
    expect([(await step()).skipped, (await step()).skipped]).toEqual([true, true]);
    await expect(step()).rejects.toThrow(
      /^training: the gradient norm is (Infinity|NaN) in step 3 of 9 \(epoch 1 of 1, lr 0.01\), expected a finite number/,
    );
    await updater.dispose();
  });
});

test("a checkpoint keeps the scale, and training goes on from it", async () => {
  const rows = await drawFaces(48);
  const folder = newFolder();
  const scaleAfter = async (epochs: number): Promise<unknown> => {
    const config = configOf(`train.epochs=${epochs}`, "train.batchSize=8");
    const { state } = await fitFaces(config, rows, { engine: scaling(cpu), folder });
    expect(state.trajectory.map(({ skipped }) => skipped)).toEqual(Array(epochs).fill(0));
    return JSON.parse(readFileSync(join(folder.last, "training.json"), "utf8")).lossScale;
  };
  expect(await scaleAfter(1)).toEqual({ scale: 65_536, good: 4 });
  expect(await scaleAfter(2)).toEqual({ scale: 65_536, good: 8 });
});

test("skipped steps are in the log, each of them, and in the report", async () => {
  const folder = newFolder();
  mkdirSync(folder.root);
  const records = await openRecords(folder, null);
  for (let step = 0; step < 4; step++)
    await records.step({ epoch: 0, step, loss: 1, lr: 1, gradNorm: 1, skipped: step % 2 === 1 });
  records.close();
  const lines = await readJsonLines(folder.log);
  expect(lines.map(({ step, skipped }) => [step, skipped])).toEqual([
    [0, false],
    [1, true],
    [3, true],
  ]);
  const rows = await drawFaces(48);
  const { state } = await fitFaces(configOf("train.epochs=1"), rows);
  const factsWith = async (skipped: number) => {
    const trajectory = state.trajectory.map((epoch) => ({ ...epoch, skipped }));
    const run = { ...state, trajectory };
    const facts = factsOf(configOf(), await tinyModel(), run, new Date(0), "equiclip train");
    return facts.summary.filter(({ label }) => label === "skipped steps");
  };
  expect(await factsWith(0)).toEqual([]);
  expect(await factsWith(3)).toEqual([
    { label: "skipped steps", value: "3: gradients beyond float16" },
  ]);
});

test("the report says what computed, and in which precision when it is not float32", async () => {
  const model = await tinyModel();
  const engineIn = (...settings: readonly string[]) =>
    factsOf(configOf("engine=onnx-cpu", ...settings), model, null, new Date(0), "").versions.find(
      ({ label }) => label === "engine",
    )?.value;
  expect(engineIn()).toBe("onnx-cpu");
  expect(engineIn("precision=float16")).toBe("onnx-cpu, matrix products in float16");
});
