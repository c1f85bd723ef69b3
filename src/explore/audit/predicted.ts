/** @file Groups that a model tells: shares corrected for its errors, and how sure they still are. */
import type { Estimate } from "../../eval/report/values.ts";
import { multinomial, uniform } from "../../eval/uncertainty/binomial.ts";
import { definedSamples, percentileInterval, wilson } from "../../eval/uncertainty/intervals.ts";
import type { Clustering } from "../cluster/clustering.ts";
import type { Grouping, PredictedBy } from "../grouping.ts";
import { contingency } from "./contingency.ts";

export interface CorrectedShare {
  readonly group: string;
  /** As the model tells it. */
  readonly observed: number | null;
  /** As it is, if the model errs here as where its errors were counted. */
  readonly corrected: Estimate;
  /** Corrected share over corrected share of all; null for all. */
  readonly lift: Estimate;
}

export interface CorrectedShares {
  readonly attribute: string;
  readonly by: PredictedBy;
  readonly groups: readonly {
    readonly group: string;
    /** Share of the labelled rows of the group that the model tells right (Wilson's interval). */
    readonly recall: Estimate;
  }[];
  /** How many times errors of observed shares grow at most; null where it cannot be told. */
  readonly amplification: number | null;
  /** Of all rows that have a cluster and a prediction, then of each cluster. */
  readonly all: readonly CorrectedShare[];
  readonly clusters: readonly (readonly CorrectedShare[])[];
  /** Why nothing is corrected; null where it is. */
  readonly reason: string | null;
  readonly assumption: string;
}

/** Beyond, a correction says nothing: of two groups told apart at 55% of rows each. */
const MOST_AMPLIFICATION = 10;
const ASSUMPTION =
  "assumes that the model takes one group for another as often in every cluster as on the rows that its errors were counted on";

const BEYOND =
  "told more or less often than the model's errors allow for any share: it errs differently here";

/**
 * With rates M[truth, predicted] from the model's confusion, observed shares are q = M' p, so p = M'^-1 q (Rogan and
 * Gladen 1978 of two groups; Buonaccorsi 2010, chapter 2). Where that is outside of 0 to 1, the most likely shares
 * within (EM). Intervals are percentiles of resamples of both: predictions of each cluster, and the confusion row by row.
 * @throws when the grouping is not predicted
 */
export function correctedShares(
  clustering: Pick<Clustering, "labels" | "clusters">,
  grouping: Grouping,
  {
    level = 0.95,
    replicates = 1000,
    seed = 0,
  }: { readonly level?: number; readonly replicates?: number; readonly seed?: number } = {},
): CorrectedShares {
  const { predicted: by, values, codes, name } = grouping;
  if (by === null) throw new Error(`${name} is not predicted`);
  const size = values.length;
  const { clusters } = clustering;
  const { counts } = contingency(clustering.labels, codes, clusters, size);
  const parts = [...Array(clusters).keys()].map((c) => counts.subarray(c * size, (c + 1) * size));
  const total = sumOf(parts, size);
  const rates = ratesOf(by.confusion, size);
  const inverse = rates && inverted(rates, size);
  const amplification = inverse && largestRowSum(inverse, size);
  const empty = values.filter((_, g) => !(rowSum(by.confusion, size, g) > 0));
  const reason =
    empty.length > 0
      ? `no labelled row of ${empty.join(", ")}: how the model errs on it is unknown`
      : !inverse || !(amplification! <= MOST_AMPLIFICATION)
        ? `the model hardly tells the groups apart: errors of observed shares would grow ${amplification ? `up to ${amplification.toFixed(0)} times` : "without limit"}`
        : null;

  const solved = [total, ...parts].map((part) =>
    inverse && reason === null ? shares(part, inverse, rates!) : null,
  );
  const samples = reason === null ? resampled() : null;
  const estimate = (
    value: number | null | undefined,
    of: Float64Array | undefined,
    most: number,
    missing: string,
  ): Estimate => {
    if (reason !== null || value == null || !Number.isFinite(value))
      return { value: null, interval: null, reason: reason ?? missing };
    const ends = of ? percentileInterval(definedSamples(of), level) : null;
    if (ends && (ends[1] < 0 || ends[0] > most)) return { value, interval: null, note: BEYOND };
    const within = (end: number): number => Math.min(most, Math.max(0, end));
    return {
      value,
      interval: ends && [Math.min(value, within(ends[0])), Math.max(value, within(ends[1]))],
    };
  };
  const sharesOf = (part: number): CorrectedShare[] => {
    const rows = part === 0 ? total : parts[part - 1]!;
    const n = rows.reduce((sum, of) => sum + of, 0);
    return values.map((group, g) => {
      const value = solved[part]?.[g];
      const overall = solved[0]?.[g] ?? 0;
      const corrected = estimate(value, samples?.share[part]![g], 1, "no rows");
      const lift = estimate(
        part > 0 && value !== undefined && overall > 0 ? value / overall : null,
        samples?.lift[part]![g],
        Number.MAX_VALUE,
        part === 0
          ? "all rows are what clusters are held against"
          : "no row of the group, as far as can be told",
      );
      return {
        group,
        observed: n > 0 ? rows[g]! / n : null,
        corrected,
        lift: corrected.note === undefined ? lift : { ...lift, interval: null },
      };
    });
  };
  return {
    attribute: name,
    by,
    groups: values.map((group, g) => {
      const n = rowSum(by.confusion, size, g);
      const right = by.confusion[g * size + g]!;
      return {
        group,
        recall:
          n > 0
            ? { value: right / n, interval: wilson(right / n, n, level) }
            : { value: null, interval: null, reason: "no labelled row of the group" },
      };
    }),
    amplification: amplification ?? null,
    all: sharesOf(0),
    clusters: parts.map((_, c) => sharesOf(c + 1)),
    reason,
    assumption: ASSUMPTION,
  };

  /** [part][group][replicates], all rows first. */
  function resampled(): Record<"share" | "lift", Float64Array[][]> {
    const next = uniform(seed, "predicted", name);
    const make = (): Float64Array[][] =>
      [total, ...parts].map(() => values.map(() => new Float64Array(replicates).fill(Number.NaN)));
    const [share, lift] = [make(), make()];
    const confusion = new Float64Array(size * size);
    const drawn = parts.map(() => new Float64Array(size));
    // half an error spread over each row: a row without errors would be drawn without any
    const prior = by!.confusion.map((count) => count + 0.5 / size);
    for (let r = 0; r < replicates; r++) {
      for (let g = 0; g < size; g++)
        multinomial(
          rowSum(by!.confusion, size, g),
          prior,
          [g * size, (g + 1) * size],
          confusion,
          next,
        );
      parts.forEach((part, c) => {
        const n = part.reduce((sum, of) => sum + of, 0);
        if (n > 0) multinomial(n, part, [0, size], drawn[c]!, next);
      });
      const found = inverted(ratesOf(confusion, size)!, size);
      if (!found) continue;
      const overall = linear(sumOf(drawn, size), found);
      [sumOf(drawn, size), ...drawn].forEach((part, at) => {
        const p = linear(part, found);
        for (let g = 0; g < size; g++) {
          share[at]![g]![r] = p[g]!;
          if (at > 0 && overall[g]! > 0) lift[at]![g]![r] = Math.max(0, p[g]!) / overall[g]!;
        }
      });
    }
    return { share, lift };
  }
}

