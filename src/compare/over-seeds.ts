/** @file One change over seeds: its mean, how sure it is, and what stands behind the interval. */
import { normalQuantile, twoSidedNormal } from "../eval/uncertainty/intervals.ts";
import { resampledT, spread } from "../eval/uncertainty/resampled.ts";

/**
 * Where an interval comes from: the spread over the seeds' random splits (corrected resampled t), or, of one seed, the
 * resampling of its test rows (paired bootstrap).
 */
export type Basis = "splits" | "rows";

export interface MeanChange {
  readonly mean: number;
  readonly interval: readonly [number, number] | null;
  /** Two-sided; null without an interval. */
  readonly pValue: number | null;
  readonly basis: Basis | null;
}

/** One seed's change, and the interval of its own test rows. */
export interface SeedChange {
  readonly value: number;
  readonly interval: readonly [number, number] | null;
}

/** Sums of floats: changes that differ by less are the same. */
const ROUNDING = 1e-12;

/**
 * Over two or more seeds the corrected resampled t. Of one seed, or of seeds that changed by exactly the same (which
 * tells nothing of the spread), the seeds' own intervals moved to the mean; their p-value takes the half towards 0 for
 * that of a normal.
 * @param changes of one seed or more
 * @param ratio rows of the test part over rows of the train part
 */
export function overSeeds(
  changes: readonly SeedChange[],
  ratio: number,
  level: number,
): MeanChange {
  const values = changes.map(({ value }) => value);
  const { mean, sd } = spread(values);
  if (sd !== null && sd > ROUNDING)
    return { mean, basis: "splits", ...resampledT(values, ratio, level) };
  const ends = changes.flatMap(({ interval }) => (interval === null ? [] : [interval]));
  if (ends.length < changes.length)
    return values.every((value) => value === 0)
      ? { mean, interval: [0, 0], pValue: 1, basis: null }
      : { mean, interval: null, pValue: null, basis: null };
  const [low, high] = [0, 1].map((i) => spread(ends.map((of) => of[i]!)).mean) as [number, number];
  const half = mean > 0 ? mean - low : high - mean;
  const z = half > 0 ? (normalQuantile((1 + level) / 2) * Math.abs(mean)) / half : Infinity;
  const pValue = mean === 0 ? 1 : twoSidedNormal(z);
  return { mean, interval: [low, high], pValue, basis: "rows" };
}
