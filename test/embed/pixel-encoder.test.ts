/** @file Pixel luminance: the levels of the primary colours, how many numbers, and pictures that are not square. */
import { describe, expect, test } from "vitest";
import { resizeAndCrop } from "../../src/data/preprocess.ts";
import type { Raster } from "../../src/data/raster.ts";
import { type PixelChoice, pixelImages } from "../../src/embed/pixel-encoder.ts";
import { noiseImage } from "../data/images.ts";

const CHOICE: PixelChoice = { size: 4, lightness: "luma", range: "unit", fit: "stretch" };

const flat = (width: number, height: number, rgb: readonly number[]): Raster => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => rgb[i % 3]!),
});

async function encode(image: Raster, choice: Partial<PixelChoice> = {}) {
  const encoder = pixelImages({ ...CHOICE, ...choice });
  return encoder.embed([resizeAndCrop(image, encoder.preprocess!)]);
}

describe("lightness, to half a level of 255", () => {
  test.each([
    ["luma", [255, 0, 0], 0.299],
    ["luma", [0, 255, 0], 0.587],
    ["luma", [0, 0, 255], 0.114],
    ["hsl", [255, 0, 0], 0.5],
    ["hsl", [0, 255, 0], 0.5],
    ["hsl", [0, 0, 255], 0.5],
    ["luma", [0, 0, 0], 0],
    ["hsl", [255, 255, 255], 1],
  ] as const)("%s of %j is %d", async (lightness, rgb, expected) => {
    const { x } = await encode(flat(7, 5, rgb), { lightness });
    for (const value of x) expect(Math.abs(value - expected)).toBeLessThanOrEqual(0.5 / 255 + 1e-7);
    const signed = await encode(flat(7, 5, rgb), { lightness, range: "signed" });
    for (const [i, value] of signed.x.entries()) expect(value).toBeCloseTo(2 * x[i]! - 1, 6);
  });

  test("is taken before the picture shrinks: HSL's is no mean of colours", async () => {
    const stripes = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 0, 255, 0) };
    const { x } = await encode(stripes, { size: 1, lightness: "hsl" });
    expect(x[0]).toBeCloseTo(0.5, 2); // of the mean colour (128, 128, 0) it would be 0.25
  });
});

describe("size", () => {
  test.each([
    [128, 16_384],
    [28, 784],
  ])("%d gives %d numbers, of any picture", async (size, count) => {
    for (const [width, height] of [
      [200, 100],
      [100, 200],
      [5, 300],
      [size, size],
    ] as const)
      for (const fit of ["stretch", "crop"] as const) {
        const { x, d } = await encode(noiseImage(width, height), { size, fit });
        expect([x.length, d]).toEqual([count, count]);
      }
  });

  test("stretch keeps the ends of a wide picture, crop its proportions", async () => {
    const ends = flat(8, 4, [0, 0, 0]); // black, with a white column at either end
    for (let y = 0; y < 4; y++)
      for (const column of [0, 7])
        ends.data.fill(255, (y * 8 + column) * 3, (y * 8 + column) * 3 + 3);
    expect(Math.max(...(await encode(ends, { fit: "stretch" })).x)).toBeGreaterThan(0.3);
    expect(Math.max(...(await encode(ends, { fit: "crop" })).x)).toBe(0);
  });
});

test("several pictures are rows, and what was chosen tells encoders apart", async () => {
  const encoder = pixelImages(CHOICE);
  const images = [1, 2, 3].map((seed) =>
    resizeAndCrop(noiseImage(9, 9, seed), encoder.preprocess!),
  );
  const { x, d } = await encoder.embed(images);
  for (const [row, image] of images.entries())
    expect(x.slice(row * d, (row + 1) * d)).toEqual((await encoder.embed([image])).x);
  const abouts = [{}, { size: 5 }, { lightness: "hsl" }, { range: "signed" }, { fit: "crop" }].map(
    (choice) => JSON.stringify(pixelImages({ ...CHOICE, ...(choice as object) }).about),
  );
  expect(new Set(abouts).size).toBe(abouts.length);
});
