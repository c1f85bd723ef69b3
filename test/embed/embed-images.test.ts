/** @file Images become embeddings: by each kind of model alike, past bad files, and to the same bits when stopped in between. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clipOnnx } from "../../src/cli/export/clip-onnx.ts";
import { NO_AUGMENTATION } from "../../src/data/augment.ts";
import { createPixelStore } from "../../src/data/pixels.ts";
import type { Row } from "../../src/data/row.ts";
import { readUtkface } from "../../src/data/utkface.ts";
import { clipImages, clipTexts } from "../../src/embed/clip-encoder.ts";
import { embedImages } from "../../src/embed/embed-images.ts";
import type { ImageEncoder } from "../../src/embed/encoder.ts";
import { onnxImages } from "../../src/embed/onnx-encoder.ts";
import { pooled } from "../../src/embed/pool.ts";
import { transformersImages, transformersTexts } from "../../src/embed/transformers-encoder.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { WHOLE } from "../../src/model/clip/cut.ts";
import { type ClipModel, saveOnnxFolder } from "../../src/model/folder.ts";
import { type Cache, openCache } from "../../src/run/cache/cache.ts";
import { BATCH as TRAINING_BATCH, createPrefix } from "../../src/train/features/prefix.ts";
import { openFeatures } from "../../src/train/features/rows.ts";
import { createTowers } from "../../src/train/network.ts";
import { silent } from "../../src/run/progress.ts";
import { drawUtkface } from "../cli/faces.ts";
import { trainedClip } from "../model/trained.ts";
import { farthest } from "../train/python.ts";

const folder = mkdtempSync(join(tmpdir(), "equiclip-embed-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...parts: readonly string[]): string => join(folder, ...parts);
const engine = onnxEngine({ threads: 1 });
const BATCH = 4;
const CLOSE = 1e-4;

let model: ClipModel;
let rows: readonly Row[];
let clip: ImageEncoder;
beforeAll(async () => {
  model = await trainedClip();
  await drawUtkface(at("faces"), 14);
  ({ rows } = await readUtkface(at("faces")));
  clip = await clipImages(engine, model, BATCH);
  await saveOnnxFolder(at("web"), model, {
    vision_model: () => clipOnnx("vision_model", model),
    text_model: () => clipOnnx("text_model", model),
  });
});
afterAll(() => clip.dispose());

const options = (partial: string, more: Partial<Parameters<typeof embedImages>[2]> = {}) => ({
  batchSize: BATCH,
  maxBad: 0,
  normalise: true,
  partial: at(partial),
  progress: silent,
  signal: new AbortController().signal,
  ...more,
});

describe("embeddings that are kept", () => {
  const cacheAt = (path: string): Cache =>
    openCache({ folder: at(path), limit: 1e9, warn: (line) => expect.unreachable(line) });
  const embedded = async (batchSize: number, time: string, cache: Cache | null) => {
    const encoder = await clipImages(engine, model, batchSize, cache);
    const found = await embedImages(rows, encoder, options(time, { batchSize, normalise: false }));
    await encoder.dispose();
    return found;
  };
  /** As training takes them; and how often it computes. */
  async function trained(cache: Cache) {
    const { config, weights, imageProcessor } = model;
    const augment = NO_AUGMENTATION;
    const store = await createPixelStore({ rows, preprocess: imageProcessor, augment, seed: 0 });
    const prefix = createPrefix(engine, createTowers(config, weights), WHOLE, imageProcessor);
    let runs = 0;
    const counted = { ...prefix, run: (pixels: Float32Array) => (runs++, prefix.run(pixels)) };
    const features = await openFeatures(counted, store, cache, false);
    const x = await features.batch([...rows.keys()], null);
    await features.close();
    await prefix.release();
    return { x, runs };
  }

  test("are the same bits, and those that training keeps of the same tower", async () => {
    const fresh = await embedded(TRAINING_BATCH, "fresh", null);
    for (const time of ["fills", "reads"])
      expect(await embedded(TRAINING_BATCH, time, cacheAt("cache")), time).toEqual({
        ...fresh,
        finish: expect.any(Function),
      });
    expect(await trained(cacheAt("cache"))).toEqual({ x: fresh.x, runs: 0 });
  });

  test("are not taken for those of another batch size, whose sums are split otherwise", async () => {
    await embedded(BATCH, "small", cacheAt("small"));
    expect((await trained(cacheAt("small"))).runs).toBe(1);
  });
});

