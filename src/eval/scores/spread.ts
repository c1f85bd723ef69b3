/** @file Intervals of score metrics at any level. */
import type { Spread } from "../uncertainty/gap-interval.ts";
import { normalQuantile, wilson, type Interval } from "../uncertainty/intervals.ts";

/** Scales on which an estimate is about normal: to them, back, and how steep they are. */
export const SCALES = {
  /** Of what lies in [0, 1], as Pepe 2003 (section 5.3) has it for the AUC. */
  logit: {
    to: (x: number) => Math.log(x / (1 - x)),
    from: (z: number) => 1 / (1 + Math.exp(-z)),
    slope: (x: number) => 1 / (x * (1 - x)),
  },
  log: { to: Math.log, from: Math.exp, slope: (x: number) => 1 / x },
  plain: { to: (x: number) => x, from: (z: number) => z, slope: () => 1 },
} as const;

export interface Estimated {
  readonly value: number;
  readonly range: readonly [number, number];
  readonly scale: keyof typeof SCALES;
  /** Independent rows that it rests on. */
  readonly effective: number;
}

/**
 * The estimate with the standard deviation of its resamples, on the scale where it is about normal. Percentiles of the
 * resamples would miss the truth: those of an AUC near 1, in a small group, in half the cases. Where resamples do not
 * vary, as when everything is ranked right, the interval is that of a share (Wilson) of as many rows, taken
 * over the range.
 * @param samples those that are defined
 */
export function resampledSpread(
  { value, range: [low, high], scale, effective }: Estimated,
  samples: Float64Array,
): Spread {
  const { to, from, slope } = SCALES[scale];
  // the bootstrap's variance is that of n rows drawn from n: short of the unbiased one by (n - 1) / n
  const error = deviationOf(samples) * Math.sqrt(effective / (effective - 1)) * slope(value);
  return (level): Interval => {
    if (!(error > 0 && error < Infinity)) {
      const [from0, to1] = wilson((value - low) / (high - low), effective, level);
      return [low + from0 * (high - low), low + to1 * (high - low)];
    }
    const z = normalQuantile((1 + level) / 2) * error;
    return [Math.max(low, from(to(value) - z)), Math.min(high, from(to(value) + z))];
  };
}

export function deviationOf(samples: Float64Array): number {
  const mean = samples.reduce((a, b) => a + b, 0) / samples.length;
  const deviation = Math.sqrt(
    samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples.length,
  );
  return deviation > 1e-9 * (1 + Math.abs(mean)) ? deviation : 0; // sums in another order differ by rounding
}
