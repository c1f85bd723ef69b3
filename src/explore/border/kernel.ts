/** @file Kernels of support vector machines. */
import type { Embeddings } from "../../run/linalg/embeddings.ts";

/** x . y, or exp(-gamma |x - y|^2). */
export type Kernel = { readonly kind: "linear" } | { readonly kind: "rbf"; readonly gamma: number };

/** scikit-learn's gamma "scale": 1 / (d x variance of all numbers of the inputs); 1 where they do not vary. */
export function scaleGamma({ x, d }: Pick<Embeddings, "x" | "d">): number {
  let mean = 0;
  for (let i = 0; i < x.length; i++) mean += x[i]!;
  mean /= x.length;
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += (x[i]! - mean) ** 2;
  const variance = squares / x.length;
  return variance > 0 ? 1 / (d * variance) : 1;
}

/**
 * The kernel of each of the rows `from` to `to` (exclusive) of `x` [N, d] with the point at `at` of `points`, into `out`
 * at the row's number less `from`.
 */
export function kernelRow(
  kernel: Kernel,
  x: Float64Array,
  d: number,
  from: number,
  to: number,
  points: Float64Array,
  at: number,
  out: Float32Array | Float64Array,
): void {
  if (kernel.kind === "rbf" && d === 2) return planeRow(kernel.gamma, x, from, to, points, at, out);
  for (let row = from, p = from * d; row < to; row++) {
    // two sums: an addition need not wait for the one before
    let [even, odd] = [0, 0];
    const end = p + d;
    if (kernel.kind === "linear") {
      let q = at;
      for (; p + 1 < end; p += 2, q += 2) {
        even += x[p]! * points[q]!;
        odd += x[p + 1]! * points[q + 1]!;
      }
      if (p < end) even += x[p++]! * points[q]!;
      out[row - from] = even + odd;
    } else {
      let q = at;
      for (; p + 1 < end; p += 2, q += 2) {
        const [a, b] = [x[p]! - points[q]!, x[p + 1]! - points[q + 1]!];
        even += a * a;
        odd += b * b;
      }
      if (p < end) even += (x[p++]! - points[q]!) ** 2;
      out[row - from] = Math.exp(-kernel.gamma * (even + odd));
    }
  }
}

function planeRow(
  gamma: number,
  x: Float64Array,
  from: number,
  to: number,
  points: Float64Array,
  at: number,
  out: Float32Array | Float64Array,
): void {
  const [px, py] = [points[at]!, points[at + 1]!];
  for (let row = from; row < to; row++) {
    const a = x[2 * row]! - px;
    const b = x[2 * row + 1]! - py;
    out[row - from] = Math.exp(-gamma * (a * a + b * b));
  }
}

/** The RBF kernel of each of `count` points with each of the rows, [count, rows]. */
export function kernelBlock(
  kernel: Kernel,
  x: Float64Array,
  rows: number,
  points: Float64Array,
  count: number,
  d: number,
  out: Float64Array,
): void {
  if (kernel.kind === "rbf" && d === 2) {
    const axes = [0, 1].map((axis) => distinct(points, axis));
    // points of a grid share coordinates, and exp(-gamma (dx^2 + dy^2)) is a product of a factor of each
    if (axes[0]!.values.length + axes[1]!.values.length < count / 2)
      return gridBlock(kernel.gamma, x, rows, axes, count, out);
  }
  for (let i = 0; i < count; i++)
    kernelRow(kernel, x, d, 0, rows, points, i * d, out.subarray(i * rows, (i + 1) * rows));
}

interface Coordinates {
  readonly values: readonly number[];
  /** Which of them each point has. */
  readonly of: readonly number[];
}

function distinct(points: Float64Array, axis: number): Coordinates {
  const places = new Map<number, number>();
  const of: number[] = [];
  for (let at = axis; at < points.length; at += 2) {
    const value = points[at]!;
    const place = places.get(value) ?? places.size;
    places.set(value, place);
    of.push(place);
  }
  return { values: [...places.keys()], of };
}

function gridBlock(
  gamma: number,
  x: Float64Array,
  rows: number,
  axes: readonly Coordinates[],
  count: number,
  out: Float64Array,
): void {
  const [across, up] = axes.map(({ values }, axis) =>
    values.map((value) => {
      const factors = new Float64Array(rows);
      for (let row = 0; row < rows; row++)
        factors[row] = Math.exp(-gamma * (x[2 * row + axis]! - value) ** 2);
      return factors;
    }),
  );
  for (let i = 0, to = 0; i < count; i++) {
    const ofAcross = across![axes[0]!.of[i]!]!;
    const ofUp = up![axes[1]!.of[i]!]!;
    for (let row = 0; row < rows; row++) out[to++] = ofAcross[row]! * ofUp[row]!;
  }
}
