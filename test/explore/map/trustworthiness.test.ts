/** @file Trustworthiness against scikit-learn, against its definition, and of few rows. */
import { describe, expect, test } from "vitest";
import { trustworthiness } from "../../../src/explore/map/trustworthiness.ts";
import { random } from "../../../src/run/random.ts";
import { golden } from "../../debias/tensors.ts";
import { hasReference } from "../../golden.ts";
import { readGolden } from "./goldens.ts";

describe.skipIf(!hasReference)("scikit-learn's", async () => {
  const { f64 } = hasReference
    ? await golden("cluster", "cluster.safetensors")
    : { f64: () => new Float64Array() };
  const rows = { x: f64("X"), n: 300, d: 16 };

  test.each([5, 10] as const)("of principal components, %i neighbours", async (k) => {
    const { pca } = readGolden();
    const { value, queries, note } = await trustworthiness(rows, f64("pca.coordinates"), 2, k);
    expect(value).toBeCloseTo(pca[`trustworthiness_k${k}`], 9);
    expect({ queries, note }).toEqual({ queries: 300, note: null });
  });

  test("of t-SNE", async () => {
    const { tsne } = readGolden();
    const { value } = await trustworthiness(rows, f64("tsne.exact_embedding_example"), 2, 10);
    expect(value).toBeCloseTo(tsne[0]!.exact.trustworthiness_k10, 9);
  });
});

const drawn = (n: number, d: number) => {
  const { normal } = random("drawn", n, d);
  return { x: Float64Array.from({ length: n * d }, normal), n, d };
};

test("a map that is the space itself is wholly trustworthy, one of noise is not", async () => {
  const space = drawn(700, 2);
  expect((await trustworthiness(space, space.x, 2, 10)).value).toBe(1);
  const noise = await trustworthiness(space, drawn(700, 3).x.subarray(0, 1400), 2, 10);
  expect(noise.value).toBeGreaterThan(0.4);
  expect(noise.value).toBeLessThan(0.6);
});

test("of more than 5,000 rows: a sample, the same each time", async () => {
  const space = drawn(6000, 2);
  const coordinates = space.x.map((value, i) => (i % 2 === 0 ? value : 0));
  const sampled = await trustworthiness(space, coordinates, 2, 10);
  expect(sampled.queries).toBe(2000);
  expect(await trustworthiness(space, coordinates, 2, 10)).toEqual(sampled);
  expect(sampled.value).toBeGreaterThan(0.5);
  expect(sampled.value).toBeLessThan(1);
});

test.each([
  [1, null, 0],
  [2, null, 0],
  [3, 1, 1],
  [5, 1, 2],
  [20, 1, 9],
])("%i rows: %s, of %i neighbours", async (n, value, k) => {
  const space = drawn(n, 2);
  const found = await trustworthiness(space, space.x, 2, 10);
  expect(found).toMatchObject({ value, k });
  expect(found.note).toMatch(value === null ? /at least 3/ : /cut/);
});

test("equal rows: a number, with ties in the order of rows", async () => {
  const equal = { x: new Float32Array(30 * 4).fill(0.5), n: 30, d: 4 };
  expect((await trustworthiness(equal, new Float64Array(60), 2, 10)).value).toBe(1);
});

test("another number of points than rows", async () => {
  await expect(trustworthiness(drawn(5, 2), new Float64Array(8), 2, 1)).rejects.toThrow(
    "expected 5 points of 2 coordinates, received 8 numbers",
  );
});
