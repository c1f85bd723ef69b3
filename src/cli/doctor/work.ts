/** @file What an engine is examined with: a step beside float64, and many steps against the clock, on noise. */
import type { Engine } from "../../engine/engine.ts";
import { reference } from "../../engine/reference.ts";
import { sizeOf } from "../../graph/node.ts";
import { loadClip } from "../../model/folder.ts";
import { random } from "../../run/random.ts";
import { createNetwork } from "../../train/network.ts";
import { promptObjective } from "../../train/objective.ts";
import { promptTexts } from "../../train/prompts.ts";
import { type Batch, createStep } from "../../train/step.ts";
import { createUpdater } from "../../train/update/create.ts";
import type { UpdateSettings } from "../../train/update/updater.ts";

const BATCH = 64;
const CLASSES = ["man", "woman"];
const LEAST_STEPS = 3;
const SETTINGS: UpdateSettings = {
  batchSize: BATCH,
  accumulate: 1,
  optimizer: { name: "adamw", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.1 },
  clipNorm: 1,
  maxLogitScale: null,
  ema: null,
};

/** What was found of an engine. */
export interface Found {
  /**
   * The largest difference of the loss or of a gradient from float64's, as a share of that gradient's largest value:
   * rounding, or something is wrong.
   */
  readonly difference: number;
  readonly imagesPerSecond: number;
  /** Of the process that ran it. */
  readonly peakMemoryBytes: number;
}

async function job(preset: "tiny" | "small", count: number) {
  const model = await loadClip(`preset:${preset}`, { seed: 0 });
  const task = { target: "gender", classes: CLASSES, positive: null, attributes: [] };
  const network = createNetwork(model.config, model.weights, { kind: "full" }, CLASSES.length, 0);
  const labels = Int32Array.from({ length: count }, (_, i) => i % CLASSES.length);
  const objective = promptObjective(promptTexts(model, undefined, task), labels);
  const noise = random("doctor");
  const batch: Batch = {
    rows: [...labels.keys()],
    inputs: Float32Array.from({ length: count * sizeOf(network.rowShape) }, () => noise.normal()),
    weights: new Float32Array(count).fill(1),
  };
  return { network, objective, batch };
}

/** Loss and gradients of a tiny CLIP on two images, by name. */
async function gradients(engine: Engine): Promise<Map<string, Float32Array>> {
  const { network, objective, batch } = await job("tiny", 2);
  const step = await createStep(engine, network, objective, batch.rows.length);
  try {
    const loss = await step.run(batch);
    return new Map([["loss", Float32Array.of(loss)], ...step.gradients]);
  } finally {
    await step.dispose();
  }
}

const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

async function differenceFromFloat64(engine: Engine): Promise<number> {
  const [got, want] = [await gradients(engine), await gradients(reference)];
  // some gradients are zero but for rounding, such as those of a key's bias: they count by the size of the others
  const least = Math.max(...Array.from(want.values(), largest)) / 100;
  const shares = Array.from(want, ([name, exact]) => {
    const values = got.get(name)!;
    return largest(exact.map((v, i) => values[i]! - v)) / Math.max(largest(exact), least);
  });
  return Math.max(...shares); // NaN where any is
}

/**
 * Forward, backward and AdamW of a million parameters on 64 images of 48 x 48, again and again for `seconds`. The first
 * step, which compiles and takes memory, is left out.
 */
export async function examineEngine(engine: Engine, seconds: number): Promise<Found> {
  const difference = await differenceFromFloat64(engine);
  const { network, objective, batch } = await job("small", BATCH);
  const updater = await createUpdater(engine, network, objective, SETTINGS, null);
  const step = () => updater.update([batch], 1e-4, () => {});
  try {
    await step();
    const begun = performance.now();
    const spent = (): number => (performance.now() - begun) / 1000;
    let steps = 0;
    while (steps < LEAST_STEPS || spent() < seconds) {
      await step();
      steps++;
    }
    return {
      difference,
      imagesPerSecond: (steps * BATCH) / spent(),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await updater.dispose();
  }
}
