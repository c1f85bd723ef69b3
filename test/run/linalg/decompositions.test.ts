/** @file Decompositions against numpy, and properties that define them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cholesky, rightSingular, symmetricEigen } from "../../../src/run/linalg/decompositions.ts";
import { dot, scatter, transpose } from "../../../src/run/linalg/products.ts";
import { random } from "../../../src/run/random.ts";
import { hasReference } from "../../golden.ts";
import { golden, maxDifference, planted } from "../../debias/tensors.ts";

/** sum over rows of values_i * row_i row_i' */
function recompose(values: ArrayLike<number>, rows: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let r = 0; r < values.length; r++)
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++)
        out[i * d + j]! += values[r]! * rows[r * d + i]! * rows[r * d + j]!;
  return out;
}

describe.skipIf(!hasReference)("linalg goldens", async () => {
  const { f64 } = hasReference
    ? await golden("linalg", "linalg.safetensors")
    : { f64: () => new Float64Array() };

  test("eigenvalues and eigenvectors of an indefinite matrix", () => {
    const { values, vectors } = symmetricEigen(f64("sym"), 24);
    expect(maxDifference(values.toReversed(), f64("sym.eigenvalues"))).toBeLessThan(1e-10);
    const rows = transpose(f64("sym.eigenvectors"), 24); // golden columns, ascending
    for (let i = 0; i < 24; i++)
      expect(
        maxDifference(
          vectors.subarray(i * 24, (i + 1) * 24),
          rows.subarray((23 - i) * 24, (24 - i) * 24),
        ),
      ).toBeLessThan(1e-8);
  });

  test("repeated eigenvalues: the eigenspaces are whole", () => {
    const { values, vectors } = symmetricEigen(f64("repeated"), 24);
    expect(maxDifference(values.toReversed(), f64("repeated.eigenvalues"))).toBeLessThan(1e-10);
    expect(maxDifference(recompose(values, vectors, 24), f64("repeated"))).toBeLessThan(1e-10);
  });

  test.each(["rect", "rect.rank9"])("singular values of %s", (name) => {
    const { values } = rightSingular(f64(name), 12);
    expect(maxDifference(values, f64(`${name}.singular_values`))).toBeLessThan(1e-10);
  });

  test("Cholesky factor", () => {
    expect(maxDifference(cholesky(f64("spd"), 24)!, f64("spd.cholesky"))).toBeLessThan(1e-10);
  });
});

test("scatter is the sum of products around each row's centre, for any size", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 11 }), (n, d) => {
      const { x, labels } = planted(n, d, 2, `${n} ${d}`);
      const centres = Float64Array.from({ length: 2 * d }, (_, i) => i);
      const naive = new Float64Array(d * d);
      for (let r = 0; r < n; r++)
        for (let i = 0; i < d; i++)
          for (let j = 0; j < d; j++)
            naive[i * d + j]! +=
              (x[r * d + i]! - centres[labels[r]! * d + i]!) *
              (x[r * d + j]! - centres[labels[r]! * d + j]!);
      expect(maxDifference(scatter({ x, n, d }, centres, labels), naive)).toBeLessThan(
        1e-9 * n * 400,
      );
    }),
    { numRuns: 60 },
  );
});

test("right singular vectors of any shape are orthonormal and hold the whole matrix", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (rows, d) => {
      const rng = random("svd", rows, d);
      const a = Float64Array.from({ length: rows * d }, () => rng.normal());
      const { values, vectors } = rightSingular(a, d);
      expect(values.length).toBe(Math.min(rows, d));
      values.forEach((_, i) =>
        values.forEach((__, j) =>
          expect(dot(vectors, i * d, vectors, j * d, d)).toBeCloseTo(Number(i === j), 10),
        ),
      );
      const gram = scatter({ x: a, n: rows, d }, new Float64Array(d)); // A'A
      expect(
        maxDifference(
          recompose(
            values.map((v) => v * v),
            vectors,
            d,
          ),
          gram,
        ),
      ).toBeLessThan(1e-10);
    }),
    { numRuns: 80 },
  );
});

test("cholesky refuses what is not positive definite", () => {
  expect(cholesky(Float64Array.of(1, 1, 1, 1), 2)).toBeNull();
  expect(cholesky(Float64Array.of(1, 0, 0, -1), 2)).toBeNull();
  expect(cholesky(new Float64Array(4), 2)).toBeNull();
});