const rowSum = (matrix: Float64Array, size: number, row: number): number => {
  let sum = 0;
  for (let j = 0; j < size; j++) sum += matrix[row * size + j]!;
  return sum;
};

function sumOf(parts: readonly Float64Array[], size: number): Float64Array {
  const sum = new Float64Array(size);
  for (const part of parts) for (let g = 0; g < size; g++) sum[g]! += part[g]!;
  return sum;
}

/** Rows scaled to sum to 1; null when one has nothing. */
function ratesOf(confusion: Float64Array, size: number): Float64Array | null {
  const rates = confusion.slice();
  for (let g = 0; g < size; g++) {
    const n = rowSum(confusion, size, g);
    if (!(n > 0)) return null;
    for (let j = 0; j < size; j++) rates[g * size + j]! /= n;
  }
  return rates;
}

/** Gauss and Jordan, with pivots; null for a singular matrix. */
function inverted(matrix: Float64Array, size: number): Float64Array | null {
  const a = matrix.slice();
  const b = new Float64Array(size * size);
  for (let i = 0; i < size; i++) b[i * size + i] = 1;
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let i = k + 1; i < size; i++)
      if (Math.abs(a[i * size + k]!) > Math.abs(a[pivot * size + k]!)) pivot = i;
    const scale = a[pivot * size + k]!;
    if (Math.abs(scale) < 1e-12) return null;
    for (const m of [a, b])
      for (let j = 0; j < size; j++) {
        const swap = m[k * size + j]!;
        m[k * size + j] = m[pivot * size + j]! / scale;
        if (pivot !== k) m[pivot * size + j] = swap;
      }
    for (let i = 0; i < size; i++) {
      const factor = a[i * size + k]!;
      if (i === k || factor === 0) continue;
      for (let j = 0; j < size; j++) {
        a[i * size + j]! -= factor * a[k * size + j]!;
        b[i * size + j]! -= factor * b[k * size + j]!;
      }
    }
  }
  return b;
}

/** The most that the solution moves per movement of what is observed, both as sums of absolute values. */
function largestRowSum(matrix: Float64Array, size: number): number {
  const sums = Array.from({ length: size }, (_, i) => rowSum(matrix.map(Math.abs), size, i));
  return Math.max(...sums);
}

/** p = M'^-1 q; it sums to 1, and may leave 0 to 1. NaN without any count. */
function linear(counts: Float64Array, inverse: Float64Array): Float64Array {
  const size = counts.length;
  const n = counts.reduce((sum, of) => sum + of, 0);
  const p = new Float64Array(size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) p[j]! += (counts[i]! / n) * inverse[i * size + j]!;
  return p;
}

/** The linear solution where it is one of shares, else the most likely shares. */
function shares(counts: Float64Array, inverse: Float64Array, rates: Float64Array): Float64Array {
  const exact = linear(counts, inverse);
  if (exact.every((p) => p >= 0)) return exact;
  const size = counts.length;
  let p = new Float64Array(size).fill(1 / size);
  for (let step = 0; step < 2000; step++) {
    const next = new Float64Array(size);
    for (let j = 0; j < size; j++) {
      if (counts[j] === 0) continue;
      let q = 0;
      for (let g = 0; g < size; g++) q += p[g]! * rates[g * size + j]!;
      if (q > 0)
        for (let g = 0; g < size; g++) next[g]! += (counts[j]! * p[g]! * rates[g * size + j]!) / q;
    }
    const n = next.reduce((sum, of) => sum + of, 0);
    let moved = 0;
    for (let g = 0; g < size; g++) {
      next[g]! /= n;
      moved = Math.max(moved, Math.abs(next[g]! - p[g]!));
    }
    p = next;
    if (moved < 1e-9) break;
  }
  return p;
}
