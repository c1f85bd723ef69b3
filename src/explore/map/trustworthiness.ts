/** @file Trustworthiness of a map: whether neighbours in the map are neighbours in the original space. */
import { UsageError } from "../../run/errors.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { random } from "../../run/random.ts";
import { type Block, eachBlockBetween } from "../pairs.ts";
import { meanRow, pointsOf, squaredDistance } from "../points.ts";

export interface Trustworthiness {
  /** 1 when no neighbour in the map is new; null when there are too few rows, `note` says so. */
  readonly value: number | null;
  /** Neighbours looked at: those asked for, or as many as so few rows allow. */
  readonly k: number;
  /** Rows whose neighbours were looked at: all, or a random sample of many. */
  readonly queries: number;
  /** What was not done as asked. */
  readonly note: string | null;
}

/** Rows up to which the neighbours of each are looked at; of more rows, those of so many drawn at random. */
const ALL = 5000;
const SAMPLE = 2000;

/**
 * Venna and Kaski's trustworthiness, as scikit-learn computes it: 1 - 2 / (m k (2n - 3k - 1)) x the sum, over the m
 * queries and their k nearest in the map, of how far beyond k they are in the order of Euclidean distance in the
 * original space. Ties are in the order of rows. m is n; beyond 5,000 rows, 2,000 queries drawn with a fixed seed.
 * @param coordinates of the map, [n, dimensions]
 * @param k below n / 2, else it is cut
 * @throws {UsageError} when the map has another number of points than rows
 */
export async function trustworthiness(
  x: Embeddings,
  coordinates: Float64Array,
  dimensions: number,
  k: number,
  progress: Progress = silent,
): Promise<Trustworthiness> {
  const { n } = x;
  if (coordinates.length !== n * dimensions)
    throw new UsageError(
      `trustworthiness: expected ${n} points of ${dimensions} coordinates, received ${coordinates.length} numbers`,
    );
  const most = Math.ceil(n / 2) - 1;
  if (most < 1) return { value: null, k: 0, queries: 0, note: `${n} rows: at least 3 are needed` };
  const near = Math.min(k, most);
  const every = Array.from({ length: n }, (_, i) => i);
  const queries = n <= ALL ? every : random("trustworthiness", n).shuffle(every).slice(0, SAMPLE);
  progress.start("trustworthiness", queries.length);
  const ranks = await ranksInSpace(
    x,
    queries,
    queries.map((query) => nearestInMap(coordinates, dimensions, query, near)),
    progress,
  );
  progress.stop();
  const m = queries.length;
  const excess = ranks.reduce((sum, rank) => sum + Math.max(0, rank - near), 0);
  return {
    value: 1 - (2 / (m * near * (2 * n - 3 * near - 1))) * excess,
    k: near,
    queries: m,
    note: near < k ? `${k} neighbours cut to ${near}: fewer than half of ${n} rows` : null,
  };
}

/** The k nearest to a point of the map, itself left out, nearest first, ties by row. */
function nearestInMap(
  coordinates: Float64Array,
  dimensions: number,
  query: number,
  k: number,
): Int32Array {
  const rows = new Int32Array(k);
  const distances = new Float64Array(k).fill(Infinity);
  for (let row = 0, at = 0; at < coordinates.length; row++, at += dimensions) {
    let square = 0;
    for (let axis = 0; axis < dimensions; axis++)
      square += (coordinates[at + axis]! - coordinates[query * dimensions + axis]!) ** 2;
    if (row === query || square >= distances[k - 1]!) continue;
    let to = k - 1;
    for (; to > 0 && distances[to - 1]! > square; to--) {
      distances[to] = distances[to - 1]!;
      rows[to] = rows[to - 1]!;
    }
    distances[to] = square;
    rows[to] = row;
  }
  return rows;
}

/**
 * Ranks [m, k] of rows in the order of distance from a query, from 1. Products of large blocks tell for nearly every row
 * between which two of a query's rows it comes; where their rounding leaves it open, the distance is taken in float64.
 */
async function ranksInSpace(
  x: Embeddings,
  queries: readonly number[],
  rowsInMap: readonly Int32Array[],
  progress: Progress,
): Promise<Int32Array> {
  const halfSquare = (query: number, row: number): number =>
    squaredDistance(x.x, query, x.x, row, x.d) / 2;
  const borders = rowsInMap.map((rows, i) => {
    const distances = new Map(Array.from(rows, (row) => [row, halfSquare(queries[i]!, row)]));
    const order = rows.toSorted((a, b) => distances.get(a)! - distances.get(b)! || a - b);
    return { rows: order, distances: Float64Array.from(order, (row) => distances.get(row)!) };
  });
  const k = rowsInMap[0]!.length;
  // at first how many rows come before a border and not before the one before it
  const ranks = new Int32Array(queries.length * k);
  const centre = meanRow(x);
  const from = pointsOf(x, centre, Int32Array.from(queries));
  const to = pointsOf(x, centre);
  const visit = ({ products, start, end, first, last }: Block): void => {
    for (let i = start, at = 0; i < end; i++) {
      const { rows, distances } = borders[i]!;
      const furthest = distances[k - 1]!;
      for (let j = first; j < last; j++) {
        const product = products[at++]!;
        const low = from.low[i]! + to.low[j]! - product;
        if (low > furthest || j === queries[i]) continue;
        let place = placeOf(low, j, rows, distances);
        if (place !== placeOf(from.high[i]! + to.high[j]! - product, j, rows, distances))
          place = placeOf(halfSquare(queries[i]!, j), j, rows, distances);
        if (place < k) ranks[i * k + place]!++;
      }
    }
  };
  await eachBlockBetween(from, to, visit, progress);
  for (let i = 0; i < ranks.length; i++) if (i % k > 0) ranks[i]! += ranks[i - 1]!;
  return ranks;
}

/** How many of `rows`, which are in the order of `distances` and then of rows, come before a row. */
function placeOf(distance: number, row: number, rows: Int32Array, distances: Float64Array): number {
  let place = 0;
  for (; place < rows.length; place++) {
    const gap = distances[place]! - distance;
    if (gap > 0 || (gap === 0 && rows[place]! >= row)) break;
  }
  return place;
}
