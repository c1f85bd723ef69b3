/** @file Nearest neighbours, exact. */
import { UsageError } from "../run/errors.ts";
import type { Embeddings } from "../run/linalg/embeddings.ts";
import type { Element } from "../run/linalg/gemm.ts";
import { type Progress, silent } from "../run/progress.ts";
import { type Distinct, distinctRows } from "./distinct.ts";
import { Nearest } from "./nearest.ts";
import { type Block, eachBlockBetween, eachBlockOfPairs } from "./pairs.ts";
import { type Points, meanRow, pointsOf, squaredDistance } from "./points.ts";

/** The k nearest of each of m points, nearest first, ties by row. */
export interface Neighbours {
  readonly k: number;
  /** Rows, [m, k]. */
  readonly indices: Int32Array;
  /** Euclidean, [m, k]. */
  readonly distances: Float64Array;
}

/** Kept beyond k, so that rounding seldom leaves a row undecided. */
const SPARE = 16;

/** Rows to look for, and rows to look among: positions of distinct rows of `x`. */
interface Search {
  readonly x: Embeddings;
  readonly rows: Int32Array;
  readonly centre: Float64Array;
  readonly queries: Embeddings;
  /** Whether the queries are the rows themselves: a row is no neighbour of its own. */
  readonly self: boolean;
  readonly k: number;
  readonly progress: Progress;
}

/** Neighbours among distinct rows: positions in `rows`, and squared distances. */
interface Found {
  readonly at: Int32Array; // [m, k]
  readonly squares: Float64Array; // [m, k]
}

/**
 * The k nearest rows of `x` of every row of `queries`, or of every row of `x` but itself; the numbers are finite. Equal to a
 * search in float64: products in the rows' own type name candidates, and distances are taken in float64. Memory is
 * O(m k) and some blocks. @throws {UsageError} when there are fewer than k rows, or the dimensions differ
 */
export async function nearestNeighbours(
  x: Embeddings,
  k: number,
  {
    queries,
    progress = silent,
  }: { readonly queries?: Embeddings | undefined; readonly progress?: Progress } = {},
): Promise<Neighbours> {
  const possible = queries ? x.n : x.n - 1;
  if (!Number.isInteger(k) || k < 1 || k > possible)
    throw new UsageError(
      `neighbours: expected k from 1 to ${possible}, as there are ${x.n} rows, received ${k}`,
    );
  if (queries && queries.d !== x.d)
    throw new UsageError(
      `neighbours: expected queries of ${x.d} numbers, as rows have, received ${queries.d}`,
    );
  const distinct = distinctRows(x);
  const { rows } = distinct;
  const few = Math.min(k, queries ? rows.length : rows.length - 1);
  const centre = meanRow(x);
  const asked = queries ?? takeRows(x, rows);
  progress.start("neighbours", asked.n);
  const found = await search({
    x,
    rows,
    centre,
    queries: asked,
    self: queries === undefined,
    k: few,
    progress,
  });
  progress.stop();
  return expand(found, few, distinct, k, queries ? queries.n : null);
}

function takeRows(x: Embeddings, rows: Int32Array): Embeddings {
  if (rows.length === x.n) return x;
  const { d } = x;
  const out = x.x.slice(0, rows.length * d);
  rows.forEach((from, to) => out.set(x.x.subarray(from * d, (from + 1) * d), to * d));
  return { x: out, n: rows.length, d };
}

async function search(of: Search): Promise<Found> {
  const { queries, k } = of;
  const found: Found = {
    at: new Int32Array(queries.n * k),
    squares: new Float64Array(queries.n * k),
  };
  if (k === 0) return found;
  const all = Int32Array.from({ length: queries.n }, (_, i) => i);
  const [first, second]: readonly Element[] =
    of.x.x instanceof Float32Array && queries.x instanceof Float32Array
      ? ["float32", "float64"]
      : ["float64"];
  let open = await settle(of, all, await candidates(of, all, first!), found);
  if (second && open.length > 0)
    open = await settle(of, open, await candidates(of, open, second), found);
  for (const query of open) scan(of, query, found);
  return found;
}

/** Rows that may be nearest to each query that was asked for. */
interface Candidates {
  /** Least lower bounds of half squared distances. */
  readonly nearest: Nearest;
  readonly from: Points;
  readonly to: Points;
}

