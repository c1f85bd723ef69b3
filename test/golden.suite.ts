/** @file The tiny CLIP of the goldens on any engine: what transformers and PyTorch say of it. */
import { describe, expect, test } from "vitest";
import type { Engine } from "../src/engine/engine.ts";
import { grad } from "../src/graph/autodiff.ts";
import { l2Normalize, layerNorm } from "../src/graph/build.ts";
import { similarityLogits } from "../src/model/clip/heads.ts";
import { clipParams } from "../src/model/clip/params.ts";
import { eosPositions } from "../src/model/clip/text.ts";
import type { Weights } from "../src/model/weights.ts";
import { createNetwork } from "../src/train/network.ts";
import { promptObjective } from "../src/train/objective.ts";
import { type Schedule, learningRate } from "../src/train/schedules.ts";
import { plainTexts } from "../src/train/texts.ts";
import { createUpdater } from "../src/train/update/create.ts";
import { hasReference } from "./golden.ts";
import {
  type GoldenTolerances,
  LABELS,
  batchFirst,
  expectClose,
  golden,
  goldenJson,
  loadTiny,
  lossInputs,
  losses,
  plain,
  run,
  towers,
} from "./model/clip/tiny.ts";

interface Step {
  readonly lr: number;
  readonly loss: number;
  readonly grad_norm_before_clip: number;
  readonly logit_scale_after: number;
}
interface Golden {
  readonly [activation: string]: Record<string, { readonly loss_float64: number }>;
}
interface Training {
  readonly [run: string]: {
    readonly float64: readonly Step[];
    readonly loss_after_float64: number;
  };
}

