/**
 * @file The two passes over the rows that a linear model is fitted by. Four rows at a time, so that a weight is loaded,
 * or stored, once for four products.
 */
import type { Embeddings } from "../../run/linalg/embeddings.ts";

/** Scores: X W' into `out` [N, R]; weights [R, D]. */
export function scores({ x, n, d }: Embeddings, weights: Float64Array, out: Float64Array): void {
  const count = out.length / n;
  for (let r = 0; r < n; r += 4) {
    const [r1, r2, r3] = [Math.min(r + 1, n - 1), Math.min(r + 2, n - 1), Math.min(r + 3, n - 1)];
    const [a0, a1, a2, a3] = [r * d, r1 * d, r2 * d, r3 * d];
    for (let k = 0; k < count; k++) {
      let s0 = 0,
        s1 = 0,
        s2 = 0,
        s3 = 0;
      const at = k * d;
      for (let j = 0; j < d; j++) {
        const w = weights[at + j]!;
        s0 += x[a0 + j]! * w;
        s1 += x[a1 + j]! * w;
        s2 += x[a2 + j]! * w;
        s3 += x[a3 + j]! * w;
      }
      out[r * count + k] = s0;
      out[r1 * count + k] = s1;
      out[r2 * count + k] = s2;
      out[r3 * count + k] = s3;
    }
  }
}

/** Sums of the rows, weighted: R' X into `out` [R, D]; factors [N, R]. */
export function weightedSums(
  { x, n, d }: Embeddings,
  factors: Float64Array,
  out: Float64Array,
): void {
  const count = factors.length / n;
  out.fill(0);
  for (let r = 0; r < n; r += 4) {
    const left = n - r;
    const [a0, a1, a2, a3] = [r, r + 1, r + 2, r + 3].map((row) => Math.min(row, n - 1) * d) as [
      number,
      number,
      number,
      number,
    ];
    for (let k = 0; k < count; k++) {
      const from = r * count + k;
      const q0 = factors[from]!;
      const q1 = left > 1 ? factors[from + count]! : 0;
      const q2 = left > 2 ? factors[from + 2 * count]! : 0;
      const q3 = left > 3 ? factors[from + 3 * count]! : 0;
      const at = k * d;
      for (let j = 0; j < d; j++)
        out[at + j]! += q0 * x[a0 + j]! + q1 * x[a1 + j]! + q2 * x[a2 + j]! + q3 * x[a3 + j]!;
    }
  }
}
