/** @file Intervals of skews and divergences from their resamples. */
import { definedSamples, percentileInterval } from "../uncertainty/intervals.ts";
import type { Estimate } from "../report/values.ts";

/** Gives a value its interval. */
export type Settle = (target: Estimate, samples: Float64Array, level: number) => void;

/** Percentiles. A resample may have none of a group among the first k, so the lower end may be minus infinity. */
export const skewInterval: Settle = (target, samples, level) => {
  const interval = percentileInterval(definedSamples(samples), level);
  if (interval === null || interval.every(Number.isFinite)) target.interval = interval;
  else {
    const to = Number.isFinite(interval[1]) ? interval[1].toFixed(3) : "minus infinity";
    target.note = `its interval reaches from minus infinity to ${to}`;
  }
};

/**
 * Percentiles less the bootstrap's own bias: a resample is more uneven than the rows it is drawn from, which drives up
 * any divergence. It is an interval of what so many rows show on average, as is the mean of the fair rankings.
 */
export const divergenceInterval: Settle = (target, samples, level) => {
  const bias = samples.reduce((a, b) => a + b, 0) / samples.length - target.value!;
  const ends = percentileInterval(samples, level);
  target.interval = ends && [Math.max(0, ends[0] - bias), Math.max(0, ends[1] - bias)];
};
