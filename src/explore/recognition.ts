/** @file How good an embedding is for recognition: do rows of one label lie nearer to each other than to others? */
import { UsageError } from "../run/errors.ts";
import type { Embeddings } from "../run/linalg/embeddings.ts";
import { random } from "../run/random.ts";
import { type Accuracy, accuracyOf } from "./border/accuracy.ts";
import type { Neighbours } from "./neighbours.ts";
import { squaredDistance } from "./points.ts";

export interface RecognitionOptions {
  /** Of the pairs that are drawn where there are too many. */
  readonly seed: number;
  /** Of intervals; 0.95 by default. */
  readonly level?: number;
  /** Pairs of each kind beyond which they are drawn; by default half a million, or as many as take some seconds. */
  readonly mostPairs?: number;
  /** Of the histograms; 50 by default. */
  readonly bins?: number;
}

export interface Recognition {
  /**
   * Leave-one-out: rows whose nearest other labelled row has their label. Several that are equally near count in part.
   * Rows of which no neighbour has a label are left out.
   */
  readonly nearest: Accuracy;
  /** What a neighbour drawn at random gives: the mean share of the row's own label among the other rows. */
  readonly chance: number | null;
  readonly distances: Distances | null;
  /** Why there are no distances to compare. */
  readonly reason: string | null;
  /** What was not done as asked, one line each. */
  readonly notes: readonly string[];
}

/** Multiply-adds of the distances of each kind: two or three seconds. */
const WORK = 1e9;

/** Euclidean distances of pairs of rows with the same label and with different ones. */
export interface Distances {
  /** Of the histograms, [bins + 1], from 0 on. */
  readonly edges: Float64Array;
  readonly same: Histogram;
  readonly different: Histogram;
  /**
   * How often a pair with the same label is nearer than one with different labels (ties half): 1 is perfect, 0.5 tells
   * nothing.
   */
  readonly auc: number;
}

interface Histogram {
  /** Pairs that were looked at, and those that there are. */
  readonly pairs: number;
  readonly all: number;
  /** Share of the pairs in each bin, [bins]. */
  readonly shares: Float64Array;
  readonly mean: number;
  readonly median: number;
}

/**
 * @param codes label of each row, 0 to `classes` - 1; -1 for none [n]
 * @param neighbours of each row among all the others, in the same space; with one or more each
 * @throws {UsageError} when sizes disagree
 */
export function recognition(
  x: Embeddings,
  codes: Int32Array,
  classes: number,
  neighbours: Neighbours,
  {
    seed,
    level = 0.95,
    mostPairs = Math.ceil(Math.min(5e5, WORK / x.d)),
    bins = 50,
  }: RecognitionOptions,
): Recognition {
  if (codes.length !== x.n || neighbours.indices.length !== x.n * neighbours.k)
    throw new UsageError(
      `recognition: expected ${x.n} codes and ${neighbours.k} neighbours for each, received ${codes.length} codes, ${neighbours.indices.length} neighbours`,
    );
  const rowsOf = Array.from({ length: classes }, () => [] as number[]);
  codes.forEach((code, row) => code >= 0 && rowsOf[code]!.push(row));
  const labelled = rowsOf.reduce((sum, { length }) => sum + length, 0);

  const { right, judged } = leaveOneOut(codes, neighbours);
  const missed = labelled - judged.length;
  const notes: string[] = [];
  if (missed > 0)
    notes.push(`${missed} rows left out: none of their ${neighbours.k} nearest has a label`);

  const pairs = pairsOf(rowsOf, mostPairs, seed);
  const reason =
    pairs.same.all === 0
      ? "no two rows have the same label"
      : pairs.different.all === 0
        ? "no two rows have different labels"
        : null;
  for (const [name, { rows, all }] of Object.entries(pairs))
    if (rows.length / 2 < all)
      notes.push(`${rows.length / 2} of ${all} pairs with ${name} labels, drawn with seed ${seed}`);
  return {
    nearest: accuracyOf(
      right,
      Int32Array.from(judged, (row) => codes[row]!),
      classes,
      level,
    ),
    chance:
      labelled < 2
        ? null
        : rowsOf.reduce((sum, { length }) => sum + length * (length - 1), 0) /
          (labelled * (labelled - 1)),
    distances: reason === null ? compare(x, pairs, bins) : null,
    reason,
    notes,
  };
}

