/** @file Rows in clusters: what every kind of clustering gives. */

export interface Clustering {
  /** 0 to clusters - 1, by descending size (ties: the one whose first row comes first); -1 for noise. [n] */
  readonly labels: Int32Array;
  readonly clusters: number;
  /** Of k-means its own; of others the means of rows. [clusters, d] */
  readonly centres: Float64Array;
  /** Euclidean, of each row to the centre of its cluster; NaN for noise. [n] */
  readonly distances: Float64Array;
  /** What was not done as asked, one line each. */
  readonly notes: readonly string[];
}
