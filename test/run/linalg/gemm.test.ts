/** @file Large products against plain loops. */
import { expect, test } from "vitest";
import { roundingOf, timesTransposed, transposedTimes } from "../../../src/run/linalg/gemm.ts";
import { random } from "../../../src/run/random.ts";

const ROWS = 37;
const COLUMNS = 21;
const INNER = 130;

const draw = <X extends Float32Array | Float64Array>(into: X, key: string): X => {
  const { normal } = random("gemm", key);
  return into.map(() => normal()) as X;
};

for (const [name, Numbers] of [
  ["float32", Float32Array],
  ["float64", Float64Array],
] as const)
  test(`${name}: both products are within their bound, views included`, async () => {
    const whole = draw(new Numbers((ROWS + 1) * INNER), "a");
    const a = whole.subarray(INNER);
    const b = draw(new Numbers(COLUMNS * INNER), "b");
    const transposed = (x: Float32Array | Float64Array, rows: number) =>
      new Numbers(x.length).map((_, i) => x[(i % rows) * INNER + Math.floor(i / rows)]!);
    const products = [
      await timesTransposed(a, ROWS, b, COLUMNS, INNER),
      await transposedTimes(transposed(a, ROWS), ROWS, transposed(b, COLUMNS), COLUMNS, INNER),
    ];
    for (let i = 0; i < ROWS; i++)
      for (let j = 0; j < COLUMNS; j++) {
        let [sum, aa, bb] = [0, 0, 0];
        for (let c = 0; c < INNER; c++) {
          const [u, v] = [a[i * INNER + c]!, b[j * INNER + c]!];
          sum += u * v;
          aa += u * u;
          bb += v * v;
        }
        for (const product of products) {
          const error = Math.abs(product[i * COLUMNS + j]! - sum);
          expect(error).toBeLessThanOrEqual(roundingOf(name, INNER) * Math.sqrt(aa * bb));
        }
      }
  });
