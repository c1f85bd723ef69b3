/** @file What an engine is measured with: training steps of the `small` preset, on noise. */
import type { Engine } from "../../engine/engine.ts";
import { sizeOf } from "../../graph/node.ts";
import { loadClip } from "../../model/folder.ts";
import { random } from "../../run/random.ts";
import { createNetwork } from "../../train/network.ts";
import { promptObjective } from "../../train/objective.ts";
import { promptTexts } from "../../train/prompts.ts";
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

/** What was measured of an engine. */
export interface Speed {
  readonly imagesPerSecond: number;
  /** Of the process that ran it. */
  readonly peakMemoryBytes: number;
}

/**
 * Forward, backward and AdamW of a million parameters on 64 images of 48 x 48, again and again for `seconds`. The first
 * step, which compiles and takes memory, is left out.
 */
export async function measureSpeed(engine: Engine, seconds: number): Promise<Speed> {
  const model = await loadClip("preset:small", { seed: 0 });
  const task = { target: "gender", classes: CLASSES, positive: null, attributes: [] };
  const network = createNetwork(model.config, model.weights, { kind: "full" }, CLASSES.length, 0);
  const labels = Int32Array.from({ length: BATCH }, (_, i) => i % CLASSES.length);
  const objective = promptObjective(promptTexts(model, undefined, task), labels);
  const noise = random("doctor");
  const batch = {
    rows: [...labels.keys()],
    inputs: Float32Array.from({ length: BATCH * sizeOf(network.rowShape) }, () => noise.normal()),
    weights: new Float32Array(BATCH).fill(1),
  };
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
      imagesPerSecond: (steps * BATCH) / spent(),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await updater.dispose();
  }
}
