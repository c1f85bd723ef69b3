/** @file Nearest neighbours, exact. */

/** The k nearest of each of m points, nearest first, ties by row. */
export interface Neighbours {
  readonly k: number;
  /** Rows, [m, k]. */
  readonly indices: Int32Array;
  /** Euclidean, [m, k]. */
  readonly distances: Float64Array;
}
