/** @file One training step on a few rows: how their weights count. */
import { expect, test } from "vitest";
import { createNetwork } from "../../src/train/network.ts";
import { promptObjective } from "../../src/train/objective.ts";
import { truthOf } from "../../src/train/predict.ts";
import { promptTexts } from "../../src/train/prompts.ts";
import { createStep } from "../../src/train/step.ts";
import { configOf, drawFaces, engine, storeOf, task, tinyModel } from "./faces.ts";
import { farthest } from "./python.ts";

/** Loss and gradients of one batch. */
async function step(rows: readonly number[], weights: readonly number[]) {
  const model = await tinyModel();
  const store = await storeOf((await drawFaces()).validation, model, configOf());
  const network = createNetwork(model.config, model.weights, { kind: "full" }, 2, 0);
  const texts = promptTexts(model, configOf().prompts, task);
  const objective = promptObjective(texts, truthOf(task, store.rows));
  const compiled = await createStep(engine, network, objective, rows.length);
  const loss = await compiled.run({
    rows,
    inputs: await store.batch(rows, null),
    weights: Float32Array.from(weights),
  });
  await compiled.dispose();
  return { loss, gradients: compiled.gradients };
}

test("a row of weight 2 is the row twice, and a row of weight 0 none", async () => {
  const twice = await step([0, 1, 1], [1, 1, 1]);
  const weighed = await step([0, 1, 5], [0.5, 1, 0]); // only proportions matter
  expect(weighed.loss).toBeCloseTo(twice.loss, 5);
  for (const [name, gradient] of twice.gradients)
    expect(farthest(weighed.gradients.get(name)!, gradient)).toBeLessThan(1e-5);
});
