/** @file Moments by engines are those of plain loops, and what LEACE promises holds with either. */
import { expect, test } from "vitest";
import { apply } from "../../src/debias/eraser.ts";
import { leaceFromMoments } from "../../src/debias/erasers/leace.ts";
import { momentsOf } from "../../src/debias/erasers/moments.ts";
import { onnxEngine } from "../../src/engine/onnx/engine.ts";
import { reference } from "../../src/engine/reference.ts";
import { classMeans } from "../../src/run/linalg/products.ts";
import { random } from "../../src/run/random.ts";
import { engineMoments } from "../../src/train/moments.ts";

/** More rows than one block, and a last block that is not full; far from 0, so that centring matters. */
function drawn(n: number, d: number) {
  const { uniform } = random("moments", n, d);
  const labels = Int32Array.from({ length: n }, () => Math.floor(uniform() * 3));
  const x = Float32Array.from(
    { length: n * d },
    (_, i) => 20 + uniform() + 0.3 * labels[Math.floor(i / d)]! * (i % d === 2 ? 1 : 0.2),
  );
  return { rows: { x, n, d }, labels };
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

test.each([
  ["reference", reference, 1e-10],
  ["onnx", onnxEngine({ threads: 1 }), 1e-5],
] as const)(
  "moments of the %s engine are those of plain loops",
  async (_name, engine, tolerance) => {
    const { rows, labels } = drawn(5000, 6);
    const plain = momentsOf(rows, [labels]);
    const found = await engineMoments(engine, rows, [labels]);
    expect(found.mean).toEqual(plain.mean);
    expect(found.concepts).toEqual(plain.concepts);
    const scale = Math.max(...plain.scatter);
    expect(apart(found.scatter, plain.scatter) / scale).toBeLessThan(tolerance);
  },
);

test("class means coincide to float64, though the covariance is of float32", async () => {
  const { rows, labels } = drawn(5000, 6);
  const eraser = leaceFromMoments(await engineMoments(onnxEngine({ threads: 1 }), rows, [labels]));
  const exact = { ...rows, x: Float64Array.from(rows.x) };
  const spread = (embeddings: typeof exact): number => {
    const { means } = classMeans(embeddings, labels, 3);
    return Math.max(
      apart(means.subarray(0, 6), means.subarray(6, 12)),
      apart(means.subarray(0, 6), means.subarray(12)),
    );
  };
  expect(spread(exact)).toBeGreaterThan(0.1);
  expect(spread({ ...exact, x: Float64Array.from(apply(eraser, exact).x) })).toBeLessThan(1e-11);
});
