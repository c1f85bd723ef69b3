/** @file DBSCAN (Ester et al. 1996): clusters of any shape, and noise. */
import { Components } from "../../data/components.ts";
import { UsageError } from "../../run/errors.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { pairsWithin } from "../pairs.ts";
import { meanRow, pointsOf, squaredDistance } from "../points.ts";
import { bySize } from "./by-size.ts";
import type { Clustering } from "./clustering.ts";

export interface Dbscan extends Clustering {
  /** 1 for rows with at least `minSamples` rows within eps, themselves among them. [n] */
  readonly core: Uint8Array;
}

/** The Euclidean radius between unit rows that a cosine distance (1 - cosine) is: |a - b|^2 = 2 (1 - cos). */
export const radiusOfCosine = (distance: number): number => Math.sqrt(2 * distance);

/**
 * DBSCAN with Euclidean distances, the radius inclusive. Core rows within `eps` of each other are of one cluster; another row
 * within `eps` of a core row is of the cluster of its nearest one (ties: the first), so that clusters do not depend on the
 * order of rows; all others are noise. Float64 decides pairs that products leave open. Memory is O(n minSamples) and a block.
 * @throws {UsageError} unless eps is above 0 and minSamples a positive integer
 */
export async function dbscan(
  x: Embeddings,
  {
    eps,
    minSamples,
    progress = silent,
  }: { readonly eps: number; readonly minSamples: number; readonly progress?: Progress },
): Promise<Dbscan> {
  if (!(eps > 0 && eps < Infinity))
    throw new UsageError(`DBSCAN: expected eps above 0, received ${eps}`);
  if (!Number.isInteger(minSamples) || minSamples < 1)
    throw new UsageError(`DBSCAN: expected minSamples of 1 or more, received ${minSamples}`);
  const { n, d } = x;
  const distance = (i: number, j: number): number => Math.sqrt(squaredDistance(x.x, i, x.x, j, d));
  const components = new Components(n);
  const counts = new Int32Array(n).fill(1); // up to minSamples: more makes no difference
  const isCore = (i: number): boolean => counts[i]! >= minSamples;
  // pairs seen before both were known as core rows: fewer than minSamples for each row
  const early: number[] = [];
  progress.start("DBSCAN", n);
  await pairsWithin(
    pointsOf(x, meanRow(x)),
    eps,
    (i, j, sure) => {
      const [iCore, jCore] = [isCore(i), isCore(j)];
      if (iCore && jCore && components.find(i) === components.find(j)) return;
      if (!sure && distance(i, j) > eps) return;
      if (!iCore) counts[i]!++;
      if (!jCore) counts[j]!++;
      if (isCore(i) && isCore(j)) components.join(i, j);
      else early.push(i, j);
    },
    progress,
  );
  progress.stop();
  const nearest = new Int32Array(n).fill(-1); // core row next to a border row
  const offer = (border: number, core: number): void => {
    const old = nearest[border]!;
    const apart = old < 0 ? 1 : distance(border, old) - distance(border, core);
    if (apart > 0 || (apart === 0 && core < old)) nearest[border] = core;
  };
  for (let p = 0; p < early.length; p += 2) {
    const [i, j] = [early[p]!, early[p + 1]!];
    if (isCore(i) && isCore(j)) components.join(i, j);
    else if (isCore(i)) offer(j, i);
    else if (isCore(j)) offer(i, j);
  }
  const { labels, order } = bySize(
    nearest.map((core, i) => {
      const of = isCore(i) ? i : core;
      return of < 0 ? -1 : components.find(of);
    }),
  );
  return {
    labels,
    clusters: order.length,
    ...meansOf(x, labels, order.length),
    core: Uint8Array.from(counts, (count) => (count >= minSamples ? 1 : 0)),
    notes: [],
  };
}

/** Mean row of each cluster, and how far each row is from that of its own. */
function meansOf({ x, n, d }: Embeddings, labels: Int32Array, clusters: number) {
  const centres = new Float64Array(clusters * d);
  const sizes = new Float64Array(clusters);
  labels.forEach((label, i) => {
    if (label < 0) return;
    sizes[label]!++;
    for (let c = 0; c < d; c++) centres[label * d + c]! += x[i * d + c]!;
  });
  for (let at = 0; at < centres.length; at++) centres[at]! /= sizes[Math.floor(at / d)]!;
  const distances = Float64Array.from({ length: n }, (_, i) =>
    labels[i]! < 0 ? Number.NaN : Math.sqrt(squaredDistance(x, i, centres, labels[i]!, d)),
  );
  return { centres, distances };
}
