/** @file How the labels of a manifest are distributed. */
import { compareText, groupBy, valueOf } from "./cells.ts";
import type { Row } from "./row.ts";

export interface AttributeCounts {
  readonly attribute: string;
  /** Rows by label. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface CrossTable {
  /** Of the outer and of the inner record. */
  readonly attributes: readonly [string, string];
  /** Rows by the labels of both; a pair that does not occur is 0. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface NumberSummary {
  readonly attribute: string;
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  /**
   * Rows from each multiple of ten to below the next, from the lowest to the highest; empty decades are 0. Null where the
   * numbers are no ages: their range is above 1,000.
   */
  readonly decades: readonly { readonly from: number; readonly count: number }[] | null;
  /** Median, over every whole number from min to max, of the rows that have it (none counts as 0). Null as above. */
  readonly medianPerValue: number | null;
}

export interface Distributions {
  readonly counts: readonly AttributeCounts[];
  readonly crossTables: readonly CrossTable[];
  readonly numbers: readonly NumberSummary[];
}

/** Counts of every attribute, cross tables of every two, and a summary of every number. */
export function distributions(rows: readonly Row[]): Distributions {
  const attributes = namesOf(rows, (row) => row.labels);
  const counts = attributes.map((attribute) => ({
    attribute,
    counts: tally(rows, attribute),
  }));
  return {
    counts,
    crossTables: counts.flatMap((outer, i) =>
      counts.slice(i + 1).map((inner) => crossTable(rows, outer, inner)),
    ),
    numbers: namesOf(rows, (row) => row.numbers).map((attribute) => summary(rows, attribute)),
  };
}

const namesOf = (rows: readonly Row[], of: (row: Row) => object): string[] => {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(of(row))) names.add(name);
  return [...names];
};

/** Rows by label of one attribute, sorted by label. */
function tally(rows: readonly Row[], attribute: string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const label = valueOf(row, attribute);
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => compareText(a, b)));
}

function crossTable(
  rows: readonly Row[],
  outer: AttributeCounts,
  inner: AttributeCounts,
): CrossTable {
  const none = Object.fromEntries(Object.keys(inner.counts).map((label) => [label, 0]));
  const parts = groupBy(rows, (row) => row.labels[outer.attribute]!);
  const counts = Object.keys(outer.counts).map((label) => [
    label,
    { ...none, ...tally(parts.get(label)!, inner.attribute) },
  ]);
  return {
    attributes: [outer.attribute, inner.attribute],
    counts: Object.fromEntries(counts),
  };
}

/** The middle value, or the mean of the two in the middle; `sorted` is ascending and not empty. */
export function median(sorted: ArrayLike<number>): number {
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}

/** Median, over every whole number from the smallest to the largest of `values`, of how often it occurs. */
function medianPerValue(values: ArrayLike<number>): number {
  const whole = Int32Array.from(values, Math.floor).sort();
  const perValue = new Float64Array(whole.at(-1)! - whole[0]! + 1);
  for (const value of whole) perValue[value - whole[0]!]!++;
  return median(perValue.sort());
}

const DECADE = 10;
const MAX_RANGE = 1000;

function summary(rows: readonly Row[], attribute: string): NumberSummary {
  const sorted = Float64Array.from(rows, (row) => row.numbers[attribute]!).sort();
  const [min, max] = [sorted[0]!, sorted.at(-1)!];
  const ages = max - min <= MAX_RANGE;
  return {
    attribute,
    count: sorted.length,
    min,
    median: median(sorted),
    max,
    decades: ages ? decadesOf(sorted) : null,
    medianPerValue: ages ? medianPerValue(sorted) : null,
  };
}

function decadesOf(sorted: Float64Array): { from: number; count: number }[] {
  const decadeOf = (value: number): number => Math.floor(value / DECADE);
  const first = decadeOf(sorted[0]!);
  const counts = Array.from({ length: decadeOf(sorted.at(-1)!) - first + 1 }, () => 0);
  for (const value of sorted) counts[decadeOf(value) - first]!++;
  return counts.map((count, i) => ({ from: (first + i) * DECADE, count }));
}
