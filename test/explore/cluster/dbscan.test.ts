/** @file DBSCAN against scikit-learn, its own definition and hard cases. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agreement } from "../../../src/explore/cluster/agreement.ts";
import { dbscan, radiusOfCosine } from "../../../src/explore/cluster/dbscan.ts";
import { kDistance } from "../../../src/explore/cluster/k-distance.ts";
import { UsageError } from "../../../src/run/errors.ts";
import { type Embeddings, unitRows } from "../../../src/run/linalg/embeddings.ts";
import { random } from "../../../src/run/random.ts";
import { golden } from "../../debias/tensors.ts";
import { hasReference, reference } from "../../golden.ts";
import { blobs, partition, twoMoons } from "./blobs.ts";

describe.skipIf(!hasReference)("goldens", () => {
  test.each(["float64", "float32"] as const)("labels, core rows, agreement: %s", async (type) => {
    const { f64, i32 } = await golden("cluster", "cluster.safetensors");
    const want = JSON.parse(readFileSync(reference("cluster", "golden.json"), "utf8")).dbscan;
    const x = type === "float64" ? f64("X") : Float32Array.from(f64("X"));
    const found = await dbscan({ x, n: 300, d: 16 }, { eps: 3.4, minSamples: 6 });
    expect(partition(found.labels)).toEqual(partition(i32("dbscan.labels")));
    expect([...found.core]).toEqual([...i32("dbscan.core")]);
    expect(found.clusters).toBe(want.clusters);
    expect(found.labels.filter((label) => label < 0)).toHaveLength(want.noise);
    expect(agreement(found.labels, i32("y")).ari).toBeCloseTo(want.adjusted_rand_index_vs_y, 9);
  });
});

/** By the definition, with all distances. */
function byDefinition({ x, n, d }: Embeddings, eps: number, minSamples: number): number[] {
  const apart = (i: number, j: number): number => {
    let sum = 0;
    for (let c = 0; c < d; c++) sum += (x[i * d + c]! - x[j * d + c]!) ** 2;
    return Math.sqrt(sum);
  };
  const rows = Array.from({ length: n }, (_, i) => i);
  const within = rows.map((i) => rows.filter((j) => apart(i, j) <= eps));
  const isCore = within.map((all) => all.length >= minSamples);
  const labels = rows.map(() => -1);
  let next = 0;
  for (const start of rows) {
    if (!isCore[start] || labels[start] !== -1) continue;
    const stack = [start];
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      if (labels[i] !== -1) continue;
      labels[i] = next;
      stack.push(...within[i]!.filter((j) => isCore[j]));
    }
    next++;
  }
  for (const i of rows) {
    if (isCore[i]) continue;
    const near = within[i]!.filter((j) => isCore[j]);
    near.sort((p, q) => apart(i, p) - apart(i, q) || p - q);
    if (near.length > 0) labels[i] = labels[near[0]!]!;
  }
  return partition(Int32Array.from(labels));
}

test("equals its definition on small integers, where radii are met exactly", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 90 }),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom(1, Math.SQRT2, 2, Math.sqrt(5)),
      fc.boolean(),
      async (numbers, minSamples, eps, single) => {
        const n = Math.floor(numbers.length / 2);
        const own = numbers.slice(0, 2 * n);
        const x = { x: single ? Float32Array.from(own) : Float64Array.from(own), n, d: 2 };
        const found = await dbscan(x, { eps, minSamples });
        expect(partition(found.labels)).toEqual(byDefinition(x, eps, minSamples));
      },
    ),
    { numRuns: 100, seed: 5 },
  ));