/** Which labelled rows have a labelled neighbour, and how right the nearest one is. */
function leaveOneOut(
  codes: Int32Array,
  { k, indices, distances }: Neighbours,
): { readonly right: readonly number[]; readonly judged: readonly number[] } {
  const right: number[] = [];
  const judged: number[] = [];
  codes.forEach((code, row) => {
    if (code < 0) return;
    let [same, equal, least] = [0, 0, Infinity];
    for (let i = row * k; i < (row + 1) * k && distances[i]! <= least; i++) {
      const other = codes[indices[i]!]!;
      if (other < 0) continue;
      least = distances[i]!;
      equal++;
      if (other === code) same++;
    }
    if (equal === 0) return;
    judged.push(row);
    right.push(same / equal);
  });
  return { right, judged };
}

interface Pairs {
  /** Two rows each, [pairs * 2]. */
  readonly rows: readonly number[];
  /** How many there are. */
  readonly all: number;
}

type Kind = "same" | "different";

/** All pairs, or as many of each kind as asked for, drawn with replacement. */
function pairsOf(
  rowsOf: readonly (readonly number[])[],
  most: number,
  seed: number,
): Readonly<Record<Kind, Pairs>> {
  const rows = rowsOf.flat(); // by label
  const n = rows.length;
  const labels = rowsOf.map((of, code) => ({
    start: rowsOf.slice(0, code).reduce((sum, { length }) => sum + length, 0),
    size: of.length,
  }));
  const draw = random(seed, "pairs");

  const take = (kind: Kind): Pairs => {
    // of one row of a label, how many others make a pair
    const othersOf = (size: number): number => (kind === "same" ? size - 1 : n - size);
    const ends: number[] = [];
    for (const { size } of labels) ends.push((ends.at(-1) ?? 0) + (size * othersOf(size)) / 2);
    const all = ends.at(-1) ?? 0;
    const out: number[] = [];
    if (all <= most)
      for (const { start, size } of labels)
        for (let a = start; a < start + size; a++) {
          const [from, to] = kind === "same" ? [a + 1, start + size] : [start + size, n];
          for (let b = from; b < to; b++) out.push(rows[a]!, rows[b]!);
        }
    else
      for (let i = 0; i < most; i++) {
        const at = draw.uniform() * all;
        const { start, size } = labels[ends.findIndex((end) => at < end)]!;
        const a = start + draw.int(size);
        const b = draw.int(othersOf(size));
        const skipped =
          kind === "same" ? start + b + (start + b < a ? 0 : 1) : b < start ? b : b + size;
        out.push(rows[a]!, rows[skipped]!);
      }
    return { rows: out, all };
  };
  return { same: take("same"), different: take("different") };
}

function compare(
  { x, d }: Embeddings,
  pairs: Readonly<Record<Kind, Pairs>>,
  bins: number,
): Distances {
  const distancesOf = ({ rows }: Pairs): Float64Array =>
    Float64Array.from({ length: rows.length / 2 }, (_, i) =>
      Math.sqrt(squaredDistance(x, rows[2 * i]!, x, rows[2 * i + 1]!, d)),
    ).sort();
  const same = distancesOf(pairs.same);
  const different = distancesOf(pairs.different);
  const top = Math.max(same.at(-1)!, different.at(-1)!) || 1;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => (top * i) / bins);
  const histogram = (sorted: Float64Array, all: number): Histogram => {
    const shares = new Float64Array(bins);
    for (const distance of sorted)
      shares[Math.min(bins - 1, Math.floor((distance / top) * bins))]! += 1 / sorted.length;
    return {
      pairs: sorted.length,
      all,
      shares,
      mean: sorted.reduce((sum, distance) => sum + distance, 0) / sorted.length,
      median: (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2,
    };
  };
  return {
    edges,
    same: histogram(same, pairs.same.all),
    different: histogram(different, pairs.different.all),
    auc: areaOf(same, different),
  };
}

/** Share of pairs of one number of each in which the first is smaller, ties half (Mann and Whitney); both are sorted. */
function areaOf(smaller: Float64Array, larger: Float64Array): number {
  let [below, upTo, sum] = [0, 0, 0];
  for (const value of larger) {
    while (below < smaller.length && smaller[below]! < value) below++;
    while (upTo < smaller.length && smaller[upTo]! <= value) upTo++;
    sum += (below + upTo) / 2;
  }
  return sum / (smaller.length * larger.length);
}
