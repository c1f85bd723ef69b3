/** @file Float64 decompositions of row-major matrices: symmetric eigenvectors, singular vectors, Cholesky. */
import { Matrix, SVD } from "ml-matrix";
import { dot } from "./products.ts";
import { eigenRows } from "./symmetric-eigen.ts";

/** Turns each row so that its entry of largest magnitude is positive: decompositions leave the sign open. */
function fixSigns(rows: Float64Array, d: number): Float64Array {
  for (let at = 0; at < rows.length; at += d) {
    const row = rows.subarray(at, at + d);
    const peak = row.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    if (peak < 0) for (let j = 0; j < d; j++) row[j]! *= -1;
  }
  return rows;
}

const toMatrix = (data: Float64Array, columns: number): Matrix =>
  Matrix.from1DArray(data.length / columns, columns, data);
const toRows = (matrix: Matrix): Float64Array => Float64Array.from(matrix.to1DArray());

/** Eigenvalues in descending order and their unit eigenvectors as rows [D, D] of a symmetric matrix [D, D]. */
export function symmetricEigen(
  matrix: Float64Array,
  d: number,
): { values: Float64Array; vectors: Float64Array } {
  const { values, vectors: rows } = eigenRows(matrix, d);
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]!);
  const vectors = new Float64Array(d * d);
  order.forEach((from, to) => vectors.set(rows.subarray(from * d, (from + 1) * d), to * d));
  return {
    values: Float64Array.from(order, (i) => values[i]!),
    vectors: fixSigns(vectors, d),
  };
}

/** Singular values in descending order and right singular vectors as rows [min(R, D), D] of a matrix of R rows [R, D]. */
export function rightSingular(
  matrix: Float64Array,
  d: number,
): { values: Float64Array; vectors: Float64Array } {
  // of the transpose, the left ones: [D, R] is tall, which is what the decomposition is fast and accurate for
  const { diagonal, leftSingularVectors } = new SVD(toMatrix(matrix, d).transpose(), {
    computeRightSingularVectors: false,
    autoTranspose: true,
  });
  return {
    values: Float64Array.from(diagonal),
    vectors: fixSigns(toRows(leftSingularVectors.transpose()), d),
  };
}

/** Lower factor L [D, D] with L L' = matrix, or null when the matrix is not positive definite to working precision. */
export function cholesky(matrix: Float64Array, d: number): Float64Array | null {
  const lower = new Float64Array(d * d);
  let largest = 0;
  for (let i = 0; i < d; i++) largest = Math.max(largest, matrix[i * d + i]!);
  const floor = d * Number.EPSILON * largest;
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      const rest = matrix[i * d + j]! - dot(lower, i * d, lower, j * d, j);
      if (j < i) lower[i * d + j] = rest / lower[j * d + j]!;
      else if (rest > floor) lower[i * d + i] = Math.sqrt(rest);
      else return null;
    }
  return lower;
}