test("clusters do not depend on the order of rows", () =>
  fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const x = blobs(150, 4, 3, 3, seed); // near enough to touch
      const order = random(seed, "order").shuffle([...x.labels.keys()]);
      const shuffled = Float32Array.from(order.flatMap((i) => [...x.x.subarray(i * 4, i * 4 + 4)]));
      const [one, other] = [
        await dbscan(x, { eps: 1.5, minSamples: 5 }),
        await dbscan({ ...x, x: shuffled }, { eps: 1.5, minSamples: 5 }),
      ];
      const back = new Int32Array(150);
      order.forEach((i, at) => (back[i] = other.labels[at]!));
      expect(partition(back)).toEqual(partition(one.labels));
    }),
    { numRuns: 20, seed: 1 },
  ));

test("two moons, and noise far from both", async () => {
  const moons = twoMoons(400, 0.04);
  const x = { x: Float64Array.of(...moons.x, 5, 5, -4, 3), n: 402, d: 2 };
  const found = await dbscan(x, { eps: 0.2, minSamples: 5 });
  expect(found.clusters).toBe(2);
  expect(partition(found.labels.slice(0, 400))).toEqual(partition(moons.labels));
  expect(found.labels.slice(400)).toEqual(Int32Array.of(-1, -1));
  expect(found.distances.slice(400).every(Number.isNaN)).toBe(true);
});

test("a radius by cosine, over several blocks of rows", async () => {
  const x = unitRows(blobs(2500, 16, 4, 12, "cosine"));
  const found = await dbscan(x, { eps: radiusOfCosine(0.25), minSamples: 5 });
  expect(partition(found.labels.filter((label) => label >= 0))).toEqual(
    partition(blobs(2500, 16, 4, 12, "cosine").labels.filter((_, i) => found.labels[i]! >= 0)),
  );
  expect(found.clusters).toBe(4);
});

test("the k-distance curve ascends, and its knee finds blobs in noise", async () => {
  const x = blobs(400, 3, 4, 30, "knee");
  const { uniform } = random("far");
  for (let i = 0; i < 3 * 40; i++) x.x[i] = uniform(-60, 60);
  const { curve, knee, reason, k } = await kDistance(x, 5);
  expect(k).toBe(4);
  expect(curve).toHaveLength(400);
  expect(curve.every((value, i) => i === 0 || value >= curve[i - 1]!)).toBe(true);
  expect(reason).toBeNull();
  const found = await dbscan(x, { eps: knee!, minSamples: 5 });
  expect(found.clusters).toBe(4);
});

describe("hard cases", () => {
  test("identical rows are one cluster, or noise when too few", async () => {
    const same = { x: new Float32Array(3000 * 16).fill(0.3), n: 3000, d: 16 };
    expect((await dbscan(same, { eps: 1e-6, minSamples: 5 })).clusters).toBe(1);
    const two = { x: Float32Array.of(1, 1, 1, 1), n: 2, d: 2 };
    expect([...(await dbscan(two, { eps: 0.5, minSamples: 5 })).labels]).toEqual([-1, -1]);
    expect([...(await dbscan(two, { eps: 0.5, minSamples: 2 })).labels]).toEqual([0, 0]);
    const { knee, reason } = await kDistance(same, 5);
    expect(knee).toBeNull();
    expect(reason).toMatch(/no knee/);
  });

  test("two rows have a curve of one neighbour; one row has none", async () => {
    const two = { x: Float32Array.of(0, 0, 3, 4), n: 2, d: 2 };
    const { k, curve, notes } = await kDistance(two, 5);
    expect([k, ...curve]).toEqual([1, 5, 5]);
    expect(notes).toHaveLength(1);
    expect((await kDistance({ ...two, n: 1, x: Float32Array.of(0, 0) }, 5)).knee).toBeNull();
  });

  test("what does not fit is refused in one line", async () => {
    const two = { x: Float32Array.of(0, 0, 3, 4), n: 2, d: 2 };
    await expect(dbscan(two, { eps: 0, minSamples: 5 })).rejects.toThrow(UsageError);
    await expect(dbscan(two, { eps: 1, minSamples: 0 })).rejects.toThrow(/minSamples of 1/);
  });
});
