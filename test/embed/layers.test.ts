/** @file What lies inside a model: a layer of CLIP, any tensor of an ONNX file, rows of each image, latents. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Preprocess } from "../../src/data/preprocess.ts";
import type { Raster } from "../../src/data/raster.ts";
import { clipImages } from "../../src/embed/clip-encoder.ts";
import { onnxImages } from "../../src/embed/onnx-encoder.ts";
import { tokensOf } from "../../src/embed/pool.ts";
import { type OnnxModel, writeModel } from "../../src/engine/onnx/writer.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { towerConfig } from "../../src/model/clip/config.ts";
import { imageClassTokens } from "../../src/model/clip/graphs.ts";
import { clipImageProcessor } from "../../src/model/image-processor.ts";
import { flatImage, noiseImage } from "../data/images.ts";
import { hasReference } from "../golden.ts";
import { engines, expectClose, golden, loadTiny, plain, run } from "../model/clip/tiny.ts";
import { trainedClip } from "../model/trained.ts";
import { farthest } from "../train/python.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-layers-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a layer of CLIP", () => {
  describe.skipIf(!hasReference)("is transformers' hidden state (goldens)", () => {
    test.each(engines)("$engine.name", async ({ engine, forward }) => {
      const { config, weights, inputs } = await loadTiny();
      const hidden = await golden("forward.safetensors");
      const { pixelValues } = inputs;
      const batch = pixelValues!.shape[0]!;
      for (let block = 1; block <= towerConfig(config, "image").numHiddenLayers; block++) {
        const found = await run(
          engine,
          { found: imageClassTokens(config, plain(config), batch, block) },
          { ...Object.fromEntries(weights), pixel_values: pixelValues! },
        );
        const { shape, data } = hidden.get(`vision_hidden_states.${block}`)!;
        const [, tokens, d] = shape as [number, number, number];
        const expected = Float64Array.from({ length: batch * d }, (_, i) =>
          Number(data[Math.floor(i / d) * tokens * d + (i % d)]),
        );
        expectClose(
          found["found"]!,
          { shape: [batch, d], data: expected },
          forward,
          `block ${block}`,
        );
      }
    });
  });

  test("has the tower's width, differs by layer, and may not lie outside", async () => {
    const model = await trainedClip();
    const engine = onnxEngine({ threads: 1 });
    const { hiddenSize, numHiddenLayers } = towerConfig(model.config, "image");
    const images = [1, 2, 3].map((seed) => noiseImage(32, 32, seed));
    const embed = async (layer: number | null) => {
      const encoder = await clipImages(engine, model, 2, null, layer);
      const result = await encoder.embed(images.slice(0, 2));
      await encoder.dispose();
      return { ...result, about: JSON.stringify(encoder.about) };
    };
    const layers = [null, 1, numHiddenLayers];
    const results = await Promise.all(layers.map(embed));
    expect(results.map(({ d }) => d)).toEqual([model.config.projectionDim, hiddenSize, hiddenSize]);
    expect(new Set(results.map(({ about }) => about)).size).toBe(3);
    expect(farthest(results[1]!.x, results[2]!.x)).toBeGreaterThan(0.01);
    for (const layer of [0, numHiddenLayers + 1])
      await expect(embed(layer)).rejects.toThrow(
        `layer ${layer}: expected a block of the image tower, 1 to ${numHiddenLayers}`,
      );
  });
});

/** [-1, 1], as autoencoders of diffusion models have it. */
const signed = (size: number): Preprocess => ({
  ...clipImageProcessor(size),
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
});
const SIDE = 8;
const value = (name: string, shape: readonly (number | string)[]) =>
  ({ name, type: "float32", shape }) as const;

