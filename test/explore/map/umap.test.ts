/** @file UMAP: its curve against umap-learn's, its seed, its blobs, new points, and rows of which there is little to map. */
import { describe, expect, test } from "vitest";
import { closenessOf } from "../../../src/explore/map/closeness.ts";
import { trustworthiness } from "../../../src/explore/map/trustworthiness.ts";
import { fitUmap } from "../../../src/explore/map/umap.ts";
import { takeRows } from "../../../src/run/linalg/embeddings.ts";
import { golden, maxDifference } from "../../debias/tensors.ts";
import { hasReference } from "../../golden.ts";
import { blobs, nearestLabels } from "./blobs.ts";

const options = { neighbours: 15, minDist: 0.1, seed: 42 };

// find_ab_params(1, min_dist) of umap-learn 0.5.12
test.each([
  [0, 1.93281, 0.790495],
  [0.1, 1.576943, 0.895061],
  [0.5, 0.58303, 1.334167],
  [1, 0.114976, 1.929237],
])("closeness for %d", (minDist, a, b) => {
  const curve = closenessOf(minDist);
  expect(curve.a).toBeCloseTo(a, 4);
  expect(curve.b).toBeCloseTo(b, 4);
});

// 0.8914, 0.8963 and 0.9004 by umap-learn with seeds 42, 1 and 2
test.skipIf(!hasReference)("as trustworthy as umap-learn's", async () => {
  const { f64 } = await golden("cluster", "cluster.safetensors");
  const rows = { x: f64("X"), n: 300, d: 16 };
  const map = await fitUmap(rows, options);
  const { value } = await trustworthiness(rows, map.coordinates, 2, 10);
  expect(value).toBeGreaterThan(0.8914 - 0.02);
});

describe("blobs", () => {
  const rows = blobs(4, 60, 16, "fitted");
  const held = blobs(4, 25, 16, "held out");

  test("stay whole, and new points land in theirs, whichever others come along", async () => {
    const map = await fitUmap(rows, options);
    expect(nearestLabels(map.coordinates, map.coordinates, rows.labels)).toEqual(rows.labels);
    expect((await trustworthiness(rows, map.coordinates, 2, 10)).value).toBeGreaterThan(0.93);
    const points = await map.place!(held);
    expect(nearestLabels(points, map.coordinates, rows.labels)).toEqual(held.labels);
    const seventh = { x: takeRows(held.x, held.d, [7]), n: 1, d: held.d };
    expect(await map.place!(seventh)).toEqual(points.slice(14, 16));
  });

  test("a row that is placed again lies on its point, one that nearly equals it beside it", async () => {
    const map = await fitUmap(rows, { ...options, epochs: 50 });
    expect(await map.place!(rows)).toEqual(map.coordinates);
    const near = await map.place!({ ...rows, x: rows.x.map((value) => value + 1e-5) });
    expect(near).not.toEqual(map.coordinates);
    expect(maxDifference(near, map.coordinates)).toBeLessThan(0.01);
  });

  test("same seed, same bits; another seed, another map", async () => {
    const { coordinates } = await fitUmap(rows, { ...options, epochs: 50 });
    expect((await fitUmap(rows, { ...options, epochs: 50 })).coordinates).toEqual(coordinates);
    expect((await fitUmap(rows, { ...options, epochs: 50, seed: 1 })).coordinates).not.toEqual(
      coordinates,
    );
  });
});

test.each([
  [2, 2],
  [5, 4],
  [15, 14],
])("%i rows: %i neighbours", async (n, neighbours) => {
  const rows = blobs(1, n, 4, "few");
  const map = await fitUmap(rows, options);
  expect(map.coordinates.every(Number.isFinite)).toBe(true);
  expect(map.notes).toEqual([`neighbours 15 was cut to ${neighbours}: there are ${n} rows`]);
  expect((await map.place!(blobs(1, 3, 4, "new"))).every(Number.isFinite)).toBe(true);
});

test.each([
  [1, /one row/],
  [2, /all rows are equal/],
  [40, /all rows are equal/],
])("%i equal rows are one point", async (n, note) => {
  const map = await fitUmap({ x: new Float32Array(n * 3).fill(0.1), n, d: 3 }, options);
  expect(map.coordinates).toEqual(new Float64Array(2 * n));
  expect(map.notes.at(-1)).toMatch(note);
  const placed = await map.place!({ x: Float32Array.of(0.1, 0.1, 0.1, 1, 2, 3), n: 2, d: 3 });
  expect(placed.every(Number.isFinite)).toBe(true);
  expect(placed.subarray(0, 2)).toEqual(new Float64Array(2));
});

test("more equal rows than neighbours", async () => {
  const { x, n, d } = blobs(2, 100, 4, "copies");
  for (let i = 1; i < 60; i++) x.copyWithin(i * d, 0, d);
  const map = await fitUmap({ x, n, d }, options);
  expect(map.coordinates.every(Number.isFinite)).toBe(true);
});

test("rows that differ in the last bit", async () => {
  const x = Float64Array.from({ length: 40 }, (_, i) => (i < 9 ? 1 + Number.EPSILON : 1));
  const map = await fitUmap({ x, n: 20, d: 2 }, options);
  expect(map.coordinates.every(Number.isFinite)).toBe(true);
});
