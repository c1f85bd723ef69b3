/** @file t-SNE against scikit-learn's quality, its seed, and rows of which there is little to map. */
import { describe, expect, test } from "vitest";
import { fitTsne } from "../../../src/explore/map/tsne.ts";
import { trustworthiness } from "../../../src/explore/map/trustworthiness.ts";
import type { Progress } from "../../../src/run/progress.ts";
import { golden } from "../../debias/tensors.ts";
import { hasReference } from "../../golden.ts";
import { blobs } from "./blobs.ts";
import { readGolden } from "./goldens.ts";

const options = { perplexity: 30, iterations: 1000, seed: 42 };

describe.skipIf(!hasReference)("as good as scikit-learn's", async () => {
  const { f64 } = hasReference
    ? await golden("cluster", "cluster.safetensors")
    : { f64: () => new Float64Array() };
  const rows = { x: f64("X"), n: 300, d: 16 };

  test.each([
    { perplexity: 30, exactRows: 500 },
    { perplexity: 30, exactRows: 0 },
    { perplexity: 10, exactRows: 500 },
    { perplexity: 10, exactRows: 0 },
  ])("perplexity $perplexity, all pairs up to $exactRows rows", async (asked) => {
    const bar = readGolden().tsne.find(
      ({ perplexity, init }) => perplexity === asked.perplexity && init === "pca",
    )![asked.exactRows === 0 ? "barnes_hut" : "exact"];
    const map = await fitTsne(rows, { ...options, ...asked });
    const { value } = await trustworthiness(rows, map.coordinates, 2, 10);
    expect(map.kl).toBeLessThan(1.1 * bar.kl_divergence);
    expect(value).toBeGreaterThan(bar.trustworthiness_k10 - 0.02);
  });
});

test.each([500, 0])("same seed, same bits; another seed, another map (%i)", async (exactRows) => {
  const rows = blobs(3, 40, 8, "a");
  const asked = { ...options, iterations: 300, exactRows };
  const { coordinates } = await fitTsne(rows, asked);
  expect((await fitTsne(rows, asked)).coordinates).toEqual(coordinates);
  expect((await fitTsne(rows, { ...asked, seed: 1 })).coordinates).not.toEqual(coordinates);
});

test("blobs stay whole", async () => {
  const rows = blobs(5, 120, 16, "a"); // more than are mapped by all pairs
  const map = await fitTsne(rows, options);
  expect((await trustworthiness(rows, map.coordinates, 2, 10)).value).toBeGreaterThan(0.93);
  expect(map.notes).toEqual([]);
  expect(map.place).toBeNull();
});

test.each([
  [2, 1],
  [5, 4],
  [31, 30],
])("%i rows: perplexity is at most %i", async (n, perplexity) => {
  const rows = blobs(1, n, 4, "few");
  const map = await fitTsne(rows, options);
  expect(map.coordinates).toHaveLength(2 * n);
  expect(map.coordinates.every(Number.isFinite)).toBe(true);
  expect(map.kl).toBeGreaterThanOrEqual(-1e-9);
  expect(map.notes).toEqual(
    perplexity < 30 ? [`perplexity 30 was cut to ${perplexity}, the number of rows less one`] : [],
  );
});

test.each([
  [1, /one row/],
  [2, /all rows are equal/],
  [600, /all rows are equal/],
])("%i equal rows are one point", async (n, note) => {
  const map = await fitTsne({ x: new Float32Array(n * 3).fill(0.1), n, d: 3 }, options);
  expect(map.coordinates).toEqual(new Float64Array(2 * n));
  expect(map.kl).toBeNull();
  expect(map.notes).toEqual([expect.stringMatching(note)]);
});

test("many equal rows among others, and rows of one number", async () => {
  const { x, n, d } = blobs(2, 300, 4, "copies");
  for (let i = 1; i < 200; i++) x.copyWithin(i * d, 0, d);
  for (const rows of [
    { x, n, d },
    { x: x.subarray(0, n), n, d: 1 },
  ]) {
    const map = await fitTsne(rows, { ...options, iterations: 400 });
    expect(map.coordinates.every(Number.isFinite)).toBe(true);
    expect(map.kl).toBeLessThan(3);
  }
});

test("progress is told", async () => {
  const told: [string, number][] = [];
  const progress: Progress = {
    start: (label, total) => void told.push([label, total]),
    update() {},
    stop() {},
  };
  await fitTsne(blobs(2, 10, 3, "a"), { ...options, iterations: 100, progress });
  expect(told).toContainEqual(["t-SNE", 100]);
});

test("rows that differ in the last bit", async () => {
  const x = Float64Array.from({ length: 40 }, (_, i) => (i < 9 ? 1 + Number.EPSILON : 1));
  const map = await fitTsne({ x, n: 20, d: 2 }, options);
  expect(map.coordinates.every(Number.isFinite)).toBe(true);
});
