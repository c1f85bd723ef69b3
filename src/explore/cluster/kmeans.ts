/** @file k-means: Lloyd's iteration from greedy k-means++ starts, all restarts side by side. */
import { UsageError } from "../../run/errors.ts";
import { type Embeddings, unitRows } from "../../run/linalg/embeddings.ts";
import { dot } from "../../run/linalg/products.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { distinctRows } from "../distinct.ts";
import { meanRow } from "../points.ts";
import { bySize } from "./by-size.ts";
import {
  type CentredRows,
  centreRows,
  eachProducts,
  halfSquares,
  squareTo,
} from "./centred-rows.ts";
import type { Clustering } from "./clustering.ts";
import { plusPlus } from "./kmeans-start.ts";

export interface KMeans extends Clustering {
  /** Sum of squared distances of rows to their centres. */
  readonly inertia: number;
  /** Of the restart that is returned. */
  readonly iterations: number;
}

export interface KMeansOptions {
  readonly k: number;
  /** Starts, of which the one of least inertia is returned; 10. */
  readonly restarts?: number;
  readonly seed?: number;
  /** Rows and centres of unit length: clusters by cosine. Distances and inertia are Euclidean between those. */
  readonly spherical?: boolean;
  /** 300 */
  readonly maxIterations?: number;
  /** Ends when centres move less, squared and summed, than this times the mean variance of columns; 1e-4. */
  readonly tolerance?: number;
  /** Centres to start from, [k, d], in place of drawn ones. */
  readonly init?: Float64Array | undefined;
  readonly progress?: Progress;
}

/** One restart. */
interface Run {
  /** Of centred rows, [k, d]. */
  centres: Float64Array;
  readonly labels: Int32Array; // [n]
  /** Of the centred rows of each cluster, [k, d]. */
  readonly sums: Float64Array;
  readonly counts: Float64Array; // [k]
  iterations: number;
}

/**
 * k-means as scikit-learn defines it (Lloyd; greedy k-means++; empty clusters take the rows that lie furthest from their
 * centres). Products of rows and centres are of the rows' own type; where they leave open which centre is nearest, float64
 * distances decide, and sums are float64: labels are those of a float64 run. The same seed gives the same labels.
 * k is cut to the number of distinct rows, with a note. @throws {UsageError} without rows, or k or `init` do not fit
 */
export async function kMeans(
  x: Embeddings,
  {
    k: asked,
    restarts = 10,
    seed = 42,
    spherical = false,
    maxIterations = 300,
    tolerance = 1e-4,
    init,
    progress = silent,
  }: KMeansOptions,
): Promise<KMeans> {
  const { n, d } = x;
  if (n === 0) throw new UsageError("k-means: expected rows, received none");
  if (!Number.isInteger(asked) || asked < 1)
    throw new UsageError(`k-means: expected k of 1 or more, received ${asked}`);
  if (init && init.length !== asked * d)
    throw new UsageError(
      `k-means: expected ${asked} x ${d} numbers to start from, received ${init.length}`,
    );
  const rows = spherical ? unitRows(x) : x;
  const mean = spherical ? new Float64Array(d) : meanRow(x);
  const distinct = init ? n : distinctRows(rows).rows.length;
  const k = Math.min(asked, distinct);
  const notes =
    k < asked
      ? [`k-means: k is ${k} in place of ${asked}, as there are no more distinct rows`]
      : [];
  const centred = centreRows(rows, mean);
  progress.start("k-means", init ? 1 : restarts);
  const starts = init
    ? [init.map((value, i) => value - mean[i % d]!)]
    : await plusPlus(centred, k, restarts, seed);
  const runs = starts.map((centres): Run => ({
    centres,
    labels: new Int32Array(n).fill(-1),
    sums: new Float64Array(k * d),
    counts: new Float64Array(k),
    iterations: 0,
  }));
  const limit = (tolerance * centred.total) / (n * d);
  await lloyd(centred, runs, { k, spherical, maxIterations, limit, progress });
  progress.stop();
  const best = runs.reduce((a, b) => (inertiaOf(b, centred) < inertiaOf(a, centred) ? b : a));
  return { ...clusteringOf(centred, best, notes), iterations: best.iterations };
}

interface Settings {
  readonly k: number;
  readonly spherical: boolean;
  readonly maxIterations: number;
  readonly limit: number;
  readonly progress: Progress;
}

/** Iterates all runs until each has converged; their labels are those of their centres then. */
async function lloyd(
  rows: CentredRows,
  runs: readonly Run[],
  { k, spherical, maxIterations, limit, progress }: Settings,
): Promise<void> {
  let open = [...runs];
  const unsettled: Run[] = []; // centres moved after rows were assigned
  for (let iteration = 1; open.length > 0; iteration++) {
    const moved = await assign(rows, open, k);
    open = open.filter((run, r) => {
      run.iterations = iteration;
      if (moved[r] === 0) return false;
      const shift = update(rows, run, k, spherical);
      if (shift > limit && iteration < maxIterations) return true;
      unsettled.push(run);
      return false;
    });
    progress.update(runs.length - open.length, `iteration ${iteration}`);
  }
  if (unsettled.length > 0) await assign(rows, unsettled, k);
}

