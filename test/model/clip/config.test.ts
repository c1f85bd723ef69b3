/** @file CLIP's config.json: defaults, old forms, errors, round trip, and what transformers makes of it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/run/errors.ts";
import { parseClipConfig, toHuggingFaceConfig } from "../../../src/model/clip/config.ts";
import { clipParams, initialWeights } from "../../../src/model/clip/params.ts";
import { hasReference, python } from "../../golden.ts";
import { golden, loadTiny } from "./tiny.ts";

const parse = (json: unknown) => parseClipConfig(json, "x/config.json");

describe("parseClipConfig", () => {
  test("an empty CLIP config is ViT-B/32", () => {
    const { vision, text, projectionDim } = parse({ model_type: "clip" });
    expect(vision).toMatchObject({
      kind: "vit",
      hiddenSize: 768,
      patchSize: 32,
      numAttentionHeads: 12,
    });
    expect([text.hiddenSize, text.vocabSize, text.eosTokenId]).toEqual([512, 49408, 49407]);
    expect(projectionDim).toBe(512);
  });

  test("text_config_dict wins over text_config, null counts as absent", () => {
    const text_config = { hidden_size: 64, num_attention_heads: 4, eos_token_id: 2 };
    const base = { model_type: "clip", text_config };
    expect(parse({ ...base, text_config_dict: null }).text).toMatchObject({
      hiddenSize: 64,
      eosTokenId: 2,
    });
    expect(parse({ ...base, text_config_dict: { hidden_size: 128 } }).text).toMatchObject({
      hiddenSize: 128,
      eosTokenId: 49407,
    });
  });

  test.each([
    [{ model_type: "siglip" }, /^x\/config\.json: model_type is "siglip", expected "clip"; /],
    [{}, /^x\/config\.json: model_type is missing, expected "clip"; /],
    [[1], /^x\/config\.json: the file: .*expected object/],
    [
      { model_type: "clip", vision_config: { hidden_act: "relu" } },
      /^x\/config\.json: vision_config\.hidden_act: .*received relu; /,
    ],
    [
      { model_type: "clip", text_config: { hidden_size: 30, num_attention_heads: 4 } },
      /text_config: hidden_size must be a multiple of num_attention_heads; /,
    ],
    [
      { model_type: "clip", vision_config: { image_size: 224, patch_size: 15 } },
      /vision_config: image_size must be a multiple of patch_size; /,
    ],
  ])("%j is refused in one line", (json, message) => {
    expect(() => parse(json)).toThrow(UsageError);
    expect(() => parse(json)).toThrow(message);
    try {
      parse(json);
    } catch (error) {
      expect((error as Error).message).not.toContain("\n");
    }
  });

  test("what is written reads back the same", () => {
    const config = parse({
      model_type: "clip",
      projection_dim: 20,
      logit_scale_init_value: 1.5,
      text_config: { hidden_size: 24, num_attention_heads: 4, eos_token_id: 2, hidden_act: "gelu" },
      vision_config: { image_size: 48, patch_size: 8, num_channels: 1, layer_norm_eps: 1e-6 },
    });
    expect(parse(JSON.parse(JSON.stringify(toHuggingFaceConfig(config))))).toEqual(config);
  });
});

describe("parameters", () => {
  test.skipIf(!hasReference)("names and shapes are those of the golden model", async () => {
    const { config, weights } = await loadTiny();
    const ours = clipParams(config).map(({ name, shape }) => [name, [...shape]]);
    const theirs = [...weights].map(([name, { shape }]) => [name, [...shape]]);
    expect(ours.toSorted()).toEqual(theirs.toSorted());
    expect((await golden("model.safetensors")).size).toBe(ours.length);
  });

  test("equal seeds give equal weights, whatever the other tensors; other seeds others", () => {
    const small = { hidden_size: 16, intermediate_size: 32, num_attention_heads: 2 };
    const config = (layers: number) =>
      parse({
        model_type: "clip",
        text_config: { ...small, vocab_size: 50, num_hidden_layers: layers },
        vision_config: { ...small, num_hidden_layers: 1 },
        projection_dim: 8,
      });
    const name = "visual_projection.weight";
    const weights = initialWeights(config(1), 7);
    expect(initialWeights(config(1), 7)).toEqual(weights);
    expect(initialWeights(config(2), 7).get(name)).toEqual(weights.get(name));
    expect(initialWeights(config(1), 8).get(name)).not.toEqual(weights.get(name));
  });
});

const script = `
import json, sys, torch
from transformers import CLIPConfig, CLIPModel
ours = json.load(sys.stdin)
torch.manual_seed(0)
model = CLIPModel(CLIPConfig(**ours))
print(json.dumps({
  "defaults": CLIPConfig().to_dict(),
  "names": [n for n, _ in model.named_parameters()],
  "moments": {n: [p.mean().item(), (p ** 2).mean().sqrt().item(), list(p.shape)] for n, p in model.named_parameters()},
}))
`;
interface FromPython {
  readonly defaults: unknown;
  readonly names: readonly string[];
  readonly moments: Record<string, [mean: number, rms: number, shape: number[]]>;
}

// EQUICLIP_PYTHON names a python with torch and transformers
describe.skipIf(python === undefined)("against transformers", () => {
  test(
    "defaults, parameter order and the spread of initial weights",
    { timeout: 120_000 },
    async () => {
      const config = parse({
        model_type: "clip",
        text_config: {
          vocab_size: 900,
          num_hidden_layers: 3,
          hidden_size: 48,
          num_attention_heads: 4,
        },
        vision_config: {
          num_hidden_layers: 2,
          hidden_size: 64,
          num_attention_heads: 4,
          image_size: 64,
        },
        projection_dim: 40,
      });
      const child = promisify(execFile)(python!, ["-c", script], { maxBuffer: 1e8 });
      child.child.stdin!.end(JSON.stringify(toHuggingFaceConfig(config)));
      const got = JSON.parse((await child).stdout) as FromPython;
      expect(parse(got.defaults)).toEqual(parse({ model_type: "clip" }));
      expect(clipParams(config).map((p) => p.name)).toEqual(got.names);
      for (const [name, { shape, data }] of initialWeights(config, 1)) {
        const [mean, rms, theirShape] = got.moments[name]!;
        expect([...shape], name).toEqual(theirShape);
        const n = data.length;
        const ourMean = data.reduce((sum, x) => sum + x, 0) / n;
        const ourRms = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / n);
        // five standard errors of two samples of normal numbers
        expect(Math.abs(ourRms - rms), name).toBeLessThanOrEqual(rms * (5 / Math.sqrt(n)) + 1e-6);
        expect(Math.abs(ourMean - mean), name).toBeLessThanOrEqual(
          rms * 5 * Math.sqrt(2 / n) + 1e-6,
        );
      }
    },
  );
});