describe("every kind of model", () => {
  const kinds: Readonly<Record<string, () => Promise<ImageEncoder>>> = {
    onnx: () =>
      onnxImages(
        at("web", "onnx", "vision_model.onnx"),
        { preprocess: () => model.imageProcessor },
        BATCH,
      ),
    "transformers.js": () => transformersImages(at("web"), undefined, BATCH),
  };
  test.each(Object.keys(kinds))("%s says what the towers here say", async (kind) => {
    const encoder = await kinds[kind]!();
    const theirs = await embedImages(rows, encoder, options(kind, { normalise: false }));
    const ours = await embedImages(rows, clip, options("ours", { normalise: false }));
    expect(theirs.d).toBe(32);
    expect(farthest(theirs.x, ours.x)).toBeLessThan(CLOSE);
    expect(encoder.about["weights_sha256"]).toMatch(/^[0-9a-f]{64}$/);
    await ours.finish();
    await encoder.dispose();
  });

  test("prompts, too", async () => {
    const encoder = await transformersImages(at("web"), undefined, BATCH);
    expect(encoder.hasTexts).toBe(true);
    await encoder.dispose();
    const texts = ["a cat", "a photo of something"];
    const ours = await clipTexts(engine, model, texts);
    expect(farthest((await transformersTexts(at("web"), texts)).x, ours.x)).toBeLessThan(CLOSE);
  });

  test("is refused when it is not one", async () => {
    await expect(transformersImages(at("faces"), undefined, BATCH)).rejects.toThrow(
      `${at("faces")}: transformers.js cannot load it:`,
    );
    const open = (path: string, choice = {}) =>
      onnxImages(path, { preprocess: () => model.imageProcessor, ...choice }, BATCH);
    await expect(open(at("none.onnx"))).rejects.toThrow("none.onnx: cannot be read");
    writeFileSync(at("text.onnx"), "hello");
    await expect(open(at("text.onnx"))).rejects.toThrow("not an ONNX model that can be run");
    const vision = at("web", "onnx", "vision_model.onnx");
    await expect(open(vision, { output: "x" })).rejects.toThrow(
      'expected a tensor "x" to take as output, received image_embeds and no such tensor inside',
    );
    await expect(
      open(at("web", "onnx", "text_model.onnx"), { input: "input_ids" }),
    ).rejects.toThrow("expected pixels alone as input, received input_ids, attention_mask");
    const small = { ...model.imageProcessor, crop: { width: 16, height: 16 } };
    await expect(open(vision, { preprocess: () => small })).rejects.toThrow(
      "takes images of 32 x 32 pixels, expected 16 x 16; set size",
    );
  });
});

test("rows are of unit length where that is asked for", async () => {
  const unit = await embedImages(rows, clip, options("unit"));
  const raw = await embedImages(rows, clip, options("raw", { normalise: false }));
  const length = (x: Float32Array, row: number) =>
    Math.hypot(...x.subarray(row * 32, row * 32 + 32));
  for (let row = 0; row < rows.length; row++) {
    expect(length(unit.x, row)).toBeCloseTo(1, 6);
    expect(length(raw.x, row)).toBeGreaterThan(1.1);
    const scaled = raw.x.subarray(row * 32, row * 32 + 32).map((x) => x / length(raw.x, row));
    expect(farthest(scaled, unit.x.subarray(row * 32, row * 32 + 32))).toBeLessThan(1e-6);
  }
});

describe("images that cannot be read", () => {
  const withBad = (): Row[] => {
    mkdirSync(at("bad"), { recursive: true });
    writeFileSync(at("bad", "text.jpg"), "no image");
    const bad = { ...rows[0]!, id: "text.jpg", path: at("bad", "text.jpg") };
    const gone = { ...rows[0]!, id: "gone.jpg", path: at("bad", "gone.jpg") };
    // one among others, and a batch of nothing else
    return [
      ...rows.slice(0, 2),
      bad,
      ...rows.slice(2, 9),
      ...Array.from({ length: 4 }, (_, i) => ({ ...gone, id: `${i}.jpg` })),
    ];
  };

  test("are an error, or named and left out", async () => {
    const all = withBad();
    await expect(embedImages(all, clip, options("b1"))).rejects.toThrow(
      /^1 of 14 images cannot be read, expected at most 0 \(--max-bad 0\); .*\n {2}text.jpg: not an image/,
    );
    rmSync(at("b1.partial"), { recursive: true, force: true });
    const done = await embedImages(all, clip, options("b2", { maxBad: 0.4 }));
    expect(done.bad.map(({ id }) => id)).toEqual(["text.jpg", "0.jpg", "1.jpg", "2.jpg", "3.jpg"]);
    expect(done.rows).toEqual(rows.slice(0, 9));
    const plain = await embedImages(rows.slice(0, 9), clip, options("b3"));
    expect(farthest(done.x, plain.x)).toBeLessThan(1e-6);
  });

  test("are remembered by what was done before", async () => {
    const all = withBad();
    const whole = await embedImages(all, clip, options("r1", { maxBad: 0.4 }));
    const controller = new AbortController();
    controller.abort();
    const stop = options("r2", { maxBad: 0.4, signal: controller.signal });
    for (let i = 0; i < 3; i++)
      await expect(embedImages(all, clip, stop)).rejects.toThrow(`${4 * (i + 1)} of 14 images`);
    const resumed = await embedImages(all, clip, stop);
    expect(resumed).toEqual({ ...whole, finish: resumed.finish });
  });
});

