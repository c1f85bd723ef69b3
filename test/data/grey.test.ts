/** @file Images of one channel: Pillow's luma made before resizing, from file to batch. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NO_AUGMENTATION, STUDY_AUGMENTATION } from "../../src/data/augment.ts";
import { createPixelStore } from "../../src/data/pixels.ts";
import { type Preprocess, pixelNormalizer, resizeAndCrop } from "../../src/data/preprocess.ts";
import { pixelBatch } from "../../src/embed/encoder.ts";
import { cnnModel } from "../../src/model/cnn/model.ts";
import {
  parseImageProcessor,
  toHuggingFaceImageProcessor,
} from "../../src/model/image-processor.ts";
import { python } from "../golden.ts";
import { noiseImage, rowOf, toSharp } from "./images.ts";

const SIZE = 20;
const { imageProcessor } = cnnModel({ architecture: "aghav", size: SIZE });
const grey: Preprocess = imageProcessor;
const folder = mkdtempSync(join(tmpdir(), "grey-"));
const sizes = [
  [20, 20],
  [50, 33], // wide ones: Pillow 13 takes the vertical pass first where it shrinks more
  [9, 7],
  [64, 21],
] as const;
const images = sizes.map(([width, height], i) => noiseImage(width, height, i));
const rows = sizes.map((_, i) => rowOf(folder, `${i}.png`));

beforeAll(async () => {
  for (const [i, image] of images.entries())
    writeFileSync(rows[i]!.path, await toSharp(image).png().toBuffer());
});
afterAll(() => rmSync(folder, { recursive: true }));

const planes = (spec: Preprocess, channels: number) =>
  images.map((image) => {
    const out = new Float32Array(channels * SIZE * SIZE);
    pixelNormalizer(spec)(resizeAndCrop(image, spec), out, 0);
    return out;
  });

test("one plane, which is each of the three that a grey picture has", () => {
  const one = planes(grey, 1);
  const three = planes({ ...grey, channels: 3, grey: "luma" }, 3);
  for (const [i, plane] of one.entries())
    for (let c = 0; c < 3; c++)
      expect(three[i]!.subarray(c * SIZE * SIZE, (c + 1) * SIZE * SIZE)).toEqual(plane);
});

test.skipIf(python === undefined)("Pillow's convert and resize, to the bit", () => {
  const script = `
import json, sys
from PIL import Image
print(json.dumps([list(Image.open(f"{sys.argv[1]}/{i}.png").convert("L").resize((20, 20), Image.BILINEAR).tobytes()) for i in range(4)]))`;
  const expected: number[][] = JSON.parse(
    execFileSync(python!, ["-c", script, folder], { encoding: "utf8" }),
  );
  for (const [i, plane] of planes(grey, 1).entries())
    expect([...plane]).toEqual(expected[i]!.map((level) => Math.fround(level / 255)));
});

describe("the loader", () => {
  const open = (memoryBudget?: number, augment = NO_AUGMENTATION) =>
    createPixelStore({
      rows,
      preprocess: grey,
      augment,
      seed: 1,
      ...(memoryBudget === undefined ? {} : { memoryBudget }),
    });

  test("resizes files of any size to the network's, held or not", async () => {
    const expected = planes(grey, 1).flatMap((plane) => [...plane]);
    for (const store of [await open(), await open(0)]) {
      expect(store.shape).toEqual([1, SIZE, SIZE]);
      expect([...(await store.batch([0, 1, 2, 3], null))]).toEqual(expected);
    }
    expect([
      ...pixelBatch(
        images.map((image) => resizeAndCrop(image, grey)),
        grey,
        5,
      ),
    ]).toEqual([...expected, ...new Float32Array(SIZE * SIZE)]);
  });

  test("augments it, the same whether held or not", async () => {
    const [held, decoded] = [
      await open(undefined, STUDY_AUGMENTATION),
      await open(0, STUDY_AUGMENTATION),
    ];
    const pixels = await held.batch([1, 2], 3);
    expect(pixels).toHaveLength(2 * SIZE * SIZE);
    expect(await decoded.batch([1, 2], 3)).toEqual(pixels);
    expect(await held.batch([1, 2], null)).not.toEqual(pixels);
  });
});

test("preprocessor_config.json says one channel, and is no CLIPImageProcessor then", () => {
  const written: unknown = JSON.parse(JSON.stringify(toHuggingFaceImageProcessor(imageProcessor)));
  expect(written).toMatchObject({
    num_channels: 1,
    image_processor_type: "EquiclipImageProcessor",
  });
  expect(parseImageProcessor(written, "x")).toEqual(imageProcessor);
});
