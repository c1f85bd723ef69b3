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
