/**
 * @file The two passes over the rows that a linear model is fitted by. Four rows meet two rows of weights at a time, so
 * that eight products share six loads; an odd last row of weights is computed twice rather than apart.
 */
import type { Embeddings } from "../../run/linalg/embeddings.ts";

/** Scores: X W' into `out` [N, R]; weights [R, D]. */
export function scores({ x, n, d }: Embeddings, weights: Float64Array, out: Float64Array): void {
  const count = out.length / n;
  for (let r = 0; r < n; r += 4) {
    const r1 = Math.min(r + 1, n - 1);
    const r2 = Math.min(r + 2, n - 1);
    const r3 = Math.min(r + 3, n - 1);
    for (let k = 0; k < count; k += 2) {
      const k1 = Math.min(k + 1, count - 1);
      let s00 = 0,
        s10 = 0,
        s20 = 0,
        s30 = 0;
      let s01 = 0,
        s11 = 0,
        s21 = 0,
        s31 = 0;
      for (let j = 0; j < d; j++) {
        const w0 = weights[k * d + j]!;
        const w1 = weights[k1 * d + j]!;
        const x0 = x[r * d + j]!;
        const x1 = x[r1 * d + j]!;
        const x2 = x[r2 * d + j]!;
        const x3 = x[r3 * d + j]!;
        s00 += x0 * w0;
        s10 += x1 * w0;
        s20 += x2 * w0;
        s30 += x3 * w0;
        s01 += x0 * w1;
        s11 += x1 * w1;
        s21 += x2 * w1;
        s31 += x3 * w1;
      }
      out[r * count + k] = s00;
      out[r1 * count + k] = s10;
      out[r2 * count + k] = s20;
      out[r3 * count + k] = s30;
      out[r * count + k1] = s01;
      out[r1 * count + k1] = s11;
      out[r2 * count + k1] = s21;
      out[r3 * count + k1] = s31;
    }
  }
}

/** Sums of the rows, weighted: F' X [R, D] of factors [N, R]. */
export function weightedSums({ x, n, d }: Embeddings, factors: Float64Array): Float64Array {
  const count = factors.length / n;
  const sums = new Float64Array((count + (count % 2)) * d);
  const factor = (row: number, k: number): number =>
    row < n && k < count ? factors[row * count + k]! : 0;
  for (let r = 0; r < n; r += 4) {
    const r1 = Math.min(r + 1, n - 1);
    const r2 = Math.min(r + 2, n - 1);
    const r3 = Math.min(r + 3, n - 1);
    for (let k = 0; k < count; k += 2) {
      const f00 = factor(r, k);
      const f10 = factor(r + 1, k);
      const f20 = factor(r + 2, k);
      const f30 = factor(r + 3, k);
      const f01 = factor(r, k + 1);
      const f11 = factor(r + 1, k + 1);
      const f21 = factor(r + 2, k + 1);
      const f31 = factor(r + 3, k + 1);
      for (let j = 0; j < d; j++) {
        const x0 = x[r * d + j]!;
        const x1 = x[r1 * d + j]!;
        const x2 = x[r2 * d + j]!;
        const x3 = x[r3 * d + j]!;
        sums[k * d + j]! += f00 * x0 + f10 * x1 + f20 * x2 + f30 * x3;
        sums[(k + 1) * d + j]! += f01 * x0 + f11 * x1 + f21 * x2 + f31 * x3;
      }
    }
  }
  return sums.subarray(0, count * d);
}
