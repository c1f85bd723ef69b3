/**
 * @file Quadratic discriminant analysis, regularised: the class whose normal distribution has the highest density.
 *
 * The covariance of a class of n rows is (n S + d P) / (n + d), where P is that within all classes: d rows of prior
 * evidence, the mode under an inverse Wishart prior (Friedman 1989 shrinks by a chosen share). All classes weigh the same.
 */
import { cholesky } from "../../run/linalg/decompositions.ts";
import { type Embeddings, takeRows } from "../../run/linalg/embeddings.ts";
import { classMeans, scatter } from "../../run/linalg/products.ts";

/** Share of the mean variance added to each variance, so that directions without any keep a factor. */
const RIDGE = 1e-6;

/** Fits on rows of classes 0 to `classes` - 1, each with rows; what it returns tells the class of others. */
export function fitQuadratic(
  train: Embeddings,
  labels: Int32Array,
  classes: number,
): (rows: Embeddings) => Int32Array {
  const { d } = train;
  const { means, counts } = classMeans(train, labels, classes);
  const scatters = Array.from({ length: classes }, (_, k) =>
    scatter(rowsOf(train, labels, k), means.subarray(k * d, (k + 1) * d)),
  );
  const within = new Float64Array(d * d);
  for (const of of scatters) for (let i = 0; i < within.length; i++) within[i]! += of[i]! / train.n;
  let ridge = 0;
  for (let i = 0; i < d; i++) ridge += (RIDGE * within[i * d + i]!) / d;
  const normals = scatters.map((of, k) => {
    const covariance = of.map((sum, i) => (sum + d * within[i]!) / (counts[k]! + d));
    for (let i = 0; i < d; i++) covariance[i * d + i]! += ridge;
    return cholesky(covariance, d);
  });
  if (normals.includes(null)) return ({ n }) => new Int32Array(n); // no variance at all
  return (rows) => {
    const best = new Float64Array(rows.n).fill(Number.NEGATIVE_INFINITY);
    const out = new Int32Array(rows.n);
    normals.forEach((lower, k) => {
      const density = logDensity(rows, means.subarray(k * d, (k + 1) * d), lower!);
      density.forEach((value, row) => {
        if (value > best[row]!) [best[row], out[row]] = [value, k];
      });
    });
    return out;
  };
}

function rowsOf({ x, d }: Embeddings, labels: Int32Array, k: number): Embeddings {
  const rows = [...labels.keys()].filter((row) => labels[row] === k);
  return { x: takeRows(x, d, rows), n: rows.length, d };
}

/** Log-density of rows under a normal distribution with covariance L L', but for a constant; four rows at a time. [N] */
function logDensity(
  { x, n, d }: Embeddings,
  mean: Float64Array,
  lower: Float64Array,
): Float64Array {
  const out = new Float64Array(n);
  const solved = new Float64Array(4 * d); // L^-1 (x - mean), [D, 4]
  let half = 0; // of the log-determinant
  for (let i = 0; i < d; i++) half += Math.log(lower[i * d + i]!);
  for (let r = 0; r < n; r += 4) {
    const [r1, r2, r3] = [Math.min(r + 1, n - 1), Math.min(r + 2, n - 1), Math.min(r + 3, n - 1)];
    let q0 = 0,
      q1 = 0,
      q2 = 0,
      q3 = 0;
    for (let i = 0; i < d; i++) {
      let s0 = x[r * d + i]! - mean[i]!;
      let s1 = x[r1 * d + i]! - mean[i]!;
      let s2 = x[r2 * d + i]! - mean[i]!;
      let s3 = x[r3 * d + i]! - mean[i]!;
      for (let j = 0, at = 0; j < i; j++, at += 4) {
        const l = lower[i * d + j]!;
        s0 -= l * solved[at]!;
        s1 -= l * solved[at + 1]!;
        s2 -= l * solved[at + 2]!;
        s3 -= l * solved[at + 3]!;
      }
      const pivot = 1 / lower[i * d + i]!;
      q0 += (solved[4 * i] = s0 * pivot) ** 2;
      q1 += (solved[4 * i + 1] = s1 * pivot) ** 2;
      q2 += (solved[4 * i + 2] = s2 * pivot) ** 2;
      q3 += (solved[4 * i + 3] = s3 * pivot) ** 2;
    }
    out[r] = -q0 / 2 - half;
    out[r1] = -q1 / 2 - half;
    out[r2] = -q2 / 2 - half;
    out[r3] = -q3 / 2 - half;
  }
  return out;
}
