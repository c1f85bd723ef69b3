/** @file Cosine similarities of rows, in float64. */
import { UsageError } from "../run/errors.ts";
import type { Embeddings } from "../run/linalg/embeddings.ts";

type Numbers = Embeddings["x"];

/** Cosine of row i of `a` and row j of `b`; 1 for a row and itself; null when either is all zeros. */
export function cosine(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
  d: number,
): number | null {
  let [ab, aa, bb] = [0, 0, 0];
  for (let c = 0, p = i * d, q = j * d; c < d; c++, p++, q++) {
    ab += a[p]! * b[q]!;
    aa += a[p]! * a[p]!;
    bb += b[q]! * b[q]!;
  }
  return aa > 0 && bb > 0 ? Math.max(-1, Math.min(1, ab / Math.sqrt(aa * bb))) : null;
}

/** Cosines of all rows, symmetric, with a diagonal of 1; null for rows of zeros. O(n^2 d): for some hundreds of rows. */
export function cosineMatrix({ x, n, d }: Embeddings): (number | null)[][] {
  const matrix: (number | null)[][] = Array.from({ length: n }, () => []);
  for (let i = 0; i < n; i++) {
    const own = cosine(x, i, x, i, d);
    matrix[i]![i] = own === null ? null : 1;
    for (let j = 0; j < i; j++) matrix[i]![j] = matrix[j]![i] = cosine(x, i, x, j, d);
  }
  return matrix;
}

export interface Alike {
  readonly row: number;
  readonly cosine: number;
}

/**
 * The `top` rows most like a query of d numbers, by descending cosine, ties by row. Rows of zeros are left out.
 * @throws {UsageError} when the query has another dimension, or is all zeros
 */
export function mostAlike({ x, n, d }: Embeddings, query: Numbers, top: number): Alike[] {
  if (query.length !== d || query.every((value) => value === 0))
    throw new UsageError(
      `query: expected ${d} numbers that are not all 0, received ${query.length === d ? "zeros" : query.length}`,
    );
  const found: Alike[] = [];
  for (let row = 0; row < n; row++) {
    const value = cosine(x, row, query, 0, d);
    if (value !== null) found.push({ row, cosine: value });
  }
  return found.sort((a, b) => b.cosine - a.cosine || a.row - b.row).slice(0, top);
}
