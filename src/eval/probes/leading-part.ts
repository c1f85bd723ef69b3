/** @file Embeddings in the space of their leading principal components, found without labels. */
import { cholesky } from "../../run/linalg/decompositions.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { classMeans, productTransposed, scatter, transpose } from "../../run/linalg/products.ts";
import { random } from "../../run/random.ts";

/** Rows sampled for each dimension, to estimate the covariance from. */
const ROWS_PER_DIMENSION = 4;
/** Multiplications by the covariance: each makes what leads lead by more. */
const POWERS = 3;
const JITTER = 1e-12;

/**
 * Rows in `k` dimensions that hold most of their variance, by randomised subspace iteration (Halko, Martinsson and Tropp
 * 2011, algorithm 4.4); as they are when D is not above k.
 */
export function leadingPart(rows: Embeddings, k: number): Embeddings {
  const { x, n, d } = rows;
  if (d <= k) return rows;
  const sample = Math.min(n, ROWS_PER_DIMENSION * d);
  const some = new Float64Array(sample * d);
  for (let i = 0; i < sample; i++) {
    const row = Math.floor((i * n) / sample);
    some.set(x.subarray(row * d, (row + 1) * d), i * d);
  }
  const part = { x: some, n: sample, d };
  const covariance = scatter(part, classMeans(part, new Int32Array(sample), 1).means);
  const stream = random("leading part", d, k);
  let basis: Float64Array = Float64Array.from({ length: k * d }, () => stream.normal()); // [K, D]
  for (let power = 0; power < POWERS; power++) {
    const next = new Float64Array(k * d);
    productTransposed(basis, k, covariance, d, d, next); // the covariance is its own transpose
    basis = orthonormal(next, k, d);
  }
  const out = new Float64Array(n * k);
  productTransposed(x, n, basis, k, d, out);
  return { x: out, n, d: k };
}

/** Orthonormal rows of the same span: L^-1 Y with L L' = Y Y'. */
function orthonormal(rows: Float64Array, k: number, d: number): Float64Array {
  const gram = scatter({ x: transpose(rows, d), n: d, d: k }, new Float64Array(k));
  let trace = 0;
  for (let i = 0; i < k; i++) trace += gram[i * k + i]!;
  for (let i = 0; i < k; i++) gram[i * k + i]! += JITTER * trace;
  const lower = cholesky(gram, k);
  if (!lower) return rows; // no variance at all
  for (let i = 0; i < k; i++)
    for (let c = 0; c < d; c++) {
      let sum = rows[i * d + c]!;
      for (let j = 0; j < i; j++) sum -= lower[i * k + j]! * rows[j * d + c]!;
      rows[i * d + c] = sum / lower[i * k + i]!;
    }
  return rows;
}
