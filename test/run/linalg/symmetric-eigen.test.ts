/** @file Eigenvectors by the equations that define them, of matrices that break naive code. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { dot } from "../../../src/run/linalg/products.ts";
import { eigenRows } from "../../../src/run/linalg/symmetric-eigen.ts";
import { random } from "../../../src/run/random.ts";

/** Largest |A v - value v| relative to the largest |value|, and largest error of v_i . v_j. */
function errors(matrix: Float64Array, d: number): { residual: number; angle: number } {
  const { values, vectors } = eigenRows(matrix, d);
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  let [residual, angle] = [0, 0];
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) {
      const image = dot(matrix, j * d, vectors, i * d, d);
      residual = Math.max(residual, Math.abs(image - values[i]! * vectors[i * d + j]!) / scale);
      const cosine = dot(vectors, i * d, vectors, j * d, d);
      angle = Math.max(angle, Math.abs(cosine - Number(i === j)));
    }
  return { residual, angle };
}

const expectExact = (matrix: Float64Array, d: number): void => {
  const { residual, angle } = errors(matrix, d);
  expect(residual).toBeLessThan(1e-14 * Math.max(4, d));
  expect(angle).toBeLessThan(1e-14 * Math.max(4, d));
};

/** Sum of `rank` signed outer products, of sizes that span `decades`. */
function low(d: number, rank: number, decades: number, seed: number): Float64Array {
  const rng = random("eigen", d, rank, seed);
  const out = new Float64Array(d * d);
  for (let r = 0; r < rank; r++) {
    const v = Float64Array.from({ length: d }, () => rng.normal());
    const size = (rng.uniform() < 0.5 ? -1 : 1) * 10 ** (-decades * rng.uniform());
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) out[i * d + j]! += size * v[i]! * v[j]!;
  }
  return out;
}

test("of any size, rank, sign and spread they solve A v = value v and are orthonormal", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 45 }),
      fc.integer({ min: 0, max: 30 }),
      fc.integer(),
      (d, rank, decades, seed) => expectExact(low(d, rank, decades, seed), d),
    ),
    { numRuns: 100 },
  );
});

test("of 200 dimensions to 1e-13", () => {
  const { residual, angle } = errors(low(200, 260, 3, 1), 200);
  expect(residual).toBeLessThan(1e-13);
  expect(angle).toBeLessThan(1e-13);
});

test("diagonal, blocks that do not touch, equal values, whole numbers", () => {
  const diagonal = new Float64Array(25);
  [3, -1, 3, 0, 7].forEach((value, i) => (diagonal[i * 6] = value));
  expectExact(diagonal, 5);
  expect([...eigenRows(diagonal, 5).values].sort((a, b) => a - b)).toEqual([-1, 0, 3, 3, 7]);
  const blocks = Float64Array.of(2, 1, 0, 0, 1, 2, 0, 0, 0, 0, 5, -4, 0, 0, -4, 5);
  expectExact(blocks, 4);
  [1, 1, 3, 9].forEach((value, i) =>
    expect([...eigenRows(blocks, 4).values].sort((a, b) => a - b)[i]).toBeCloseTo(value, 13),
  );
  expectExact(new Float64Array(36).fill(1), 6);
});

test("very large and very small numbers", () => {
  for (const scale of [1e-300, 1e-160, 1e150, 1e300])
    expectExact(
      low(8, 8, 2, 3).map((value) => value * scale),
      8,
    );
  const mixed = low(6, 6, 0, 4).map(
    (value, i) => value * 10 ** (-30 * (Math.floor(i / 6) + (i % 6))),
  );
  expectExact(mixed, 6);
});

test("NaN is an error, not an endless loop", () => {
  expect(() => eigenRows(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2)).toThrow(
    /no convergence; expected a symmetric matrix of finite numbers/,
  );
});
