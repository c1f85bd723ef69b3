/** @file k-means against scikit-learn, its own definition and hard cases. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type KMeans, kMeans } from "../../../src/explore/cluster/kmeans.ts";
import { UsageError } from "../../../src/run/errors.ts";
import { type Embeddings, unitRows } from "../../../src/run/linalg/embeddings.ts";
import { golden, maxDifference } from "../../debias/tensors.ts";
import { hasReference, reference } from "../../golden.ts";
import { blobs, partition } from "./blobs.ts";

describe.skipIf(!hasReference)("goldens", () => {
  test("Lloyd's iteration from given centres", async () => {
    const { f64, i32 } = await golden("cluster", "cluster.safetensors");
    const { kmeans } = JSON.parse(readFileSync(reference("cluster", "golden.json"), "utf8"));
    const found = await kMeans(
      { x: f64("X"), n: 300, d: 16 },
      { k: 4, init: f64("kmeans.init"), tolerance: 0 },
    );
    expect(partition(found.labels)).toEqual(partition(i32("kmeans.labels")));
    expect(found.iterations).toBe(kmeans.iterations);
    expect(found.inertia).toBeCloseTo(kmeans.inertia, 9);
    const theirs = new Map(Array.from(i32("kmeans.labels"), (old, i) => [found.labels[i]!, old]));
    for (let j = 0; j < 4; j++) {
      const old = theirs.get(j)! * 16;
      const want = f64("kmeans.centres").slice(old, old + 16);
      expect(maxDifference(found.centres.slice(j * 16, j * 16 + 16), want)).toBeLessThan(1e-9);
    }
  });
});

/** Every row is with the centre that is nearest to it in float64, and numbers tell what labels do. */
function expectNearest({ x, n, d }: Embeddings, found: KMeans): void {
  let inertia = 0;
  for (let i = 0; i < n; i++) {
    const distances = Array.from({ length: found.clusters }, (_, j) => {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += (x[i * d + c]! - found.centres[j * d + c]!) ** 2;
      return Math.sqrt(sum);
    });
    const own = distances[found.labels[i]!]!;
    expect(own).toBeLessThanOrEqual(Math.min(...distances) * (1 + 1e-12) + 1e-12);
    expect(found.distances[i]).toBeCloseTo(own, 9);
    inertia += own * own;
  }
  expect(found.inertia / inertia || 1).toBeCloseTo(1, 9);
}

test("three blobs are found, by size, and the same seed gives the same", async () => {
  const x = blobs(300, 8, 3, 20, "three");
  const found = await kMeans(x, { k: 3, seed: 1 });
  expect(partition(found.labels)).toEqual(partition(x.labels));
  expectNearest(x, found);
  expect(await kMeans(x, { k: 3, seed: 1 })).toEqual(found);
  const uneven = { ...x, n: 298, x: x.x.subarray(0, 298 * 8) };
  const { labels } = await kMeans(uneven, { k: 3 });
  const sizes = [0, 1, 2].map((j) => labels.filter((label) => label === j).length);
  expect(sizes).toEqual([100, 99, 99]);
});

test("float32 rows far from 0 and near to each other are assigned as in float64", async () => {
  const { x, n, d } = blobs(400, 24, 5, 1, "ties");
  const far = x.map((value) => 300 + value / 64);
  const found = await kMeans({ x: far, n, d }, { k: 5, restarts: 2, seed: 3 });
  expectNearest({ x: far, n, d }, found);
  const same = await kMeans({ x: Float64Array.from(far), n, d }, { k: 5, restarts: 2, seed: 3 });
  expect(partition(found.labels)).toEqual(partition(same.labels));
});

test("inertia of many starts is never above that of the first", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 4, maxLength: 160 }),
      fc.integer(),
      async (k, d, numbers, seed) => {
        const n = Math.floor(numbers.length / d);
        const x = { x: Float32Array.from(numbers.slice(0, n * d)), n, d };
        const [many, one] = [
          await kMeans(x, { k, seed, restarts: 5 }),
          await kMeans(x, { k, seed, restarts: 1 }),
        ];
        expect(many.inertia).toBeLessThanOrEqual(one.inertia * (1 + 1e-12) + 1e-12);
        expect(many.clusters).toBeLessThanOrEqual(k);
      },
    ),
    { numRuns: 60, seed: 11 },
  ));

test("spherical: clusters by direction, whatever the length", async () => {
  const x = blobs(200, 6, 4, 30, "spherical");
  const scaled = x.x.map((value, i) => value * (1 + (Math.floor(i / 6) % 7)));
  const found = await kMeans({ ...x, x: scaled }, { k: 4, spherical: true });
  expect(partition(found.labels)).toEqual(partition(x.labels));
  for (let j = 0; j < 4; j++)
    expect(Math.hypot(...found.centres.slice(j * 6, j * 6 + 6))).toBeCloseTo(1, 12);
  expectNearest(unitRows({ ...x, x: scaled }), found);
});

test("a cluster that loses its rows takes the furthest one", async () => {
  const x = { x: Float64Array.of(0, 1, 2, 10, 11, 30), n: 6, d: 1 };
  const found = await kMeans(x, { k: 3, init: Float64Array.of(1, 1000, 2000) });
  expect(found.clusters).toBe(3);
  expect(partition(found.labels)).toEqual([0, 0, 0, 1, 1, 2]);
});

describe("hard cases", () => {
  test("identical rows are one cluster, whatever k", async () => {
    const same = { x: new Float32Array(500 * 32).fill(0.1), n: 500, d: 32 };
    const found = await kMeans(same, { k: 10 });
    expect(found.clusters).toBe(1);
    expect(found.inertia).toBeCloseTo(0, 12);
    expect(found.notes).toEqual([
      "k-means: k is 1 in place of 10, as there are no more distinct rows",
    ]);
  });

  test("two rows, and more clusters than rows", async () => {
    const two = { x: Float32Array.of(0, 0, 3, 4), n: 2, d: 2 };
    expect((await kMeans(two, { k: 1 })).inertia).toBe(12.5);
    const { clusters, notes, distances } = await kMeans(two, { k: 5 });
    expect([clusters, notes.length, ...distances]).toEqual([2, 1, 0, 0]);
  });

  test("what does not fit is refused in one line", async () => {
    const two = { x: Float32Array.of(0, 0, 3, 4), n: 2, d: 2 };
    await expect(kMeans({ ...two, x: new Float32Array(0), n: 0 }, { k: 1 })).rejects.toThrow(
      UsageError,
    );
    await expect(kMeans(two, { k: 0 })).rejects.toThrow(/k of 1 or more/);
    await expect(kMeans(two, { k: 2, init: new Float64Array(3) })).rejects.toThrow(/2 x 2 numbers/);
  });
});
