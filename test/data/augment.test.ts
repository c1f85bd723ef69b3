/** @file What augmentation changes, what it leaves alone, and that equal seeds give equal bytes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AugmentConfig,
  NO_AUGMENTATION,
  STUDY_AUGMENTATION,
  augment,
  draw,
} from "../../src/data/augment.ts";
import type { Raster } from "../../src/data/raster.ts";
import { STILL, warp } from "../../src/data/warp.ts";
import { random } from "../../src/run/random.ts";
import { flatImage, noiseImage } from "./images.ts";

const only = (part: Partial<AugmentConfig>): AugmentConfig => ({ ...NO_AUGMENTATION, ...part });
const seeds = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const at = (image: Raster, x: number, y: number): number => image.data[(y * image.width + x) * 3]!;
/** Mean and standard deviation of all levels. */
function moments(image: Raster): { mean: number; std: number } {
  const n = image.data.length;
  const mean = image.data.reduce((sum, level) => sum + level, 0) / n;
  const square = image.data.reduce((sum, level) => sum + (level - mean) ** 2, 0) / n;
  return { mean, std: Math.sqrt(square) };
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const config = fc.record({
  flip: share,
  rotate: fc.double({ min: 0, max: 180, noNaN: true }),
  crop: fc.double({ min: 0, max: 0.9, noNaN: true }),
  shift: share,
  brightness: share,
  contrast: share,
  blur: fc.double({ min: 0, max: 5, noNaN: true }),
  noise: share,
});
const side = fc.integer({ min: 1, max: 24 });

describe("any configuration", () => {
  test("keeps the size and the original, and equal seeds give equal bytes", () => {
    fc.assert(
      fc.property(config, side, side, fc.nat(), (c, width, height, seed) => {
        const image = noiseImage(width, height);
        const before = Uint8Array.from(image.data);
        const out = augment(image, c, random(seed));
        expect([out.width, out.height, out.data.length]).toEqual([width, height, before.length]);
        expect(image.data).toEqual(before);
        expect(augment(image, c, random(seed))).toEqual(out);
      }),
    );
  });

  test("without noise and tone, a flat image stays flat: edges are repeated, not black", () => {
    fc.assert(
      fc.property(config, side, side, fc.nat(), fc.nat(255), (c, width, height, seed, level) => {
        const image = flatImage(width, height, level);
        const still = { ...c, noise: 0, brightness: 0, contrast: 0 };
        expect(augment(image, still, random(seed))).toEqual(image);
      }),
    );
  });

  test("all off is the image itself; another seed is another image", () => {
    const image = noiseImage(16, 16);
    expect(augment(image, NO_AUGMENTATION, random(1))).toBe(image);
    const study = seeds(20).map((seed) => augment(image, STUDY_AUGMENTATION, random(seed)));
    expect(new Set(study.map((out) => String(out.data))).size).toBe(20);
  });

  test("turning one change on leaves the draws of the others as they were", () => {
    const image = noiseImage(16, 16);
    for (const seed of seeds(30)) {
      const flipped = augment(image, only({ flip: 0.5, shift: 0.2 }), random(seed));
      const also = augment(image, only({ flip: 0.5, shift: 0.2, brightness: 1e-9 }), random(seed));
      const late = augment(image, only({ flip: 0.5, shift: 0.2, blur: 0.1 }), random(seed));
      expect(also).toEqual(flipped);
      expect(late).toEqual(flipped);
    }
  });
});

describe("moving", () => {
  test("a certain flip mirrors, and flip 0.5 mirrors half of the images", () => {
    const image = noiseImage(7, 5);
    const mirrored = augment(image, only({ flip: 1 }), random(0));
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 7; x++) expect(at(mirrored, x, y)).toBe(at(image, 6 - x, y));
    const flips = seeds(1000).filter(
      (seed) => augment(image, only({ flip: 0.5 }), random(seed)) !== image,
    );
    expect(Math.abs(flips.length - 500)).toBeLessThan(60); // 3.8 standard deviations
  });

  test("a shift copies whole pixels and repeats the edge", () => {
    const image = noiseImage(6, 4);
    const shifted = warp(image, { ...STILL, shift: [2, -1] });
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 6; x++) {
        expect(at(shifted, x, y)).toBe(at(image, Math.max(0, x - 2), Math.min(3, y + 1)));
      }
  });

  test("copying and interpolating agree where both apply", () => {
    const image = noiseImage(9, 8);
    const copied = warp(image, { ...STILL, flip: true, shift: [1, 2] });
    const turned = warp(image, { ...STILL, flip: true, shift: [1, 2], degrees: 360 });
    expect(turned).toEqual(copied);
  });

  test("a quarter turn is counter-clockwise", () => {
    const image = noiseImage(5, 5);
    const turned = warp(image, { ...STILL, degrees: 90 });
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 5; x++) expect(at(turned, x, y)).toBe(at(image, 4 - y, x));
  });

  test("a crop enlarges the part about its centre", () => {
    const ramp: Raster = {
      width: 41,
      height: 41,
      data: Uint8Array.from({ length: 41 * 41 * 3 }, (_, i) => (Math.floor(i / 3) % 41) * 6),
    };
    const cropped = warp(ramp, { ...STILL, keep: 0.5, centre: [4, 0] });
    // the middle shows column 24; levels climb half as fast
    expect(at(cropped, 20, 20)).toBe(24 * 6);
    expect(at(cropped, 30, 20)).toBe(29 * 6);
    expect(at(cropped, 10, 7)).toBe(19 * 6);
  });

  test("rotations stay within the configured angle", () => {
    // a bright dot 20 pixels above the centre of a dark image moves by at most 20 sin(10 degrees)
    const image = flatImage(51, 51, 0);
    for (let y = 4; y <= 6; y++)
      for (let x = 24; x <= 26; x++) image.data.fill(255, (y * 51 + x) * 3, (y * 51 + x) * 3 + 3);
    const offsets = seeds(200).map((seed) => {
      const out = augment(image, only({ rotate: 10 }), random(seed));
      const levels = seeds(51).map((x) => seeds(51).reduce((sum, y) => sum + at(out, x, y), 0));
      const total = levels.reduce((sum, level) => sum + level, 0);
      return levels.reduce((sum, level, x) => sum + level * (x - 25), 0) / total;
    });
    const limit = 20 * Math.sin((10 * Math.PI) / 180);
    expect(Math.max(...offsets)).toBeLessThan(limit + 0.1);
    expect(Math.max(...offsets)).toBeGreaterThan(limit * 0.8);
    expect(Math.min(...offsets)).toBeLessThan(-limit * 0.8);
  });
});

