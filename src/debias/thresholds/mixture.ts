/** @file Thresholds drawn by chance: a probability for each. */

/** One threshold, and the probability that it is the one used. */
export interface Drawn {
  readonly threshold: number;
  readonly weight: number;
}
/** Weights are above 0 and sum to 1; thresholds descend. One entry is a plain threshold. */
export type Mixture = readonly Drawn[];

/** Several draws as one: weights of 0 are left out, those of equal thresholds added. */
export function mixture(draws: readonly Drawn[]): Mixture {
  const weights = new Map<number, number>();
  for (const { threshold, weight } of draws)
    if (weight > 0) weights.set(threshold, (weights.get(threshold) ?? 0) + weight);
  return [...weights]
    .map(([threshold, weight]) => ({ threshold, weight }))
    .sort((a, b) => (a.threshold < b.threshold ? 1 : -1));
}

/** All weights of a mixture times `factor`. */
export const scaled = (draws: Mixture, factor: number): Drawn[] =>
  draws.map(({ threshold, weight }) => ({ threshold, weight: weight * factor }));

/** Probability of a positive decision on a score. It never falls as the score rises. */
export function probabilityOf(draws: Mixture, score: number): number {
  let sum = 0;
  for (const { threshold, weight } of draws) if (score > threshold) sum += weight;
  return Math.min(1, sum); // weights sum to 1 but for rounding
}
