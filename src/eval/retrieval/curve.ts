/** @file Shares of the groups from the first row to the whole ranking, for a chart. */
import { band } from "./hypergeometric.ts";
import { Prefixes } from "./prefixes.ts";
import { membersOf } from "./ranking.ts";
import type { RetrievalAttribute } from "./report.ts";

const POINTS = 40;

/** Whole numbers from 1 to `rows` in equal ratios, and the k that were asked for. */
function spread(rows: number, ks: readonly number[]): number[] {
  const even = Array.from({ length: POINTS }, (_, i) => Math.round(rows ** (i / (POINTS - 1))));
  return [...new Set([...even, ...ks])].toSorted((a, b) => a - b);
}

/** Parameters as of `measureRanking`. */
export function curveOf(
  list: Int32Array,
  names: readonly string[],
  ks: readonly number[],
  level: number,
): RetrievalAttribute["curve"] {
  const points = spread(list.length, ks);
  const members = membersOf(list, names.length);
  const prefixes = new Prefixes(points, names.length);
  prefixes.measure({ first: list, members });
  const groups = names.map((name, g) => {
    const bands = points.map((k) => band({ rows: list.length, members: members[g]!, k }, level));
    return [
      name,
      {
        share: points.map((k, at) => prefixes.counts[at * names.length + g]! / k),
        low: bands.map(({ low }) => low),
        high: bands.map(({ high }) => high),
      },
    ];
  });
  return { k: points, groups: Object.fromEntries(groups) };
}
