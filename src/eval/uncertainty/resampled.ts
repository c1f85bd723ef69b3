/** @file The mean change over repeated random splits of the same rows. */
import type { Interval } from "./intervals.ts";
import { twoSidedQuantile, twoSidedT } from "./student-t.ts";

/** Mean of numbers, and their standard deviation (n - 1); null for fewer than two. */
export function spread(values: readonly number[]): { mean: number; sd: number | null } {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: n < 2 ? null : Math.sqrt(squares / (n - 1)) };
}

/**
 * The corrected resampled t-test (Nadeau and Bengio 2003, "Inference for the generalization error"): the J splits share
 * rows, so the variance of the mean of J changes is (1 / J + n_test / n_train) s^2 rather than s^2 / J.
 * @param changes of each split, two or more that differ
 * @param ratio rows of the test part over rows of the train part
 * @param level of the interval, such as 0.95
 */
export function resampledT(
  changes: readonly number[],
  ratio: number,
  level: number,
): { readonly interval: Interval; readonly pValue: number } {
  const n = changes.length;
  const { mean, sd } = spread(changes);
  const error = Math.sqrt(1 / n + ratio) * sd!;
  const half = twoSidedQuantile(level, n - 1) * error;
  return { interval: [mean - half, mean + half], pValue: twoSidedT(mean / error, n - 1) };
}
