/** @file Training steps of a CLIP ViT-B/32 from random weights: time, peak memory, finite gradients. */
import { expect, test } from "vitest";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { loadClip } from "../../src/model/folder.ts";
import { random } from "../../src/run/random.ts";
import { clipFactor, globalNorm } from "../../src/train/update/clip-gradients.ts";
import { createNetwork, trainedWeights } from "../../src/train/network.ts";
import { promptObjective } from "../../src/train/objective.ts";
import { createOptimizer } from "../../src/train/update/optimizer.ts";
import { promptTexts } from "../../src/train/prompts.ts";
import { createStep } from "../../src/train/step.ts";

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
  const parameters = trainedWeights(network);
  const optimizer = createOptimizer(
    { name: "adamw", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.2 },
    parameters,
  );
  const stream = random("pixels");
  const batch = {
    rows: [...labels.keys()],
    weights: new Float32Array(batchSize).fill(1),
    inputs: Float32Array.from({ length: batchSize * 3 * 224 * 224 }, () => stream.normal()),
  };
  const started = performance.now();
  const step = await createStep(onnxEngine(), network, objective, batchSize);
  const rows: Record<string, string>[] = [];
  const losses: number[] = [];
  let from = started;
  const lap = (): string => {
    const seconds = (performance.now() - from) / 1000;
    from = performance.now();
    return seconds.toFixed(2);
  };
  const compiled = lap();
  for (let i = 0; i < STEPS; i++) {
    losses.push(await step.run(batch));
    const ran = lap();
    const norm = globalNorm(step.gradients.values());
    expect(norm).toBeGreaterThan(0);
    expect(Number.isFinite(norm)).toBe(true);
    const clip = clipFactor(norm, 1);
    const normed = lap();
    optimizer.update(step.gradients, 1e-5, clip);
    const loss = losses[i]!.toFixed(4);
    const peak = `${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GiB`;
    rows.push({ compiled, "forward, backward": ran, norm: normed, AdamW: lap(), loss, peak });
  }
  await step.dispose();
  console.table(rows);
  expect(losses.at(-1)).toBeLessThan(losses[0]!);
  for (const [name, gradient] of step.gradients)
    expect(
      gradient.some((value) => value !== 0),
      name,
    ).toBe(true);
});
