/** @file The largest eigenvalues against the whole decomposition. */
import { expect, test } from "vitest";
import { symmetricEigen } from "../../../src/run/linalg/decompositions.ts";
import { dot } from "../../../src/run/linalg/products.ts";
import { orthonormal, topEigen } from "../../../src/run/linalg/top-eigen.ts";
import { random } from "../../../src/run/random.ts";

const D = 90;
const COUNT = 3;

/** A matrix with those eigenvalues, the rest falling to 0. */
function matrixOf(first: readonly number[]): Float64Array {
  const { normal } = random("top-eigen test");
  const axes = orthonormal(Float64Array.from({ length: D * D }, normal), new Float64Array(0), D);
  const out = new Float64Array(D * D);
  for (let v = 0; v < D; v++)
    for (let i = 0; i < D; i++)
      for (let j = 0; j < D; j++)
        out[i * D + j]! += (first[v] ?? (0.5 * (D - v)) / D) * axes[v * D + i]! * axes[v * D + j]!;
  return out;
}

test.each([
  ["apart", [4, 3, 2, 1]],
  ["equal", [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]],
  ["of rank 1", [1, ...Array.from({ length: D - 1 }, () => 0)]],
  ["all equal", Array.from({ length: D }, () => 1)],
  ["zero", Array.from({ length: D }, () => 0)],
  ["hardly falling", []],
])("eigenvalues that are %s", async (_, values) => {
  const matrix = matrixOf(values);
  const times = async (rows: Float64Array): Promise<Float64Array> =>
    Float64Array.from(rows, (_value, i) =>
      dot(rows, Math.floor(i / D) * D, matrix, (i % D) * D, D),
    );
  const found = await topEigen(times, D, COUNT, 1e-10);
  const whole = symmetricEigen(matrix, D);
  for (let v = 0; v < COUNT; v++) {
    expect(found.values[v]).toBeCloseTo(whole.values[v]!, 9);
    const image = await times(found.vectors.slice(v * D, (v + 1) * D));
    const apart = image.map((value, c) => value - found.values[v]! * found.vectors[v * D + c]!);
    expect(Math.hypot(...apart)).toBeLessThan(1e-9);
    for (let u = 0; u <= v; u++)
      expect(dot(found.vectors, u * D, found.vectors, v * D, D)).toBeCloseTo(u === v ? 1 : 0, 10);
  }
});
