/** @file Training steps of a CLIP ViT-B/32 from random weights: time, peak memory, finite gradients. */
import { expect, test } from "vitest";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { loadClip } from "../../src/model/folder.ts";
import { random } from "../../src/run/random.ts";
import { createNetwork } from "../../src/train/network.ts";
import { promptObjective } from "../../src/train/objective.ts";
import { promptTexts } from "../../src/train/prompts.ts";
import { createUpdater } from "../../src/train/update/create.ts";
import type { UpdateSettings } from "../../src/train/update/updater.ts";

const STEPS = 4;
const prompts = {
  male: "A photo of a person of male gender",
  female: "A photo of a person of female gender",
};
const task = { target: "gender", classes: ["male", "female"], positive: "female", attributes: [] };

test.each([4, 8])("batch %i", async (batchSize) => {
  const model = await loadClip("preset:base-patch32", { seed: 1 });
  const network = createNetwork(model.config, model.weights, { kind: "full" }, 2, 1);
  const labels = Int32Array.from({ length: batchSize }, (_, i) => i % 2);
  const objective = promptObjective(promptTexts(model, prompts, task), labels);
  const stream = random("pixels");
  const batch = {
    rows: [...labels.keys()],
    weights: new Float32Array(batchSize).fill(1),
    inputs: Float32Array.from({ length: batchSize * 3 * 224 * 224 }, () => stream.normal()),
  };
  const settings: UpdateSettings = {
    batchSize,
    accumulate: 1,
    optimizer: { name: "adamw", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.2 },
    clipNorm: 1,
    maxLogitScale: null,
    ema: null,
  };
  const started = performance.now();
  const updater = await createUpdater(onnxEngine(), network, objective, settings, null);
  const compiled = ((performance.now() - started) / 1000).toFixed(2);
  const rows: Record<string, string>[] = [];
  const losses: number[] = [];
  for (let i = 0; i < STEPS; i++) {
    const { loss, gradNorm, seconds } = await updater.update([batch], 1e-5, () => {});
    losses.push(loss);
    expect(gradNorm).toBeGreaterThan(0);
    expect(Number.isFinite(gradNorm)).toBe(true);
    rows.push({
      compiled,
      "forward, backward": seconds.step.toFixed(2),
      "norm, AdamW": seconds.optimizer.toFixed(2),
      loss: loss.toFixed(4),
      peak: `${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GiB`,
    });
  }
  await updater.dispose();
  console.table(rows);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
  for (const [name, { data }] of updater.state().optimizer.tensors)
    expect(
      data.some((value) => value !== 0),
      name,
    ).toBe(true);
});
