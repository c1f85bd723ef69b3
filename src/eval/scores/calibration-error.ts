/** @file Intervals of calibration errors, which are biased upwards. */
import { uniform } from "../uncertainty/binomial.ts";
import type { Spread } from "../uncertainty/gap-interval.ts";
import { normalQuantile, type Interval } from "../uncertainty/intervals.ts";
import { BINS, type Bin } from "./bins.ts";

const DRAWS = 1000;
const STEPS = 12; // of a bisection

/** [DRAWS, BINS] standard normal numbers, always the same. */
let noise: Float64Array | undefined;
function normals(): Float64Array {
  if (noise) return noise;
  const next = uniform("calibration error");
  // Box-Muller; 1 - u keeps the logarithm finite
  noise = new Float64Array(DRAWS * BINS).map(
    () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
  return noise;
}

/**
 * A calibration error is a sum of sizes, so noise adds to it, and resampling adds noise once more: percentiles of the
 * bootstrap would lie above the truth nearly always. Here each end is where the measured error stops being plausible:
 * - the lower end is the least true error under which one as large as measured has a chance of (1 - level) / 2. The true
 *   deviations of the bins are taken to be the measured ones shrunk by one amount (soft thresholding), which leaves the
 *   most room for noise;
 * - the upper end is that of the deviations added up without their signs being lost, which no noise can lower.
 * @param bins the filled ones
 */
export function calibrationSpread(bins: readonly Bin[]): Spread {
  const total = bins.reduce((sum, { weight }) => sum + weight, 0);
  const shares = bins.map(({ weight }) => weight / total);
  const deviations = bins.map(
    ({ meanOutcome, meanScore }, b) => shares[b]! * (meanOutcome - meanScore),
  );
  const error = deviations.reduce((sum, deviation) => sum + Math.abs(deviation), 0);
  /** Standard deviations of the bins' deviations if these were the true ones. */
  const noiseOf = (truth: readonly number[]): number[] =>
    bins.map(({ meanScore, effective }, b) => {
      const p = Math.min(1, Math.max(0, meanScore + truth[b]! / shares[b]!));
      return shares[b]! * Math.sqrt((p * (1 - p)) / effective);
    });

  /** How often an error as large as measured is seen when it truly is `truth`. */
  const chanceOf = (truth: readonly number[]): number => {
    const sizes = noiseOf(truth);
    const draws = normals();
    let larger = 0;
    for (let d = 0; d < DRAWS; d++) {
      let seen = 0;
      for (let b = 0; b < sizes.length; b++)
        seen += Math.abs(truth[b]! + sizes[b]! * draws[d * BINS + b]!);
      if (seen >= error) larger++;
    }
    return larger / DRAWS;
  };
  const shrunk = (by: number): number[] =>
    deviations.map((deviation) => Math.sign(deviation) * Math.max(0, Math.abs(deviation) - by));
  const sizeOf = (truth: readonly number[]): number =>
    truth.reduce((sum, deviation) => sum + Math.abs(deviation), 0);
  const scaled = (to: number): number[] =>
    error > 0 ? deviations.map((deviation) => (deviation * to) / error) : shares.map((s) => s * to);

  const known = new Map<number, Interval>(); // gaps ask again
  return (level) => {
    const interval = known.get(level) ?? at(level);
    known.set(level, interval);
    return [...interval];
  };
  function at(level: number): Interval {
    const rare = (1 - level) / 2;
    const z = normalQuantile((1 + level) / 2);
    const by = lastTrue(
      0,
      Math.max(...deviations.map(Math.abs)),
      (x) => chanceOf(shrunk(x)) > rare,
    );
    const high = lastTrue(error, 1, (x) => x - error <= z * Math.hypot(...noiseOf(scaled(x))));
    return [sizeOf(shrunk(by)), high];
  }
}

/** The last x for which something holds that holds at `low`, and from some x on no more. */
function lastTrue(low: number, high: number, holds: (x: number) => boolean): number {
  if (holds(high)) return high;
  let [yes, no] = [low, high];
  for (let step = 0; step < STEPS; step++) {
    const middle = (yes + no) / 2;
    if (holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}
