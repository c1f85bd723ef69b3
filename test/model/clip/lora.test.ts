/** @file LoRA against peft's numbers, on both engines; merging; initialisation. */
import { describe, expect, test } from "vitest";
import { grad } from "../../../src/graph/autodiff.ts";
import { l2Normalize } from "../../../src/graph/build.ts";
import { toposort, isOp } from "../../../src/graph/node.ts";
import { EquiclipError } from "../../../src/run/errors.ts";
import { similarityLogits } from "../../../src/model/clip/heads.ts";
import { plainLayers } from "../../../src/model/clip/layers.ts";
import {
  type LoraConfig,
  loraLayers,
  loraParams,
  mergeLora,
} from "../../../src/model/clip/lora.ts";
import { clipParams } from "../../../src/model/clip/params.ts";
import { initialize } from "../../../src/model/param-spec.ts";
import type { StoredTensor, Weights } from "../../../src/model/weights.ts";
import { hasReference } from "../../golden.ts";
import {
  type Tiny,
  engines,
  expectClose,
  golden,
  goldenJson,
  loadTiny,
  lossInputs,
  losses,
  paramNodes,
  plain,
  run,
  towers,
} from "./tiny.ts";

const lora: LoraConfig = {
  rank: 2,
  alpha: 4,
  modules: ["q_proj", "v_proj"],
  towers: ["image", "text"],
};
const adapted = ({ config }: Tiny) => {
  const specs = [...clipParams(config), ...loraParams(config, lora)];
  return loraLayers(plainLayers(paramNodes(specs.map((s) => [s.name, s]))), config, lora);
};
const outputsOf = (tiny: Tiny, layers: ReturnType<typeof plain>) => {
  const { image, text } = towers(tiny.config, layers, 6, 5);
  const [images, texts] = [l2Normalize(image.embeds), l2Normalize(text.embeds)];
  return {
    "out.image_embeds_raw": image.embeds,
    "out.text_embeds_raw": text.embeds,
    "out.image_embeds": images,
    "out.text_embeds": texts,
    "out.logits_per_image": similarityLogits(images, texts, layers.param("logit_scale")),
  };
};
const isAdapter = (name: string): boolean =>
  /^(text|vision)_model.*\.lora_[AB]\.weight$/.test(name);
const withAdapters = (tiny: Tiny, stored: ReadonlyMap<string, StoredTensor>): Weights =>
  new Map([...tiny.weights, ...[...stored].filter(([name]) => isAdapter(name))]) as Weights;

describe.skipIf(!hasReference)("golden lora", () => {
  describe.each(engines)("$engine.name", ({ engine, forward, loss: lossTolerance, gradient }) => {
    test("outputs, loss and adapter gradients", async () => {
      const tiny = await loadTiny();
      const stored = await golden("lora.safetensors");
      const layers = adapted(tiny);
      const weights = withAdapters(tiny, stored);
      const outputs = outputsOf(tiny, layers);
      const actual = await run(engine, outputs, weights, tiny.inputs);
      for (const name of Object.keys(outputs))
        expectClose(actual[name], stored.get(name), forward, name);

      const loss = losses.prompt_ce.build(tiny.config, layers);
      const names = loraParams(tiny.config, lora).map((p) => p.name);
      expect(names.toSorted()).toEqual([...stored.keys()].filter(isAdapter).toSorted());
      const nodes = grad(loss, names.map(layers.param));
      const gradients = Object.fromEntries(names.map((n, i) => [n, nodes[i]!]));
      const inputs = lossInputs(tiny, losses.prompt_ce);
      const got = await run(engine, { loss, ...gradients }, weights, inputs);
      const info = (await goldenJson("clip-tiny", "golden.json")) as {
        lora: { loss_prompt_ce_float64: number };
      };
      const difference = got["loss"]!.data[0]! - info.lora.loss_prompt_ce_float64;
      expect(Math.abs(difference)).toBeLessThanOrEqual(lossTolerance);
      for (const n of names) expectClose(got[n], stored.get(`grad.${n}`), gradient, n);
    });

    test("merged weights give the same outputs", async () => {
      const tiny = await loadTiny();
      const stored = await golden("lora.safetensors");
      const merged = mergeLora(withAdapters(tiny, stored), tiny.config, lora);
      expect([...merged.keys()].toSorted()).toEqual([...tiny.weights.keys()].toSorted());
      const outputs = outputsOf(tiny, plain(tiny.config));
      const actual = await run(engine, outputs, merged, tiny.inputs);
      for (const name of Object.keys(outputs))
        expectClose(actual[name], stored.get(name), forward, name);
    });
  });

  test("fresh adapters change nothing, and A has peft's spread", async () => {
    const tiny = await loadTiny();
    const weights = new Map([...tiny.weights, ...initialize(loraParams(tiny.config, lora), 3)]);
    const merged = mergeLora(weights as Weights, tiny.config, lora);
    for (const [name, { data }] of tiny.weights) expect(merged.get(name)!.data).toEqual(data);
    for (const [name, { shape, data }] of initialize(loraParams(tiny.config, lora), 3)) {
      if (name.includes("lora_B")) expect(data.every((x) => x === 0)).toBe(true);
      else {
        const limit = 1 / Math.sqrt(shape[1]!);
        const largest = Math.max(...data.map(Math.abs));
        expect(largest).toBeLessThanOrEqual(limit);
        expect(largest).toBeGreaterThan(0.8 * limit);
      }
    }
  });

  test("the backward pass builds no gradient of a frozen weight", async () => {
    const tiny = await loadTiny();
    const layers = adapted(tiny);
    const loss = losses.prompt_ce.build(tiny.config, layers);
    const shapes = new Set(["24,24", "96,24", "24,96", "32,32", "128,32", "32,128"]); // of the blocks
    /** Products of the size of a block's weights, among the nodes that gradients add. */
    const weightProducts = (names: readonly string[]): number => {
      const forward = new Set(toposort([loss]));
      return toposort(grad(loss, names.map(layers.param))).filter(
        (node) => isOp(node, "matmul") && !forward.has(node) && shapes.has(node.shape.join()),
      ).length;
    };
    expect(weightProducts(clipParams(tiny.config).map((p) => p.name))).toBe(24); // 2 towers, 2 blocks, 6 each
    expect(weightProducts(loraParams(tiny.config, lora).map((p) => p.name))).toBe(0);
  });

  test("merging without the adapters says which is missing", async () => {
    const tiny = await loadTiny();
    expect(() => mergeLora(tiny.weights as Weights, tiny.config, lora)).toThrow(EquiclipError);
    expect(() => mergeLora(tiny.weights as Weights, tiny.config, lora)).toThrow(
      /layers\.0\.self_attn\.q_proj\.lora_A\.weight is not among/,
    );
  });
});