/** Runs on any engine that computes with `Weights`, which are float32. Skipped where the goldens are not there. */
export function runGoldenSuite(engine: Engine, tolerances: GoldenTolerances): void {
  describe.skipIf(!hasReference)(
    `${engine.name}: the tiny CLIP of the goldens (needs EQUICLIP_REFERENCE)`,
    () => {
      test.each([
        ["config.json", "forward.safetensors"],
        ["config.gelu.json", "gelu.forward.safetensors"],
      ])("%s: every tensor of the forward pass", async (configFile, goldenFile) => {
        const { config, weights, texts, inputs } = await loadTiny(configFile);
        const layers = plain(config);
        const { image, text } = towers(config, layers, 6, 5);
        const [unitImages, unitTexts] = [l2Normalize(image.embeds), l2Normalize(text.embeds)];
        const last = batchFirst(text.hiddenStates.at(-1)!, 5);
        const gamma = layers.param("text_model.final_layer_norm.weight");
        const beta = layers.param("text_model.final_layer_norm.bias");
        const outputs = {
          image_embeds_raw: image.embeds,
          text_embeds_raw: text.embeds,
          image_embeds: unitImages,
          text_embeds: unitTexts,
          logits_per_image: similarityLogits(unitImages, unitTexts, layers.param("logit_scale")),
          vision_pooler_output: image.pooled,
          text_pooler_output: text.pooled,
          text_last_hidden_state: layerNorm(last, gamma, beta, config.text.layerNormEps),
          ...Object.fromEntries(
            image.hiddenStates.map((x, i) => [`vision_hidden_states.${i}`, batchFirst(x, 6)]),
          ),
          ...Object.fromEntries(
            text.hiddenStates.map((x, i) => [`text_hidden_states.${i}`, batchFirst(x, 5)]),
          ),
        };
        const expected = await golden(goldenFile);
        expect(Object.keys(outputs).toSorted()).toEqual([...expected.keys()].toSorted());
        const actual = await run(engine, outputs, weights, inputs);
        const eos = eosPositions(config, texts);
        for (const [name, want] of expected) {
          if (/^text_(hidden|last)/.test(name)) {
            // the goldens mask padding, too, which changes rows after the end of a text: none that anything reads
            const [, length, width] = want.shape as [number, number, number];
            const real = (_v: number, i: number): boolean =>
              Math.floor(i / width) % length <= eos[Math.floor(i / width / length)]!;
            const keep = (data: Iterable<number>) => Float64Array.from(data).filter(real);
            const shape = [keep(want.data).length];
            expectClose(
              { shape, data: keep(actual[name]!.data) },
              { shape, data: keep(want.data) },
              tolerances.forward,
              name,
            );
          } else expectClose(actual[name], want, tolerances.forward, name);
        }
      });

      test.each([
        ["quick_gelu", "config.json", "contrastive", "grads.contrastive.safetensors"],
        ["quick_gelu", "config.json", "prompt_ce", "grads.prompt_ce.safetensors"],
        ["gelu", "config.gelu.json", "prompt_ce", "gelu.grads.prompt_ce.safetensors"],
      ] as const)(
        "%s, %s: %s and all 78 gradients",
        async (activation, configFile, name, goldenFile) => {
          const tiny = await loadTiny(configFile);
          const layers = plain(tiny.config);
          const loss = losses[name].build(tiny.config, layers);
          const names = clipParams(tiny.config).map((p) => p.name);
          expect(names).toHaveLength(78);
          const nodes = grad(loss, names.map(layers.param));
          const outputs = { loss, ...Object.fromEntries(names.map((n, i) => [n, nodes[i]!])) };
          const actual = await run(engine, outputs, tiny.weights, lossInputs(tiny, losses[name]));
          const info = (await goldenJson("clip-tiny", "golden.json")) as Golden;
          const difference = actual["loss"]!.data[0]! - info[activation]![name]!.loss_float64;
          expect(Math.abs(difference)).toBeLessThanOrEqual(tolerances.loss);
          const expected = await golden(goldenFile);
          expect(expected.size).toBe(78);
          for (const [n, want] of expected) expectClose(actual[n], want, tolerances.gradient, n);
        },
      );

      test.each(["openclip", "hf"] as const)(
        "ten AdamW steps, warmed up as %s does, are PyTorch's",
        async (warmup) => {
          const { config, weights, texts, inputs } = await loadTiny();
          const own: Weights = new Map(
            [...weights].map(([name, { shape, data }]) => [
              name,
              { shape, data: Float32Array.from(data) },
            ]),
          );
          const network = createNetwork(config, own, { kind: "full" }, 2, 0);
          const prompts = {
            texts: plainTexts(config, texts.slice(0, 2)),
            averaging: [1, 0, 0, 1],
            classes: 2,
          };
          const objective = promptObjective(prompts, Int32Array.from(LABELS));
          const updater = await createUpdater(
            engine,
            network,
            objective,
            {
              batchSize: 6,
              accumulate: 1,
              optimizer: { name: "adamw", beta1: 0.9, beta2: 0.98, eps: 1e-6, weightDecay: 0.2 },
              clipNorm: 1,
              maxLogitScale: null,
              ema: null,
            },
            null,
          );
          const batch = {
            rows: [0, 1, 2, 3, 4, 5],
            inputs: inputs["pixelValues"]!.data as Float32Array,
            weights: new Float32Array(6).fill(1),
          };
          const schedule: Schedule = {
            decay: "cosine",
            warmup,
            lr: 1e-3,
            warmupSteps: 3,
            totalSteps: 10,
          };
          const info = (await goldenJson("clip-tiny", "golden.json")) as Training;
          const want = info[`train_${warmup}`]!;
          const near = (found: number, expected: number, tolerance: number): void =>
            expect(Math.abs(found - expected)).toBeLessThanOrEqual(tolerance);
          for (const [step, expected] of want.float64.entries()) {
            const found = await updater.update([batch], learningRate(schedule, step), () => {});
            near(found.loss, expected.loss, tolerances.trainLoss);
            near(found.gradNorm, expected.grad_norm_before_clip, 100 * tolerances.trainLoss);
            await updater.settle();
            const scale = own.get("logit_scale")!.data[0]!;
            near(scale, expected.logit_scale_after, tolerances.trained);
          }
          const final = await golden(`train.${warmup}.final.safetensors`);
          expect(final.size).toBe(78);
          for (const [name, tensor] of final)
            expectClose(own.get(name), tensor, tolerances.trained, name);
          const after = await updater.update([batch], 0, () => {});
          near(after.loss, want.loss_after_float64, tolerances.trainLoss);
          await updater.dispose();
        },
      );
    },
  );
}
