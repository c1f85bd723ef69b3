/** @file Diversity: how spread out the rows of a cluster are, and how evenly counts fall on categories. */
import { normalQuantile } from "../../eval/uncertainty/intervals.ts";
import type { Estimate } from "../../eval/report/values.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import type { Clustering } from "../cluster/clustering.ts";
import { rowsByCluster } from "./permutation.ts";

/** How evenly counts fall on categories. */
export interface Evenness {
  /** Shannon's H in nats; null without any count. */
  readonly entropy: number | null;
  /** exp(H): as many equally common categories would be as diverse (Hill 1973). */
  readonly effective: number | null;
  /** H / ln(categories with a count) (Pielou 1966); null with fewer than two. */
  readonly pielou: number | null;
  /** H / ln(all categories); null with fewer than two. */
  readonly normalised: number | null;
  /** 1 - sum p^2: the chance that two rows differ (Gini 1912, Simpson 1949). */
  readonly simpson: number | null;
}

/** @param counts of every category, zeros included */
export function evenness(counts: ArrayLike<number>): Evenness {
  const all = Array.from(counts);
  const total = all.reduce((sum, count) => sum + count, 0);
  if (!(total > 0))
    return { entropy: null, effective: null, pielou: null, normalised: null, simpson: null };
  const shares = all.filter((count) => count > 0).map((count) => count / total);
  const entropy = Math.max(
    0,
    shares.reduce((sum, p) => sum - p * Math.log(p), 0),
  );
  const among = (categories: number): number | null =>
    categories < 2 ? null : entropy / Math.log(categories);
  return {
    entropy,
    effective: Math.exp(entropy),
    pielou: among(shares.length),
    normalised: among(all.length),
    simpson: Math.max(0, 1 - shares.reduce((sum, p) => sum + p * p, 0)),
  };
}

/** How spread out the rows of one cluster are, in cosines: 0 when all point the same way. */
export interface Spread {
  /** Rows with a direction; those of zeros have none. */
  readonly rows: number;
  /** Mean of 1 - cosine over all pairs of rows, with the interval of a U-statistic (Hoeffding 1948). */
  readonly pairs: Estimate;
  /** 1 - mean cosine of rows to their mean direction. */
  readonly centre: Estimate;
}

export interface ClusterDiversity {
  /** Of every cluster, [clusters]. */
  readonly clusters: readonly Spread[];
  /** Of all rows, those in no cluster included. */
  readonly all: Spread;
}

const nothing = (reason: string): Estimate => ({ value: null, interval: null, reason });

/**
 * Exact, without looking at pairs: for unit rows u of mean v, the mean of 1 - cosine over pairs is
 * sum |u - v|^2 / (rows - 1), and the mean cosine to the centre is |v|.
 * @param level of the intervals
 */
export function clusterDiversity(
  { x, n, d }: Embeddings,
  { labels, clusters }: Pick<Clustering, "labels" | "clusters">,
  level = 0.95,
): ClusterDiversity {
  const norms = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let squares = 0;
    for (let j = row * d; j < (row + 1) * d; j++) squares += x[j]! * x[j]!;
    norms[row] = Math.sqrt(squares);
  }
  const spread = (rows: Int32Array): Spread => spreadOf(x, d, norms, rows, level);
  const { order, start } = rowsByCluster(labels, clusters, (row) => norms[row]! > 0);
  return {
    clusters: Array.from({ length: clusters }, (_, c) =>
      spread(order.subarray(start[c], start[c + 1])),
    ),
    all: spread(Int32Array.from(norms.keys()).filter((row) => norms[row]! > 0)),
  };
}

function spreadOf(
  x: Embeddings["x"],
  d: number,
  norms: Float64Array,
  rows: Int32Array,
  level: number,
): Spread {
  const m = rows.length;
  if (m === 0) return { rows: 0, pairs: nothing("no rows"), centre: nothing("no rows") };
  // everything is measured from the first row: equal rows are then at exactly 0
  const first = new Float64Array(d);
  for (let j = 0; j < d; j++) first[j] = x[rows[0]! * d + j]! / norms[rows[0]!]!;
  const mean = new Float64Array(d); // of u - first
  let squares = 0;
  for (const row of rows)
    for (let j = 0, at = row * d; j < d; j++, at++) {
      const off = x[at]! / norms[row]! - first[j]!;
      mean[j]! += off;
      squares += off * off;
    }
  let length = 0; // |mean direction|^2
  let shift = 0;
  for (let j = 0; j < d; j++) {
    mean[j]! /= m;
    shift += mean[j]! ** 2;
    length += (first[j]! + mean[j]!) ** 2;
  }
  const variance = Math.max(0, squares / m - shift); // mean |u - v|^2 = 1 - |v|^2
  const centre: Estimate =
    length > 1e-24
      ? { value: variance / (1 + Math.sqrt(length)), interval: null }
      : nothing("the rows have no common direction");
  if (m < 2) return { rows: m, pairs: nothing("a single row has no pair"), centre };
  const value = (m / (m - 1)) * variance;
  return { rows: m, centre, pairs: { value, interval: pairsInterval() } };

  /** From the variance of each row's mean distance to the others. */
  function pairsInterval(): Estimate["interval"] {
    if (m < 3) return null;
    let [sum, sumOfSquares] = [0, 0];
    for (const row of rows) {
      let dot = 0;
      for (let j = 0, at = row * d; j < d; j++, at++)
        dot += (x[at]! / norms[row]!) * (first[j]! + mean[j]!);
      const distance = 1 - (m * dot - 1) / (m - 1) - value;
      sum += distance;
      sumOfSquares += distance * distance;
    }
    const ofRows = Math.max(0, (sumOfSquares - (sum * sum) / m) / (m - 1));
    const half = normalQuantile((1 + level) / 2) * 2 * Math.sqrt(ofRows / m);
    return [Math.max(0, value - half), Math.min(2, value + half)];
  }
}