/** Gives every row to its nearest centre in each run (ties: the first), and keeps sums. @returns how many rows moved, by run */
async function assign(rows: CentredRows, runs: readonly Run[], k: number): Promise<number[]> {
  const { d, halves, rounding } = rows;
  const width = runs.length * k;
  const centres = new Float64Array(width * d);
  runs.forEach((run, r) => centres.set(run.centres, r * k * d));
  const norms = halfSquares(centres, d);
  const moved = runs.map(() => 0);
  await eachProducts(rows, centres, (products, start, end) => {
    runs.forEach((run, r) => {
      const base = r * k;
      const largest = norms.subarray(base, base + k).reduce((a, b) => Math.max(a, b));
      for (let i = start, at = base; i < end; i++, at += width) {
        let nearest = 0;
        let least = Infinity;
        let next = Infinity;
        for (let j = 0; j < k; j++) {
          const value = norms[base + j]! - products[at + j]!;
          if (value < least) {
            next = least;
            least = value;
            nearest = j;
          } else if (value < next) next = value;
        }
        // two half squared distances, each within rounding * (half squares of row and centre)
        const slack = 2 * rounding * (halves[i]! + largest);
        if (next - least <= slack) {
          let closest = Infinity;
          for (let j = 0; j < k; j++) {
            if (norms[base + j]! - products[at + j]! - least > slack) continue;
            const square = squareTo(rows, i, run.centres, j);
            if (square < closest) {
              closest = square;
              nearest = j;
            }
          }
        }
        if (run.labels[i] !== nearest) {
          move(rows, run, i, nearest);
          moved[r]!++;
        }
      }
    });
  });
  return moved;
}

function move({ x, d, mean }: CentredRows, run: Run, row: number, to: number): void {
  const { labels, sums, counts } = run;
  const from = labels[row]!;
  labels[row] = to;
  counts[to]!++;
  for (let c = 0; c < d; c++) sums[to * d + c]! += x[row * d + c]! - mean[c]!;
  if (from < 0) return;
  counts[from]!--;
  for (let c = 0; c < d; c++) sums[from * d + c]! -= x[row * d + c]! - mean[c]!;
}

/** Moves centres to the means of their rows. @returns by how much, squared and summed */
function update(rows: CentredRows, run: Run, k: number, spherical: boolean): number {
  fillEmpty(rows, run);
  const { d } = rows;
  const { sums, counts, centres: old } = run;
  const centres = new Float64Array(k * d);
  let shift = 0;
  for (let j = 0; j < k; j++) {
    const at = j * d;
    const length = spherical ? Math.sqrt(dot(sums, at, sums, at, d)) : counts[j]!;
    for (let c = at; c < at + d; c++) {
      centres[c] = counts[j]! > 0 && length > 0 ? sums[c]! / length : old[c]!;
      shift += (centres[c]! - old[c]!) ** 2;
    }
  }
  run.centres = centres;
  return shift;
}

/** Gives each cluster without rows the row that is furthest from its centre. */
function fillEmpty(rows: CentredRows, run: Run): void {
  const empty = [...run.counts.keys()].filter((j) => run.counts[j] === 0);
  if (empty.length === 0) return;
  const squares = Float64Array.from(run.labels, (label, i) =>
    squareTo(rows, i, run.centres, label),
  );
  const furthest = Array.from(squares.keys()).sort((a, b) => squares[b]! - squares[a]! || a - b);
  empty.forEach((j, e) => {
    const row = furthest[e]!;
    if (squares[row]! > 0) move(rows, run, row, j);
  });
}

/** Sum of (x - c)(x - c)' over rows, from sums: |x|^2 - 2 x c + |c|^2. */
function inertiaOf({ centres, sums, counts }: Run, { d, total }: CentredRows): number {
  let inertia = total;
  for (let i = 0; i < sums.length; i++)
    inertia += centres[i]! * (counts[Math.floor(i / d)]! * centres[i]! - 2 * sums[i]!);
  return inertia;
}

/** Clusters by size; what was centred is no longer. */
function clusteringOf(rows: CentredRows, run: Run, notes: readonly string[]) {
  const { d, mean } = rows;
  const { labels, order } = bySize(run.labels);
  const centres = new Float64Array(order.length * d);
  order.forEach((old, j) => {
    for (let c = 0; c < d; c++) centres[j * d + c] = run.centres[old * d + c]! + mean[c]!;
  });
  const squares = Float64Array.from(run.labels, (old, i) => squareTo(rows, i, run.centres, old));
  const without = run.counts.length - order.length;
  return {
    labels,
    clusters: order.length,
    centres,
    distances: squares.map(Math.sqrt),
    inertia: squares.reduce((a, b) => a + b, 0),
    notes:
      without > 0
        ? [
            ...notes,
            `k-means: k is ${order.length} in place of ${order.length + without}, as some centres have no rows`,
          ]
        : notes,
  };
}
