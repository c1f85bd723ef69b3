/** @file How well clusters are apart: silhouettes (Rousseeuw 1987) and the index of Davies and Bouldin (1979). */
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { random } from "../../run/random.ts";
import { eachBlockOfPairs } from "../pairs.ts";
import { meanRow, pointsOf, squaredDistance } from "../points.ts";

export interface Silhouette {
  /** -1 to 1; null where undefined. */
  readonly mean: number | null;
  readonly reason: string | null;
  /** Rows that silhouettes are of and are measured against, ascending: all in clusters, or a sample of those. */
  readonly rows: Int32Array;
  /** One for each of `rows`; 0 for the only row of its cluster. Empty where undefined. */
  readonly values: Float64Array;
  /** Whether `rows` is a sample. */
  readonly sampled: boolean;
}

/** Rows above which a sample stands for all. */
const SAMPLE = 2000;

/**
 * Euclidean silhouettes (b - a) / max(a, b): a is the mean distance to the rows of the own cluster, b the least mean distance
 * to those of another. Noise (labels below 0) is left out. Undefined for fewer than two clusters, or one for each row.
 */
export async function silhouette(
  x: Embeddings,
  labels: Int32Array,
  {
    sample = SAMPLE,
    seed = 0,
    progress = silent,
  }: { readonly sample?: number; readonly seed?: number; readonly progress?: Progress } = {},
): Promise<Silhouette> {
  const all = Array.from(labels.keys()).filter((i) => labels[i]! >= 0);
  const sampled = all.length > sample;
  const rows = Int32Array.from(
    sampled ? random(seed, "silhouette").shuffle(all).slice(0, sample) : all,
  ).sort();
  const names = [...new Set(Array.from(rows, (row) => labels[row]!))];
  const undefinedAs = (reason: string): Silhouette => ({
    mean: null,
    reason,
    rows,
    values: new Float64Array(0),
    sampled,
  });
  if (names.length < 2) return undefinedAs("fewer than two clusters");
  if (names.length === rows.length) return undefinedAs("every cluster has one row");
  const place = new Map(names.map((name, i) => [name, i]));
  const of = Int32Array.from(rows, (row) => place.get(labels[row]!)!);
  progress.start("silhouettes", rows.length);
  const sums = await distanceSums(x, rows, of, names.length, progress);
  progress.stop();
  const sizes = new Float64Array(names.length);
  for (const cluster of of) sizes[cluster]!++;
  const values = Float64Array.from(of, (own, i) => {
    if (sizes[own] === 1) return 0;
    const at = i * names.length;
    const a = sums[at + own]! / (sizes[own]! - 1);
    let b = Infinity;
    for (let j = 0; j < names.length; j++)
      if (j !== own) b = Math.min(b, sums[at + j]! / sizes[j]!);
    return a === b ? 0 : (b - a) / Math.max(a, b);
  });
  const mean = values.reduce((p, q) => p + q) / values.length;
  return { mean, reason: null, rows, values, sampled };
}

/** Share of the squared lengths below which a squared distance by products has lost too many digits. */
const CLOSE = 1e-6;

/** Sums of each row's distances to the rows of each cluster, in float64: [rows, clusters]. */
async function distanceSums(
  x: Embeddings,
  rows: Int32Array,
  of: Int32Array,
  clusters: number,
  progress: Progress,
): Promise<Float64Array> {
  const sums = new Float64Array(rows.length * clusters);
  const points = pointsOf(x, meanRow(x), rows, "float64");
  const { low } = points;
  await eachBlockOfPairs(
    points,
    ({ products, start, end, first, last }) => {
      const width = last - first;
      for (let i = start; i < end; i++)
        for (let j = first === start ? i + 1 : first; j < last; j++) {
          const both = low[i]! + low[j]!;
          const half = both - products[(i - start) * width + j - first]!;
          const square =
            half < CLOSE * both ? squaredDistance(x.x, rows[i]!, x.x, rows[j]!, x.d) : 2 * half;
          const distance = Math.sqrt(square);
          sums[i * clusters + of[j]!]! += distance;
          sums[j * clusters + of[i]!]! += distance;
        }
    },
    progress,
  );
  return sums;
}

/**
 * Davies-Bouldin index, 0 or more, less is better: the mean over clusters of the largest (s_i + s_j) / |c_i - c_j|, where s is
 * the mean distance of rows to their cluster's mean c. Null for fewer than two clusters, or two with the same mean.
 */
export function daviesBouldin({ x, n, d }: Embeddings, labels: Int32Array): number | null {
  const clusters = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  const sizes = new Float64Array(clusters);
  const means = new Float64Array(clusters * d);
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    if (label < 0) continue;
    sizes[label]!++;
    for (let c = 0; c < d; c++) means[label * d + c]! += x[i * d + c]!;
  }
  for (let at = 0; at < means.length; at++) means[at]! /= sizes[Math.floor(at / d)]!;
  const spread = new Float64Array(clusters);
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    if (label >= 0)
      spread[label]! += Math.sqrt(squaredDistance(x, i, means, label, d)) / sizes[label]!;
  }
  const present = [...sizes.keys()].filter((j) => sizes[j]! > 0);
  if (present.length < 2) return null;
  let sum = 0;
  for (const i of present)
    sum += present.reduce((worst, j) => {
      if (i === j) return worst;
      const apart = Math.sqrt(squaredDistance(means, i, means, j, d));
      return Math.max(worst, (spread[i]! + spread[j]!) / apart);
    }, 0);
  return Number.isFinite(sum) ? sum / present.length : null;
}
