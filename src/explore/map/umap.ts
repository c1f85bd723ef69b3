/** @file UMAP: two dimensions in which neighbourhoods stay together, with a place for new points. */
import { setImmediate } from "node:timers/promises";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { random } from "../../run/random.ts";
import { type Neighbours, nearestNeighbours } from "../neighbours.ts";
import { closenessOf } from "./closeness.ts";
import { fuzzyGraph, memberships } from "./fuzzy-graph.ts";
import { type Layout, settle } from "./layout.ts";
import type { FittedMap } from "./map.ts";
import type { SparseGraph } from "./sparse-graph.ts";
import { isOnePoint, principalStart } from "./start.ts";

export interface UmapOptions {
  /** Of each row, itself among them. */
  readonly neighbours: number;
  /** How close points may lie, 0 to 1. */
  readonly minDist: number;
  /** By default 500, or 200 from 10,000 rows on. */
  readonly epochs?: number | undefined;
  readonly seed: number;
  readonly progress?: Progress;
}

/** Half the width of the map at the start, and the noise on it. */
const WIDTH = 10;
const NOISE = 1e-4;
const REPORT = 10;
/** Of new points: the epochs that they settle in, as a part of the map's, and their learning rate, as umap-learn has it. */
const PLACING = 1 / 3;
const RATE = 0.25;
/** A new point that is nearer to a row than this part of its mean distance to neighbours is drawn to the row's point. */
const NEARER = 0.1;

/**
 * A map of rows [N, D] into two dimensions by Euclidean distances, after McInnes, Healy and Melville (2018) and umap-learn's
 * defaults, but that it starts at the principal components. `neighbours` is cut to the rows less one. The same rows and seed
 * give the same map.
 *
 * `place` puts new points at the mean of their neighbours' points, by membership, and lets them settle while the map
 * stays; each on its own, so that it does not matter which others come along. The nearer one is to a row than to all
 * others, the nearer it is to that row's point; one that equals a row lies on it.
 */
export async function fitUmap(x: Embeddings, options: UmapOptions): Promise<FittedMap> {
  const { n } = x;
  const { seed, progress = silent } = options;
  const neighbours = n > options.neighbours ? options.neighbours : Math.max(2, n - 1);
  const notes: string[] = [];
  if (neighbours < options.neighbours)
    notes.push(`neighbours ${options.neighbours} was cut to ${neighbours}: there are ${n} rows`);
  const closeness = closenessOf(options.minDist);
  const epochs = options.epochs ?? (n < 10_000 ? 500 : 200);
  const settling = { closeness, seed: random(seed, "UMAP").int(2 ** 31) };
  let coordinates: Float64Array = new Float64Array(2 * n);
  if (isOnePoint(x))
    notes.push(n === 1 ? "one row: there is nothing to map" : "all rows are equal: one point");
  else {
    const nearest = await nearestNeighbours(x, Math.min(neighbours, n) - 1, { progress });
    const points = await principalStart(
      x,
      seed,
      (axes) => WIDTH / largestOf(axes),
      NOISE,
      progress,
    );
    const layout = { ...settling, heads: points, tails: points, epochs, rate: 1 };
    progress.start("UMAP", epochs);
    for (const done of settle({ ...layout, edges: edgesOf(fuzzyGraph(nearest)) }))
      if (done % REPORT === 0) {
        progress.update(done);
        await setImmediate(); // whoever waits for the process is heard
      }
    progress.stop();
    coordinates = points;
  }
  const place = async (points: Embeddings): Promise<Float64Array> => {
    const nearest = await nearestNeighbours(x, Math.min(neighbours, n), { queries: points });
    return placed(nearest, coordinates, { ...settling, epochs: Math.ceil(epochs * PLACING) });
  };
  return { coordinates, dimensions: 2, notes, explained: null, kl: null, place };
}

const largestOf = (values: Float64Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function edgesOf({ starts, columns, weights }: SparseGraph): Layout["edges"] {
  const heads = new Int32Array(columns.length);
  for (let i = 0; i < starts.length - 1; i++) heads.fill(i, starts[i]!, starts[i + 1]!);
  return { heads, tails: columns, weights };
}

/** Points [m, 2] of rows with those neighbours in a map [n, 2]. */
function placed(
  neighbours: Neighbours,
  map: Float64Array,
  settling: Pick<Layout, "closeness" | "seed" | "epochs">,
): Float64Array {
  const { k, indices, distances } = neighbours;
  const weights = memberships(neighbours, false);
  const out = new Float64Array((2 * indices.length) / k);
  const heads = new Int32Array(k); // one point, of which all edges are
  for (let at = 0, to = 0; at < indices.length; at += k, to += 2) {
    const own = weights.subarray(at, at + k);
    const tails = indices.subarray(at, at + k);
    const point = out.subarray(to, to + 2);
    const twin = map.subarray(2 * tails[0]!, 2 * tails[0]! + 2);
    const away = fromTwin(distances.subarray(at, at + k));
    if (away > 0) {
      const sum = own.reduce((total, weight) => total + weight, 0);
      for (let e = 0; e < k; e++)
        for (let axis = 0; axis < 2; axis++)
          point[axis]! += (own[e]! / sum) * map[2 * tails[e]! + axis]!;
      const edges = { heads, tails, weights: own };
      for (const _ of settle({ ...settling, heads: point, tails: map, edges, rate: RATE }));
    }
    for (let axis = 0; axis < 2; axis++)
      point[axis] = twin[axis]! + away * (point[axis]! - twin[axis]!);
  }
  return out;
}

/** 0 for a row that equals its nearest, rising to 1 for one that is not much nearer to it than to others. */
function fromTwin(distances: Float64Array): number {
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  return mean === 0 ? 0 : Math.min(1, distances[0]! / (NEARER * mean));
}
