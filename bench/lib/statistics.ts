/** @file Rounds of measurements in a few numbers. */
import { quantile } from "../../src/eval/uncertainty/intervals.ts";

export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export const summarize = (values: readonly number[]): Summary => ({
  median: quantile(Float64Array.from(values), 0.5),
  least: Math.min(...values),
  most: Math.max(...values),
});

/** How many times as much the peer takes: one ratio per round, whose two sides ran one after the other. */
export function ratios(ours: readonly number[], peer: readonly number[]): Summary {
  if (ours.length !== peer.length)
    throw new Error(`${ours.length} rounds of ours beside ${peer.length} of the peer`);
  return summarize(ours.map((value, round) => peer[round]! / value));
}

/** The exponent of y = c x^p that fits best: the slope of log y over log x by least squares. */
export function growth(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mu, mv] = [mean(u), mean(v)];
  const square = (of: (i: number) => number): number => u.reduce((sum, _, i) => sum + of(i), 0);
  return square((i) => (u[i]! - mu) * (v[i]! - mv)) / square((i) => (u[i]! - mu) ** 2);
}
