/** @file Embeddings of changed pictures beside those of the pictures. */
import { describe, expect, test } from "vitest";
import type { Raster } from "../../src/data/raster.ts";
import { robustness } from "../../src/explore/robustness.ts";
import type { Embeddings } from "../../src/run/linalg/embeddings.ts";
import { random } from "../../src/run/random.ts";

const SIDE = 24;

/** Grey pictures with some detail of their own: a few soft spots. */
function pictures(n: number): Raster[] {
  const draw = random("pictures");
  return Array.from({ length: n }, () => {
    const spots = Array.from({ length: 5 }, () => [
      draw.uniform(2, 22),
      draw.uniform(2, 22),
      draw.uniform(1.5, 4),
    ]);
    const data = new Uint8Array(SIDE * SIDE * 3);
    for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
      const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
      const level = spots.reduce(
        (sum, [cx, cy, r]) => sum + Math.exp(-((x - cx!) ** 2 + (y - cy!) ** 2) / (2 * r! * r!)),
        0,
      );
      data.fill(Math.min(255, 200 * level), 3 * pixel, 3 * pixel + 3);
    }
    return { width: SIDE, height: SIDE, data };
  });
}

const rows = (all: readonly (readonly number[])[]): Embeddings => ({
  x: Float32Array.from(all.flat()),
  n: all.length,
  d: all[0]!.length,
});
const grey = ({ data }: Raster): number[] => Array.from(data.filter((_, i) => i % 3 === 0));
const pixels = async (images: readonly Raster[]) => rows(images.map(grey));
/** Means of 6 x 6 squares: an encoder that sees less of where things are. */
const coarse = async (images: readonly Raster[]) =>
  rows(
    images.map((image) => {
      const sums = Array.from({ length: 16 }, () => 0);
      grey(image).forEach((level, pixel) => {
        const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
        sums[Math.floor(y / 6) * 4 + Math.floor(x / 6)]! += level;
      });
      return sums;
    }),
  );
/** Sorted levels: what is where plays no part, but for what a shift moves out of the picture. */
const levels = async (images: readonly Raster[]) =>
  rows(images.map((image) => grey(image).sort((a, b) => a - b)));

const OPTIONS = { shifts: [1, 2, 4, 8], rotations: [5, 20] };

describe("twenty pictures", async () => {
  const ofPixels = await robustness(pictures(20), pixels, OPTIONS);
  const value = (name: string, of = ofPixels): number =>
    of.changes.find((change) => change.name === name)!.cosine.value!;

  test("one effect a change, with an interval and the pictures it rests on", () => {
    expect(ofPixels.changes.map(({ name }) => name)).toEqual([
      "shift 1 px",
      "shift 2 px",
      "shift 4 px",
      "shift 8 px",
      "flip",
      "rotate 5°",
      "rotate 20°",
    ]);
    for (const { cosine, found } of ofPixels.changes) {
      expect(cosine.rows).toBe(20);
      expect(found.rows).toBe(20);
      expect(cosine.interval![0]).toBeLessThan(cosine.value!);
      expect(cosine.interval![1]).toBeGreaterThan(cosine.value!);
    }
  });

  test("pixels drop the more the further a picture is moved", () => {
    const shifted = [1, 2, 4, 8].map((by) => value(`shift ${by} px`));
    expect(shifted).toEqual(shifted.toSorted((a, b) => b - a));
    expect(value("rotate 5°")).toBeGreaterThan(value("rotate 20°"));
    expect(ofPixels.changes[0]!.found.value).toBe(1);
    expect(ofPixels.changes[3]!.found.value!).toBeLessThan(0.8);
    expect(ofPixels.changes[0]!.kept!).toBeGreaterThan(ofPixels.changes[3]!.kept!);
  });

  test("pixels drop faster than encoders that see less of where things are", async () => {
    const ofCoarse = await robustness(pictures(20), coarse, OPTIONS);
    ofPixels.changes
      .filter(({ name }) => ["shift 1 px", "shift 2 px", "rotate 5°"].includes(name))
      .forEach(({ name, drop }) =>
        expect(drop!, name).toBeGreaterThan(
          ofCoarse.changes.find((change) => change.name === name)!.drop!,
        ),
      );
    const ofLevels = await robustness(pictures(20), levels, OPTIONS);
    expect(value("flip", ofLevels)).toBeCloseTo(1, 6);
    expect(value("flip")).toBeLessThan(0.9);
  });
});

test("by hand: a white column that is shifted", async () => {
  const column = (at: number): Raster => {
    const data = new Uint8Array(4 * 4 * 3);
    for (let y = 0; y < 4; y++) data.fill(255, (4 * y + at) * 3, (4 * y + at + 1) * 3);
    return { width: 4, height: 4, data };
  };
  // the first goes right onto the place of the second, the second left onto that of the first
  const { changes, baseline } = await robustness([column(1), column(2)], pixels, {
    shifts: [1],
    rotations: [],
  });
  expect(baseline).toBe(0);
  const [shift, flip] = changes;
  expect(shift).toMatchObject({ cosine: { value: 0 }, drop: 1, found: { right: 0, rows: 2 } });
  expect(flip).toMatchObject({ cosine: { value: 0 }, drop: 1 });
});

describe("hard cases", () => {
  test("one picture: a cosine without interval, and no other pictures to be held against", async () => {
    const found = await robustness(pictures(1), pixels, OPTIONS);
    expect(found.baseline).toBeNull();
    expect(found.changes[0]!.cosine.interval).toBeNull();
    expect(found.changes[0]).toMatchObject({ drop: null, kept: null, found: { value: 1 } });
  });

  test("identical pictures: found in part, and no drop to measure", async () => {
    const [same] = pictures(1);
    const found = await robustness([same!, same!, same!, same!], levels, OPTIONS);
    expect(found.baseline).toBeCloseTo(1, 12);
    const flip = found.changes.find(({ name }) => name === "flip")!;
    expect(flip).toMatchObject({ drop: null, found: { value: 0.25 } });
  });

  test("black pictures have no direction: left out, and said", async () => {
    const black: Raster = { width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE * 3) };
    const found = await robustness([...pictures(3), black], pixels, OPTIONS);
    expect(found.changes.map(({ cosine }) => cosine.rows)).toEqual(
      OPTIONS.shifts.concat(1, 1, 1).map(() => 3),
    );
    expect(found.notes).toEqual([
      "1 pictures have an embedding of zeros and no cosine: left out of means",
    ]);
  });

  test("no pictures are refused", async () => {
    await expect(robustness([], pixels, OPTIONS)).rejects.toThrow("expected pictures");
  });
});
