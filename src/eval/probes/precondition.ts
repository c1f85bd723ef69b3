/** @file The inverse of a guess of a linear model's Hessian, from a sample of its rows. */
import { cholesky } from "../../run/linalg/decompositions.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { dot, scatter, transpose } from "../../run/linalg/products.ts";

/** Rows sampled: this share, and so many for each dimension at least; more cost more than the steps that they save. */
const SHARE = 1 / 4;
const ROWS_PER_DIMENSION = 3;

/** Added to the diagonal of a matrix whose diagonal is 1, so that it has a factor whatever the rows. */
const JITTER = 1e-9;

/**
 * Multiplies a vector [D] in place by (sum over rows of weight (x - mean)(x - mean)' + ridge I)^-1, the sum taken over
 * every so-many-th row and scaled up.
 */
export function preconditioner(
  { x, n, d }: Embeddings,
  mean: Float64Array,
  weights: Float64Array,
  ridge: number,
): (v: Float64Array) => void {
  const m = Math.min(n, Math.max(Math.floor(SHARE * n), ROWS_PER_DIMENSION * d));
  const sample = new Float64Array(m * d);
  for (let i = 0; i < m; i++) {
    const row = Math.floor((i * n) / m);
    const scale = Math.sqrt((weights[row]! * n) / m);
    for (let j = 0; j < d; j++) sample[i * d + j] = scale * (x[row * d + j]! - mean[j]!);
  }
  const matrix = scatter({ x: sample, n: m, d }, new Float64Array(d));
  const scale = Float64Array.from(
    { length: d },
    (_, j) => 1 / Math.sqrt(matrix[j * d + j]! + ridge),
  );
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) matrix[i * d + j]! *= scale[i]! * scale[j]!;
    matrix[i * d + i] = 1 + JITTER;
  }
  const lower = cholesky(matrix, d)!;
  const upper = transpose(lower, d);
  return (v) => {
    for (let i = 0; i < d; i++)
      v[i] = (scale[i]! * v[i]! - dot(v, 0, lower, i * d, i)) / lower[i * d + i]!;
    for (let i = d - 1; i >= 0; i--)
      v[i] =
        (v[i]! - dot(v.subarray(i + 1), 0, upper, i * d + i + 1, d - i - 1)) / upper[i * d + i]!;
    for (let i = 0; i < d; i++) v[i]! *= scale[i]!;
  };
}
