/** @file The groups to show where there are too many to show all: the worst and the best ones, and a line that says so. */
import { RATES, type RateName } from "../eval/metrics/rates.ts";
import type { Group } from "../eval/report/values.ts";
import { count } from "./format.ts";

type Named = readonly [group: string, of: Group];

export interface Extremes {
  readonly groups: readonly Named[];
  /** What is left out; null where nothing is. */
  readonly note: string | null;
}

/**
 * All groups in their order if there are at most `most`; else those whose rate is worst, and half as many whose rate is
 * best, from worst to best (from lowest to highest where no direction is). Rates of few rows are extreme by chance, so
 * groups whose rate rests on fewer than `minSupport` rows come last.
 */
export function extremes(
  groups: Readonly<Record<string, Group>>,
  rate: RateName,
  minSupport: number,
  most: number,
): Extremes {
  const all = Object.entries(groups);
  if (all.length <= most) return { groups: all, note: null };
  const sign = RATES[rate].better === "lower" ? -1 : 1;
  const value = ([, { [rate]: of }]: Named): number => of.value ?? 0;
  const defined = all
    .filter(([, { [rate]: of }]) => of.value !== null)
    .toSorted((a, b) => sign * (value(a) - value(b)));
  const large = defined.filter(([, { [rate]: of }]) => of.support >= minSupport);
  const from = large.length > 1 ? large : defined;
  const best = Math.min(Math.floor(most / 3), from.length);
  const worst = Math.min(most - best, from.length - best);
  const [first, last] = sign > 0 ? ["lowest", "highest"] : ["highest", "lowest"];
  const rest = defined.length - from.length;
  const undefinedOnes = all.length - defined.length;
  const because = [
    ...(rest > 0 ? [`${count(rest)} on fewer than ${count(minSupport)} rows`] : []),
    ...(undefinedOnes > 0 ? [`${count(undefinedOnes)} without such a rate`] : []),
  ];
  return {
    groups: [...from.slice(0, worst), ...from.slice(from.length - best)],
    note: `${count(worst + best)} of ${count(all.length)} groups: the ${count(worst)} with the ${first} ${RATES[rate].label} and the ${count(best)} with the ${last}${because.length > 0 ? `; not ranked: ${because.join(", ")}` : ""}.`,
  };
}
