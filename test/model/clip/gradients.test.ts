/** @file Losses and all 78 gradients of the tiny CLIP against PyTorch, on both engines. */
import { describe, expect, test } from "vitest";
import { grad } from "../../../src/graph/autodiff.ts";
import { clipParams } from "../../../src/model/clip/params.ts";
import { hasReference } from "../../golden.ts";
import {
  engines,
  expectClose,
  golden,
  goldenJson,
  loadTiny,
  lossInputs,
  losses,
  plain,
  run,
} from "./tiny.ts";

type LossGolden = Record<string, Record<string, { loss_float64: number }>>;

describe.skipIf(!hasReference)("golden gradients", () => {
  describe.each(engines)("$engine.name", ({ engine, loss: lossTolerance, gradient }) => {
    test.each([
      ["quick_gelu", "config.json", "contrastive", "grads.contrastive.safetensors"],
      ["quick_gelu", "config.json", "prompt_ce", "grads.prompt_ce.safetensors"],
      ["gelu", "config.gelu.json", "prompt_ce", "gelu.grads.prompt_ce.safetensors"],
    ] as const)("%s, %s: %s", async (activation, configFile, name, goldenFile) => {
      const tiny = await loadTiny(configFile);
      const layers = plain(tiny.config);
      const loss = losses[name].build(tiny.config, layers);
      const names = clipParams(tiny.config).map((p) => p.name);
      expect(names).toHaveLength(78);
      const nodes = grad(loss, names.map(layers.param));
      const outputs = { loss, ...Object.fromEntries(names.map((n, i) => [n, nodes[i]!])) };
      const actual = await run(engine, outputs, tiny.weights, lossInputs(tiny, losses[name]));
      const info = (await goldenJson("clip-tiny", "golden.json")) as LossGolden;
      const difference = actual["loss"]!.data[0]! - info[activation]![name]!.loss_float64;
      expect(Math.abs(difference)).toBeLessThanOrEqual(lossTolerance);
      const expected = await golden(goldenFile);
      expect(expected.size).toBe(78);
      for (const [n, want] of expected) expectClose(actual[n], want, gradient, n);
    });
  });
});