/** Candidates by products of that type. */
async function candidates(of: Search, asked: Int32Array, element: Element): Promise<Candidates> {
  const { x, rows, centre, queries, self, progress } = of;
  const nearest = new Nearest(asked.length, Math.min(rows.length, of.k + SPARE));
  const points = pointsOf(x, centre, rows, element);
  if (self && asked.length === rows.length) {
    await eachBlockOfPairs(points, (block) => offerBoth(nearest, points.low, block), progress);
    return { nearest, from: points, to: points };
  }
  const from = pointsOf(queries, centre, asked, element);
  const own = (query: number): number => (self ? asked[query]! : -1);
  const visit = (block: Block): void => offer(nearest, from, points, own, block);
  await eachBlockBetween(from, points, visit, progress);
  return { nearest, from, to: points };
}

function offer(
  nearest: Nearest,
  from: Points,
  to: Points,
  own: (query: number) => number,
  { products, start, end, first, last }: Block,
): void {
  for (let i = start, at = 0; i < end; i++) {
    const low = from.low[i]!;
    const self = own(i);
    for (let j = first; j < last; j++) {
      const bound = low + to.low[j]! - products[at++]!;
      if (bound < nearest.limits[i]! && j !== self) nearest.add(i, j, bound);
    }
  }
}

/** A block of pairs i < j, for both of them. */
function offerBoth(
  nearest: Nearest,
  low: Float64Array,
  { products, start, end, first, last }: Block,
): void {
  const { limits } = nearest;
  const width = last - first;
  for (let i = start; i < end; i++) {
    const offset = (i - start) * width - first;
    const own = low[i]!;
    for (let j = first === start ? i + 1 : first; j < last; j++) {
      const bound = own + low[j]! - products[offset + j]!;
      if (bound < limits[i]!) nearest.add(i, j, bound);
      if (bound < limits[j]!) nearest.add(j, i, bound);
    }
  }
}

/** Takes distances of candidates in float64; queries of which another row may be as near as the k-th are returned. */
function settle(
  { x, rows, queries, k }: Search,
  asked: Int32Array,
  { nearest, from, to }: Candidates,
  found: Found,
): Int32Array {
  return asked.filter((query, i) => {
    const { rows: named, bounds } = nearest.of(i);
    const own = from.high[i]! - from.low[i]!;
    const upper = bounds.map((bound, c) => bound + own + to.high[named[c]!]! - to.low[named[c]!]!);
    const limit = upper.sort()[k - 1]!; // k rows are within it
    const at = named.filter((_, c) => bounds[c]! <= limit);
    const squares = Float64Array.from(at, (j) =>
      squaredDistance(queries.x, query, x.x, rows[j]!, x.d),
    );
    write(found, query, k, at, squares);
    return found.squares[query * k + k - 1]! / 2 >= nearest.limits[i]!;
  });
}

/** Distances of a query to every row in float64: what products leave undecided. */
function scan({ x, rows, queries, self, k }: Search, query: number, found: Found): void {
  const at = Array.from(rows.keys()).filter((j) => !self || j !== query);
  const squares = Float64Array.from(at, (j) =>
    squaredDistance(queries.x, query, x.x, rows[j]!, x.d),
  );
  write(found, query, k, at, squares);
}

function write(
  { at: into, squares: intoSquares }: Found,
  query: number,
  k: number,
  at: ArrayLike<number>,
  squares: Float64Array,
): void {
  const order = Array.from(squares.keys()).sort(
    (a, b) => squares[a]! - squares[b]! || at[a]! - at[b]!,
  );
  for (let i = 0; i < k; i++) {
    into[query * k + i] = at[order[i]!]!;
    intoSquares[query * k + i] = squares[order[i]!]!;
  }
}

/** Neighbours among all rows from those among distinct ones: identical rows are as far, and 0 from each other. */
function expand(
  { at, squares }: Found,
  few: number,
  { rows, of }: Distinct,
  k: number,
  queries: number | null,
): Neighbours {
  const members: number[][] = Array.from(rows, () => []);
  // k and the row itself are all that anyone can need
  of.forEach((m, row) => members[m]!.length <= k && members[m]!.push(row));
  const count = queries ?? of.length;
  const indices = new Int32Array(count * k);
  const distances = new Float64Array(count * k);
  for (let i = 0; i < count; i++) {
    const own = queries === null ? of[i]! : -1;
    const from = (queries === null ? own : i) * few;
    const list: { row: number; square: number }[] = [];
    if (own >= 0) for (const row of members[own]!) if (row !== i) list.push({ row, square: 0 });
    for (let j = from; j < from + few; j++)
      for (const row of members[at[j]!]!) list.push({ row, square: squares[j]! });
    list.sort((a, b) => a.square - b.square || a.row - b.row);
    for (let j = 0; j < k; j++) {
      indices[i * k + j] = list[j]!.row;
      distances[i * k + j] = Math.sqrt(list[j]!.square);
    }
  }
  return { k, indices, distances };
}
