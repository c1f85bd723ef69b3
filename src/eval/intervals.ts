/** @file Intervals: Wilson for shares, percentiles for resamples. */

export type Interval = [low: number, high: number];

/**
 * Wilson's score interval of a share (Wilson 1927; statsmodels `proportion_confint(method="wilson")`).
 * @param value the share, in [0, 1]
 * @param n rows, or for weighted rows their effective number (sum w)^2 / sum w^2 (Kish 1965)
 * @param level such as 0.95
 */
export function wilson(value: number, n: number, level: number): Interval {
  const z = normalQuantile((1 + level) / 2);
  const centre = value + (z * z) / (2 * n);
  const half = z * Math.sqrt((value * (1 - value)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [
    value <= 0 ? 0 : Math.max(0, (centre - half) / scale),
    value >= 1 ? 1 : Math.min(1, (centre + half) / scale),
  ];
}

/** Quantile of the standard normal for p in [0.5, 1): Newton's method, which from 0 climbs to it without overshoot. */
export function normalQuantile(p: number): number {
  let z = 0;
  for (let step = 1; step > 1e-15; z += step) {
    // the series of the distribution function around 0
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    let term = z;
    let sum = z;
    for (let k = 3; term > sum * 1e-17; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    step = (p - 0.5 - density * sum) / density;
  }
  return z;
}

/** Linear quantile of ascending values, as numpy's default. */
export function quantile(sorted: Float64Array, p: number): number {
  const at = (sorted.length - 1) * p;
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}

/** Samples in ascending order, without those that are undefined (NaN). */
export function sortedSamples(samples: Float64Array): Float64Array {
  const sorted = samples.toSorted(); // NaN last
  let end = sorted.length;
  while (end > 0 && Number.isNaN(sorted[end - 1])) end--;
  return sorted.subarray(0, end);
}

/** The percentile interval of ascending samples, or null when there are none. */
export function percentileInterval(sorted: Float64Array, level: number): Interval | null {
  return sorted.length === 0
    ? null
    : [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
}
