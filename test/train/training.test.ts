/** @file Ten AdamW steps of the tiny CLIP in float64 against PyTorch, under both schedules; engines in float32: test/golden.suite.ts. */
import { describe, expect, test } from "vitest";
import { grad } from "../../src/graph/autodiff.ts";
import type { Tensor } from "../../src/engine/engine.ts";
import { reference } from "../../src/engine/reference.ts";
import { clipParams } from "../../src/model/clip/params.ts";
import { clipFactor, globalNorm } from "../../src/train/update/clip-gradients.ts";
import type { Values } from "../../src/train/update/arrays.ts";
import { type Parameter, createOptimizer } from "../../src/train/update/optimizer.ts";
import { type Schedule, learningRate } from "../../src/train/schedules.ts";
import { hasReference } from "../golden.ts";
import {
  FLOAT64,
  expectClose,
  golden,
  goldenJson,
  loadTiny,
  lossInputs,
  losses,
  plain,
} from "../model/clip/tiny.ts";

interface Step {
  readonly lr: number;
  readonly loss: number;
  readonly grad_norm_before_clip: number;
  readonly logit_scale_after: number;
}
type Golden = Record<
  string,
  { float64: readonly Step[]; loss_after_float64: number; "weight_decay_0.2_on": readonly string[] }
>;

describe.skipIf(!hasReference)("golden training", () => {
  test.each(["openclip", "hf"] as const)("%s schedule", async (warmup) => {
    const tiny = await loadTiny();
    const layers = plain(tiny.config);
    const names = clipParams(tiny.config).map((p) => p.name);
    const loss = losses.prompt_ce.build(tiny.config, layers);
    const nodes = grad(loss, names.map(layers.param));
    const program = await reference.compile({
      loss,
      ...Object.fromEntries(names.map((n, i) => [n, nodes[i]!])),
    });
    const weights = new Map(
      names.map((name): [string, Parameter] => {
        const { shape, data } = tiny.weights.get(name)!;
        return [name, { shape, data: Float64Array.from(data) }];
      }),
    );
    const optimizer = createOptimizer(
      { name: "adamw", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.2 },
      weights,
    );
    const schedule: Schedule = {
      decay: "cosine",
      warmup,
      lr: 1e-3,
      warmupSteps: 3,
      totalSteps: 10,
    };
    const inputs = lossInputs(tiny, losses.prompt_ce);
    const forwardBackward = (): Promise<Record<string, Tensor>> =>
      program.run({ ...Object.fromEntries(weights), ...inputs });

    const want = ((await goldenJson("clip-tiny", "golden.json")) as Golden)[`train_${warmup}`]!;
    expect(want.float64).toHaveLength(10);
    for (const [step, expected] of want.float64.entries()) {
      const { loss: value, ...gradients } = await forwardBackward();
      const grads = new Map(names.map((n) => [n, gradients[n]!.data as Values]));
      const norm = globalNorm(grads.values());
      const lr = learningRate(schedule, step);
      optimizer.update(grads, lr, clipFactor(norm, 1));
      expect(Math.abs(value!.data[0]! - expected.loss)).toBeLessThanOrEqual(FLOAT64.trainLoss);
      expect(Math.abs(lr - expected.lr)).toBeLessThanOrEqual(1e-15);
      expect(Math.abs(norm - expected.grad_norm_before_clip)).toBeLessThanOrEqual(1e-6);
      const scale = weights.get("logit_scale")!.data[0]!;
      expect(Math.abs(scale - expected.logit_scale_after)).toBeLessThanOrEqual(FLOAT64.trained);
    }
    const after = (await forwardBackward())["loss"]!.data[0]!;
    expect(Math.abs(after - want.loss_after_float64)).toBeLessThanOrEqual(FLOAT64.trainLoss);
    const final = await golden(`train.${warmup}.final.safetensors`);
    expect(final.size).toBe(78);
    for (const [name, tensor] of final)
      expectClose(weights.get(name), tensor, FLOAT64.trained, name);
    const decayed = names.filter((name) => weights.get(name)!.shape.length >= 2);
    expect(decayed.toSorted()).toEqual([...want["weight_decay_0.2_on"]].toSorted());
    await program.dispose();
  });
});