describe("levels", () => {
  test("brightness adds within its range and clamps", () => {
    const levels = seeds(300).map((seed) =>
      at(augment(flatImage(2, 2, 100), only({ brightness: 0.2 }), random(seed)), 0, 0),
    );
    expect(Math.min(...levels)).toBeGreaterThanOrEqual(49);
    expect(Math.min(...levels)).toBeLessThan(55);
    expect(Math.max(...levels)).toBeLessThanOrEqual(151);
    expect(Math.max(...levels)).toBeGreaterThan(145);
    const clamped = seeds(50).map((seed) =>
      at(augment(flatImage(2, 2, 250), only({ brightness: 1 }), random(seed)), 0, 0),
    );
    expect(clamped).toContain(255);
  });

  test("contrast keeps the mean grey and scales the spread within its range", () => {
    const image: Raster = {
      width: 16,
      height: 16,
      data: Uint8Array.from({ length: 768 }, (_, i) => 90 + (Math.floor(i / 3) % 60)),
    };
    const before = moments(image);
    const ratios = seeds(200).map((seed) => {
      const after = moments(augment(image, only({ contrast: 0.3 }), random(seed)));
      expect(Math.abs(after.mean - before.mean)).toBeLessThan(0.6);
      return after.std / before.std;
    });
    expect(Math.min(...ratios)).toBeGreaterThan(0.69);
    expect(Math.max(...ratios)).toBeLessThan(1.31);
    expect(Math.max(...ratios) - Math.min(...ratios)).toBeGreaterThan(0.5);
  });

  test("blur spreads a dot evenly without making or losing light", () => {
    const dot = flatImage(25, 25, 0);
    dot.data.fill(240, (12 * 25 + 12) * 3, (12 * 25 + 12) * 3 + 3);
    const peaks = seeds(50).map((seed) => {
      const out = augment(dot, only({ blur: 1 }), random(seed));
      expect(at(out, 11, 12)).toBe(at(out, 13, 12));
      expect(at(out, 12, 11)).toBe(at(out, 12, 13));
      const light = out.data.reduce((sum, level) => sum + level, 0) / 3;
      expect(Math.abs(light - 240)).toBeLessThan(30); // 8-bit rounding of some twenty pixels
      return at(out, 12, 12);
    });
    const widest = 240 / (2 * Math.PI); // the peak of a gaussian of sigma 1
    expect(Math.min(...peaks)).toBeGreaterThanOrEqual(Math.floor(widest));
    expect(Math.min(...peaks)).toBeLessThan(widest + 8);
  });

  test("noise is centred, independent by pixel, and of a scale within its range", () => {
    const grey = flatImage(48, 48, 128);
    const results = seeds(200).map((seed) => augment(grey, only({ noise: 0.1 }), random(seed)));
    const spreads = results.map((out) => moments(out).std);
    expect(Math.max(...spreads)).toBeLessThan(25.5 * 1.05);
    expect(spreads.reduce((sum, std) => sum + std, 0) / 200).toBeGreaterThan(11);
    expect(spreads.reduce((sum, std) => sum + std, 0) / 200).toBeLessThan(14.5);
    for (const out of results) {
      const { mean, std } = moments(out);
      expect(Math.abs(mean - 128)).toBeLessThan(Math.max(0.1, std / 12)); // 7 standard errors
      for (const lag of [1, 3, 144]) {
        let product = 0;
        for (let i = lag; i < out.data.length; i++)
          product += (out.data[i]! - mean) * (out.data[i - lag]! - mean);
        const correlation = product / out.data.length / Math.max(1, std * std);
        expect(Math.abs(correlation)).toBeLessThan(0.07);
      }
    }
  });
});

