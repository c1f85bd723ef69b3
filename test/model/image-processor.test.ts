/** @file preprocessor_config.json in the forms that are about. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Preprocess } from "../../src/data/preprocess.ts";
import {
  type ImageProcessor,
  clipImageProcessor,
  parseImageProcessor,
  toHuggingFaceImageProcessor,
} from "../../src/model/image-processor.ts";
import { hasSharedModels, sharedModels } from "../golden.ts";

const parse = (json: unknown): ImageProcessor =>
  parseImageProcessor(json, "folder/preprocessor_config.json");

describe("reading", () => {
  test.skipIf(!hasSharedModels)("CLIP's published file is the default", () => {
    const path = sharedModels("clip-vit-base-patch32-tokenizer", "preprocessor_config.json");
    expect(parse(JSON.parse(readFileSync(path, "utf8")))).toEqual(clipImageProcessor(224));
  });

  test("an empty file too, and numbers for sizes as old files have them", () => {
    expect(parse({})).toEqual(clipImageProcessor(224));
    expect(parse({ size: 48, crop_size: 48, resample: 2 })).toEqual(
      clipImageProcessor(48, "bilinear"),
    );
    expect(parse({ size: { shortest_edge: 48 }, crop_size: { height: 48, width: 48 } })).toEqual(
      clipImageProcessor(48),
    );
  });

  test("exact sizes, and switched-off steps", () => {
    const exact = parse({
      size: { height: 30, width: 40 },
      do_center_crop: false,
      do_rescale: false,
      do_normalize: false,
    });
    expect(exact).toEqual({
      resize: { width: 40, height: 30 },
      crop: { width: 40, height: 30 },
      kernel: "bicubic",
      rescaleFactor: 1,
      mean: [0, 0, 0],
      std: [1, 1, 1],
    });
    expect(parse({ do_resize: false, crop_size: 48 }).resize).toBeNull();
  });

  test.each([
    [{ size: "large" }, /size: expected a number, \{shortest_edge\} or \{height, width\}/],
    [{ size: { shortest_edge: 224, longest_edge: 300 } }, /size/],
    [{ resample: 1 }, /resample: expected 2 \(bilinear\) or 3 \(bicubic\)/],
    [{ image_std: [1, 0, 1] }, /image_std: expected three numbers > 0/],
    [{ image_mean: [0.5] }, /image_mean/],
    [{ do_center_crop: false }, /do_center_crop is false/],
    [{ do_center_crop: false, do_resize: false, size: { height: 9, width: 9 } }, /several sizes/],
    [[], /the file/],
  ])("%j is refused in one line", (json, message) => {
    expect(() => parse(json)).toThrow(message);
    expect(() => parse(json)).toThrow(/^folder\/preprocessor_config.json: [^\n]*$/);
  });
});

test("what is written is read as the same", () => {
  const processors: ImageProcessor[] = [
    clipImageProcessor(48, "bilinear"),
    { ...clipImageProcessor(48), resize: { width: 50, height: 60 } },
    { ...clipImageProcessor(48), resize: null, mean: [0, 0, 0], std: [1, 1, 1], rescaleFactor: 1 },
  ];
  for (const processor of processors) {
    const written: unknown = JSON.parse(JSON.stringify(toHuggingFaceImageProcessor(processor)));
    expect(parse(written)).toEqual(processor);
  }
});

test("the data layer takes a model's image processor as it is", () => {
  const spec: Preprocess = clipImageProcessor(32);
  expect(spec.crop).toEqual({ width: 32, height: 32 });
});
