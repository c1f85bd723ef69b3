/** @file PCA against scikit-learn and the eigenvectors of the covariance. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fitPca } from "../../../src/explore/map/pca.ts";
import { UsageError } from "../../../src/run/errors.ts";
import { symmetricEigen } from "../../../src/run/linalg/decompositions.ts";
import type { Embeddings } from "../../../src/run/linalg/embeddings.ts";
import { random } from "../../../src/run/random.ts";
import { golden, maxDifference } from "../../debias/tensors.ts";
import { hasReference, reference } from "../../golden.ts";

describe.skipIf(!hasReference)("goldens", () => {
  test("coordinates, components and explained variance", async () => {
    const { f64 } = await golden("cluster", "cluster.safetensors");
    const { pca } = JSON.parse(readFileSync(reference("cluster", "golden.json"), "utf8"));
    const x = { x: f64("X"), n: 300, d: 16 };
    const map = await fitPca(x, 2);
    for (const axis of [0, 1]) {
      const [ours, theirs] = [map.components, f64("pca.components")].map((all) =>
        all.slice(axis * 16, (axis + 1) * 16),
      );
      const sign = Math.sign(ours![0]! * theirs![0]!);
      expect(
        maxDifference(
          ours!,
          theirs!.map((value) => sign * value),
        ),
      ).toBeLessThan(1e-9);
      const along = (all: Float64Array) => all.filter((_, i) => i % 2 === axis);
      const their = along(f64("pca.coordinates")).map((value) => sign * value);
      expect(maxDifference(along(map.coordinates), their)).toBeLessThan(1e-9);
    }
    const all = await fitPca(x, 16);
    expect(maxDifference(all.explained!, pca.explained_variance_ratio)).toBeLessThan(1e-9);
    expect(all.explained!.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });
});

/** Eigenvalues of the covariance's scatter, and unit rows, by plain loops. */
function byCovariance({ x, n, d }: Embeddings) {
  const mean = Float64Array.from({ length: d }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[i * d + c]!;
    return sum / n;
  });
  const scatter = Float64Array.from({ length: d * d }, (_, at) => {
    const [r, c] = [Math.floor(at / d), at % d];
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (x[i * d + r]! - mean[r]!) * (x[i * d + c]! - mean[c]!);
    return sum;
  });
  return symmetricEigen(scatter, d);
}

const draw = (n: number, d: number, key: string): Embeddings => {
  const { normal } = random("pca", key);
  return { x: Float64Array.from({ length: n * d }, (_, i) => normal() / (1 + (i % d))), n, d };
};

test("a 5 x 3 matrix equals the eigenvectors of its covariance", async () => {
  const x = { x: Float64Array.of(2, 0, 1, 3, 1, 0, 4, 4, 1, 5, 4, 3, 7, 6, 1), n: 5, d: 3 };
  const { components, explained } = await fitPca(x, 3);
  const { values, vectors } = byCovariance(x);
  const total = values.reduce((a, b) => a + b);
  expect(maxDifference(components, vectors)).toBeLessThan(1e-12);
  expect(
    maxDifference(
      explained!,
      values.map((value) => value / total),
    ),
  ).toBeLessThan(1e-12);
});

test("fewer rows than columns, and the reverse, equal the eigenvectors of the covariance", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 3, max: 30 }),
      fc.integer({ min: 2, max: 30 }),
      fc.integer(),
      async (n, d, seed) => {
        const x = draw(n, d, `${seed}`);
        const count = Math.min(2, d);
        const { components, explained, coordinates } = await fitPca(x, count);
        const { values, vectors } = byCovariance(x);
        const total = values.reduce((a, b) => a + b);
        for (let a = 0; a < count; a++) expect(explained![a]).toBeCloseTo(values[a]! / total, 10);
        if (values[0]! > 1.05 * values[1]!)
          expect(maxDifference(components.slice(0, d), vectors.slice(0, d))).toBeLessThan(1e-9);
        const mean = coordinates.reduce((a, b) => a + b) / coordinates.length;
        expect(Math.abs(mean)).toBeLessThan(1e-12);
      },
    ),
    { numRuns: 40, seed: 3 },
  ));

