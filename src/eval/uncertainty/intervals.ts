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

/** P(0 < Z < z) of the standard normal for z >= 0, and its density there: the series around 0. */
function central(z: number): { readonly share: number; readonly density: number } {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  let term = z;
  let sum = z;
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return { share: density * sum, density };
}

/** Quantile of the standard normal for p in [0.5, 1): Newton's method, which from 0 climbs to it without overshoot. */
export function normalQuantile(p: number): number {
  let z = 0;
  for (let step = 1; step > 1e-15; z += step) {
    const { share, density } = central(z);
    step = (p - 0.5 - share) / density;
  }
  return z;
}

/** Two-sided p-value of the standard normal: P(|Z| >= |z|); scipy's `2 * norm.sf(abs(z))`, to 1e-15. */
export const twoSidedNormal = (z: number): number =>
  Math.abs(z) > 9 ? 0 : Math.max(0, 1 - 2 * central(Math.abs(z)).share);

/** Moves the samples that are undefined (NaN) out of the way; returns a view of the others, in no order. */
export function definedSamples(samples: Float64Array): Float64Array {
  let end = 0;
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if (value === value) samples[end++] = value;
  }
  return samples.subarray(0, end);
}

/** Linear quantile, as numpy's default; reorders the values. */
export function quantile(values: Float64Array, p: number): number {
  const at = (values.length - 1) * p;
  const below = Math.floor(at);
  const low = select(values, below);
  if (at === below) return low;
  let high = values[below + 1]!;
  for (let i = below + 2; i < values.length; i++) high = Math.min(high, values[i]!); // select left the larger ones there
  return low + (at - below) * (high - low);
}

/** The value that would be at `k` if the values were sorted: Hoare's quickselect, for sorting all costs 20 times more. */
function select(values: Float64Array, k: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const swap = values[i]!;
        values[i++] = values[j]!;
        values[j--] = swap;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}

/** The percentile interval of samples, or null when there are none; reorders them. */
export function percentileInterval(samples: Float64Array, level: number): Interval | null {
  return samples.length === 0
    ? null
    : [quantile(samples, (1 - level) / 2), quantile(samples, (1 + level) / 2)];
}
