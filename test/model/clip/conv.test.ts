/** @file A convolutional image tower: configuration, folder, what may train, cuts, folds, export. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import { clipOnnx } from "../../../src/cli/export/clip-onnx.ts";
import { clipImages } from "../../../src/embed/clip-encoder.ts";
import { onnxEngine } from "../../../src/engine/onnx/engine.ts";
import { reference } from "../../../src/engine/reference.ts";
import { input } from "../../../src/graph/build.ts";
import { parseClipConfig, toHuggingFaceConfig } from "../../../src/model/clip/config.ts";
import { cutOf, cutShape, imageAbove, imageBelow } from "../../../src/model/clip/cut.ts";
import { foldMap } from "../../../src/model/clip/fold.ts";
import { imageEmbeds, fedLayers } from "../../../src/model/clip/graphs.ts";
import { clipParams } from "../../../src/model/clip/params.ts";
import { type Trainable, trainedParams } from "../../../src/model/clip/trainable.ts";
import { batchNorm, conv, globalAvgPool, maxPool } from "../../../src/model/cnn/layers.ts";
import { type ClipModel, loadClip, saveClip } from "../../../src/model/folder.ts";
import { random } from "../../../src/run/random.ts";
import { noiseImage } from "../../data/images.ts";
import { python } from "../../golden.ts";
import { farthest } from "../../train/python.ts";
import { trainedClip } from "../trained.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-conv-"));
afterAll(() => rmSync(folder, { recursive: true }));

const engine = onnxEngine({ threads: 1 });
const model = await trainedClip("preset:tiny-conv");
const { config, weights } = model;
const BATCH = 3;
const pixelShape = [BATCH, 3, 32, 32];
const stream = random(5, "pixels");
const pixels = {
  shape: pixelShape,
  data: Float32Array.from({ length: BATCH * 3 * 32 * 32 }, () => stream.normal()),
};

async function embed({ config, weights }: ClipModel, on = engine, from = 0, count = BATCH) {
  const program = await on.compile({ embeds: imageEmbeds(config, fedLayers(weights), count) });
  const size = 3 * 32 * 32;
  const result = await program.run({
    ...Object.fromEntries(weights),
    pixel_values: {
      shape: [count, 3, 32, 32],
      data: pixels.data.subarray(from * size, (from + count) * size),
    },
  });
  await program.dispose();
  return [...result["embeds"]!.data];
}

describe("the tower", () => {
  test("is the same in 32 bits as in 64, and sees every image by itself", async () => {
    const exact = await embed(model, reference);
    expect(farthest(await embed(model), exact)).toBeLessThan(1e-5 * Math.max(...exact));
    expect(farthest(await embed(model, reference, 1, 1), exact.slice(32, 64))).toBeLessThan(1e-12);
  });

  test("has Hugging Face's names around its own", () => {
    const names = clipParams(config).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("vis"))).toEqual([
      ...[1, 2, 3, 4].flatMap((i) =>
        [`conv${i}.weight`, `norm${i}.weight`, `norm${i}.bias`].map((n) => `vision_model.${n}`),
      ),
      "vision_model.post_layernorm.weight",
      "vision_model.post_layernorm.bias",
      "visual_projection.weight",
    ]);
    expect([...weights.keys()]).toEqual(names);
  });

  test("has no blocks to read", async () => {
    await expect(clipImages(engine, model, 2, null, 1)).rejects.toThrow(
      "layer 1: the image tower is convolutional and has no blocks; leave the layer out",
    );
    const encoder = await clipImages(engine, model, 2);
    expect((await encoder.embed([noiseImage(32, 32, 1)])).d).toBe(32);
    await encoder.dispose();
  });
});

describe("config.json", () => {
  const json = structuredClone(toHuggingFaceConfig(config)) as {
    vision_config: Record<string, unknown>;
  };
  const parse = (change: object) =>
    parseClipConfig(
      { ...json, vision_config: { ...json.vision_config, ...change } },
      "config.json",
    );

  test("reads as it was written, in a folder with its weights", async () => {
    expect(parse({})).toEqual(config);
    await saveClip(join(folder, "saved"), model);
    const loaded = await loadClip(join(folder, "saved"));
    expect(loaded.config).toEqual(config);
    expect(loaded.weights).toEqual(weights);
  });

  test.each([
    [[conv("conv", 4, 3), batchNorm("bn"), globalAvgPool("pool")], /batchNorm "bn": .*groupNorm/],
    [[conv("conv", 4, 3, { l2: 1 }), globalAvgPool("pool")], /conv "conv": .*no L2 penalty/],
    [[conv("conv", 4, 3), maxPool("pool")], /expected a vector at the end.*maxPool "pool"/],
    [[conv("conv", 4, 33), globalAvgPool("pool")], /leaves nothing of 32 x 32; use images of 33/],
    [[{ kind: "groupNorm", name: "norm", groups: 2, eps: 1 }], /groups to divide 3 channels/],
    [[], /vision_config.layers: /],
  ])("refuses %j", (layers, message) => {
    expect(() => parse({ layers })).toThrow(message);
    expect(() => parse({ layers })).toThrow(/^config\.json: ?/);
  });

  test.skipIf(!python)(
    "transformers refuses it with the reason",
    { timeout: 120_000 },
    async () => {
      await saveClip(join(folder, "python"), model);
      const script = `
import sys, transformers
for kind in (transformers.CLIPModel, transformers.AutoModel):
    try:
        kind.from_pretrained(sys.argv[1])
        print("loaded")
    except Exception as error:
        print(error)
`;
      const out = execFileSync(python!, ["-c", script, join(folder, "python")], {
        encoding: "utf8",
      });
      const reason = "the image tower is convolutional";
      expect(out.trim().split("\n")).toEqual([
        expect.stringContaining(reason),
        expect.stringContaining(reason),
      ]);
    },
  );
});

describe("what trains", () => {
  const lora = { kind: "lora", rank: 2, alpha: 2, modules: ["q_proj"] } as const;
  const refused = /^model\.trainable: the image tower is convolutional and has no blocks/;

  test("full, head, probe, and of the text tower parts too", () => {
    const names = (trainable: Trainable) => [...trainedParams(config, trainable, 2).names];
    expect(names({ kind: "full" })).toEqual([...weights.keys()]);
    expect(names({ kind: "head" })).toContain("visual_projection.weight");
    expect(names({ kind: "probe" })).toEqual(["probe.weight", "probe.bias"]);
    for (const part of [
      { kind: "blocks", image: 0, text: 1 },
      { ...lora, towers: ["text"] },
    ] as const) {
      expect(names(part).some((name) => name.startsWith("vision_model"))).toBe(false);
      expect(cutOf(config, part, "image")).toEqual({ at: "embeds" });
    }
  });

  test.each<Trainable>([
    { kind: "blocks", image: 1, text: 0 },
    { ...lora, towers: ["image", "text"] },
  ])("of the image tower no parts: $kind", (trainable) => {
    expect(() => trainedParams(config, trainable, 2)).toThrow(refused);
  });

  test("the head goes on from what the tower below it made", async () => {
    const cut = cutOf(config, { kind: "head" }, "image")!;
    expect(cutShape(config, "image", cut, 1)).toEqual([64]);
    const layers = fedLayers(weights);
    const below = imageBelow(config, layers, cut, input("pixel_values", pixelShape));
    const above = imageAbove(config, layers, cut, below);
    const program = await engine.compile({ above });
    const { above: found } = await program.run({
      ...Object.fromEntries(weights),
      pixel_values: pixels,
    });
    expect([...found!.data]).toEqual(await embed(model));
    await program.dispose();
  });
});

test("folds a map with its constant", async () => {
  const raw = await embed(model, reference);
  const shift = Float64Array.from({ length: 32 }, (_, i) => Math.sin(i));
  const matrix = new Float64Array(32 * 32);
  for (let i = 0; i < 32; i++) matrix[i * 33] = i % 2;
  const folded = foldMap(weights, "image", { matrix, bias: shift });
  const expected = raw.map((x, i) => (i % 2) * x + shift[i % 32]!);
  const found = await embed({ ...model, weights: folded }, reference);
  expect(farthest(found, expected)).toBeLessThan(1e-4 * Math.max(...expected.map(Math.abs)));
});

test("exports to standard ONNX for any number of images", async () => {
  const file = Buffer.concat([...clipOnnx("vision_model", model)]);
  const session = await InferenceSession.create(file);
  const ours = await embed(model);
  for (const count of [1, BATCH]) {
    const shown = pixels.data.slice(0, (count * pixels.data.length) / BATCH);
    const { image_embeds: found } = await session.run({
      pixel_values: new Tensor("float32", shown, [count, 3, 32, 32]),
    });
    const expected = ours.slice(0, count * 32);
    expect(farthest(found!.data as Float32Array, expected)).toBeLessThan(1e-5 * Math.max(...ours));
  }
  await session.release();
});