test("a thousand draws of the study's four are within their ranges, and reach most of them", () => {
  const size = { width: 200, height: 200, data: new Uint8Array() };
  const draws = seeds(1000).map((seed) => draw(STUDY_AUGMENTATION, size, random(seed)));
  const range = (of: (change: (typeof draws)[number]) => number): [number, number] => {
    const values = draws.map(of);
    return [Math.min(...values), Math.max(...values)];
  };
  const within = ([low, high]: [number, number], from: number, to: number): void => {
    const slack = 0.02 * (to - from);
    expect(low).toBeGreaterThanOrEqual(from);
    expect(low).toBeLessThan(from + slack);
    expect(high).toBeLessThanOrEqual(to);
    expect(high).toBeGreaterThan(to - slack);
  };
  within(
    range(({ movement }) => movement.degrees),
    -10,
    10,
  );
  within(
    range(({ sigma }) => sigma),
    0,
    1,
  );
  within(
    range(({ noise }) => noise.scale),
    0,
    25.5,
  );
  const flips = draws.filter(({ movement }) => movement.flip).length;
  expect(Math.abs(flips - 500)).toBeLessThan(60); // 3.8 standard deviations
  for (const { movement, brightness, contrast } of draws)
    expect([movement.keep, ...movement.shift, brightness, contrast].map(Math.abs)).toEqual([
      1, 0, 0, 0, 1,
    ]);
  expect(new Set(draws.map(({ noise }) => noise.seed)).size).toBe(1000);
});