describe("stopped in between", () => {
  /** An encoder that fails at a batch. */
  const failing = (batch: number): ImageEncoder => {
    let count = 0;
    return {
      ...clip,
      embed: (images) =>
        count++ === batch ? Promise.reject(new Error("power cut")) : clip.embed(images),
    };
  };

  test("it goes on to the same bits, wherever it was", async () => {
    const whole = await embedImages(rows, clip, options("whole"));
    for (let batch = 0; batch < 4; batch++) {
      const place = options(`cut-${batch}`);
      await expect(embedImages(rows, failing(batch), place)).rejects.toThrow("power cut");
      if (batch > 0) {
        // half a batch more on disk, as a kill may leave it
        writeFileSync(join(place.partial, "rows.f32"), Buffer.alloc(200), { flag: "a" });
        writeFileSync(join(place.partial, "bad.jsonl"), '{"row": 13, "id": "x", "rea', {
          flag: "a",
        });
      }
      let embedded = 0;
      const counting: ImageEncoder = {
        ...clip,
        embed: (images) => {
          embedded += images.length;
          return clip.embed(images);
        },
      };
      const resumed = await embedImages(rows, counting, place);
      expect(
        Buffer.from(resumed.x.buffer, resumed.x.byteOffset, resumed.x.byteLength).equals(
          Buffer.from(whole.x.buffer, whole.x.byteOffset, whole.x.byteLength),
        ),
      ).toBe(true);
      expect(embedded).toBe(rows.length - BATCH * batch);
      expect(existsSync(place.partial)).toBe(true);
      await resumed.finish();
      expect(existsSync(place.partial)).toBe(false);
    }
  });

  test("it does not go on with another model or other rows", async () => {
    await expect(embedImages(rows, failing(1), options("key"))).rejects.toThrow("power cut");
    const other = { ...clip, about: { ...clip.about, weights_sha256: "0" } };
    for (const [encoder, some] of [
      [other, rows],
      [clip, rows.slice(1)],
    ] as const)
      await expect(embedImages(some, encoder, options("key"))).rejects.toThrow(
        "holds embeddings of another model, other data or settings, not yet whole",
      );
    expect(readdirSync(at("key"))).toContain("rows.f32");
  });
});

describe("pooling", () => {
  const data = Float32Array.from({ length: 24 }, (_, i) => i);
  test("tokens, maps and rows", () => {
    expect(pooled("x", { data, dims: [2, 12] }, undefined)).toEqual({ x: data, d: 12 });
    expect(pooled("x", { data, dims: [2, 12, 1, 1] }, undefined)).toEqual({ x: data, d: 12 });
    expect(pooled("x", { data, dims: [2, 3, 4] }, "first").x).toEqual(
      Float32Array.of(0, 1, 2, 3, 12, 13, 14, 15),
    );
    expect(pooled("x", { data, dims: [2, 3, 4] }, "mean")).toEqual({
      x: Float32Array.of(4, 5, 6, 7, 16, 17, 18, 19),
      d: 4,
    });
    expect(pooled("x", { data, dims: [2, 3, 2, 2] }, "mean")).toEqual({
      x: Float32Array.of(1.5, 5.5, 9.5, 13.5, 17.5, 21.5),
      d: 3,
    });
    for (const dims of [
      [2, 3, 2, 2],
      [2, 3, 4],
    ])
      expect(pooled("x", { data, dims }, "flatten")).toEqual({ x: data, d: 12 });
  });
  test.each([
    [[2, 3, 4], undefined, "x is [2, 3, 4], more than one row an image; say how to pool: first"],
    [[2, 3, 2, 2], "first", "say how to pool: mean, or flatten"],
    [[24], "mean", "received [24]; name another output"],
  ] as const)("%j by %s", (dims, pool, message) => {
    expect(() => pooled("x", { data, dims }, pool)).toThrow(message);
  });
});