test("iteration on a held matrix finds what the whole decomposition does", async () => {
  const x = draw(400, 80, "held");
  const few = await fitPca(x, 2);
  const many = await fitPca(x, 40);
  expect(maxDifference(few.components, many.components.slice(0, 160))).toBeLessThan(1e-9);
});

test("a matrix too large to hold its covariance: float32 rows are read in passes", async () => {
  const [n, d] = [2100, 2090];
  const { normal } = random("pca", "streamed");
  const axes = Float64Array.from({ length: 3 * d }, normal);
  const x = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    const amounts = [3 * normal(), 2 * normal(), normal()];
    for (let c = 0; c < d; c++)
      x[i * d + c] = 5 + amounts.reduce((sum, amount, a) => sum + amount * axes[a * d + c]!, 0);
  }
  const { components, explained, coordinates, notes } = await fitPca({ x, n, d }, 3);
  expect(explained!.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  expect(notes).toEqual([]);
  const rank3 = new Float64Array(n * d);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < 3; a++)
      for (let c = 0; c < d; c++)
        rank3[i * d + c]! += coordinates[i * 3 + a]! * components[a * d + c]!;
  const { mean } = await fitPca({ x, n, d }, 1);
  let worst = 0;
  for (let i = 0; i < rank3.length; i++)
    worst = Math.max(worst, Math.abs(rank3[i]! + mean[i % d]! - x[i]!));
  expect(worst).toBeLessThan(1e-3);
});

describe("hard cases", () => {
  test("one row has no axes", async () => {
    await expect(fitPca({ x: Float64Array.of(1, 2, 3), n: 1, d: 3 }, 2)).rejects.toThrow(
      UsageError,
    );
  });

  test("two rows have one axis: the second is 0, and said", async () => {
    const x = { x: Float32Array.of(0, 0, 0, 3, 4, 0), n: 2, d: 3 };
    const { coordinates, explained, notes } = await fitPca(x, 2);
    expect(maxDifference(coordinates, [-2.5, 0, 2.5, 0])).toBeLessThan(1e-12);
    expect([...explained!]).toEqual([expect.closeTo(1, 12), 0]);
    expect(notes).toEqual(["PCA: 2 rows vary along 1 axis; 1 of 2 are 0"]);
  });

  test("identical rows have no variance to explain", async () => {
    const { coordinates, explained, notes } = await fitPca(
      { x: new Float32Array(60 * 7).fill(0.1), n: 60, d: 7 },
      2,
    );
    expect(coordinates.every((value) => Math.abs(value) < 1e-12)).toBe(true);
    expect(explained).toBeNull();
    expect(notes).toHaveLength(1);
  });

  test("few pictures of many pixels", async () => {
    const x = draw(6, 5000, "pixels");
    const { components, coordinates } = await fitPca(x, 3);
    for (let a = 0; a < 3; a++) {
      const row = components.slice(a * 5000, (a + 1) * 5000);
      expect(Math.hypot(...row)).toBeCloseTo(1, 12);
      expect(row.reduce((p, q) => (Math.abs(q) > Math.abs(p) ? q : p))).toBeGreaterThan(0);
    }
    expect(coordinates.length).toBe(18);
  });

  test("a picture that is placed lands on itself", async () => {
    const x = draw(50, 12, "place");
    const map = await fitPca(x, 2);
    const again = await map.place({ x: x.x.slice(7 * 12, 9 * 12), n: 2, d: 12 });
    expect(maxDifference(again, map.coordinates.slice(14, 18))).toBeLessThan(1e-12);
    await expect(map.place({ x: new Float64Array(3), n: 1, d: 3 })).rejects.toThrow(
      /of 12 numbers/,
    );
  });
});