/** Halves a picture twice: `half` [B, 3, S/2, S/2] lies inside, the output is [B, 3, S/4, S/4]. */
const POOLING: OnnxModel = {
  nodes: [
    ["pixels", "half"],
    ["half", "latent"],
  ].map(([from, to]) => ({
    type: "AveragePool",
    domain: "",
    inputs: [from!],
    outputs: [to!],
    attributes: { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } },
  })),
  initializers: [],
  inputs: [value("pixels", ["B", 3, "H", "W"])],
  outputs: [value("latent", ["B", 3, "h", "w"])],
};
/** Rows of pixels as tokens: [B, 3 * S, S]. */
const TOKENS: OnnxModel = {
  nodes: [
    {
      type: "Reshape",
      domain: "",
      inputs: ["pixels", "shape"],
      outputs: ["tokens"],
      attributes: {},
    },
  ],
  initializers: [{ name: "shape", shape: [3], data: BigInt64Array.of(0n, -1n, BigInt(SIDE)) }],
  inputs: [value("pixels", ["B", 3, SIDE, SIDE])],
  outputs: [value("tokens", ["B", "T", SIDE])],
};

describe("an ONNX file", () => {
  const save = (name: string, model: OnnxModel): string => {
    const path = join(folder, name);
    writeFileSync(path, writeModel(model));
    return path;
  };
  const open = async (model: OnnxModel, choice: object) =>
    onnxImages(save("m.onnx", model), { preprocess: () => signed(SIDE), ...choice }, 2);
  const grey = (level: number): Raster => flatImage(SIDE, SIDE, level);

  test("of latents: all numbers of an image, in [-1, 1] at its own size", async () => {
    const encoder = await open(POOLING, { pool: "flatten" });
    const { x, d } = await encoder.embed([grey(0), grey(255), grey(51)]); // more than a batch
    expect(d).toBe(3 * 2 * 2);
    const levels = [-1, 1, -0.6].flatMap((level) => Array<number>(d).fill(level));
    expect(farthest(x, levels)).toBeLessThan(1e-6);
    await expect((await open(POOLING, {})).embed([grey(0)])).rejects.toThrow(
      "output latent is [2, 3, 2, 2], more than one row an image; say how to pool: mean, or flatten",
    );
  });

  test("gives any tensor inside as output", async () => {
    const encoder = await open(POOLING, { output: "half", pool: "flatten" });
    const image = noiseImage(SIDE, SIDE);
    const half = await encoder.embed([image]);
    expect(half.d).toBe(3 * 4 * 4);
    const corner = [0, 1, SIDE, SIDE + 1].map((pixel) => image.data[pixel * 3]! / 127.5 - 1);
    expect(half.x[0]).toBeCloseTo(corner.reduce((a, b) => a + b) / 4, 5);
    expect(encoder.about["output"]).toBe("half");
    await expect(open(POOLING, { output: "nothing" })).rejects.toThrow(
      'expected a tensor "nothing" to take as output, received latent and no such tensor inside',
    );
  });

  test.each([
    [197, 1], // ViT, DINO: the class token
    [196, 0],
    [261, 5], // DINOv2 with registers
    [50, 1],
  ])("of %d tokens, %d stand for no patch", (tokens, leading) => {
    const data = new Float32Array(tokens * 2);
    expect(tokensOf("x", { data, dims: [1, tokens, 2] })).toEqual({
      x: data,
      tokens,
      d: 2,
      leading,
    });
  });

  test("gives rows of each image", async () => {
    const encoder = await open(TOKENS, { pool: "mean" });
    const images = [grey(0), grey(255), grey(51)];
    const { x, tokens, d } = await encoder.tokens(images);
    expect([tokens, d, x.length]).toEqual([24, SIDE, 3 * 24 * SIDE]);
    const size = 24 * SIDE;
    const levels = [-1, 1, -0.6].flatMap((level) => Array<number>(size).fill(level));
    expect(farthest(x, levels)).toBeLessThan(1e-6);
    await expect((await open(POOLING, {})).tokens(images)).rejects.toThrow(
      "expected tokens [batch, tokens, numbers], received [2, 3, 2, 2]",
    );
  });
});
