/** @file Rows to sides (splits or folds): stratified, seeded, whole clusters at a time. */
import type { Random } from "../run/random.ts";
import { cellsOf, groupBy } from "./cells.ts";
import type { Row } from "./row.ts";

/**
 * Whole numbers that divide every count by `fractions` (which sum to 1): each within 1 of its exact share, and each side's
 * total within 1 of its exact total. Returns [strata][sides]; every stratum's numbers sum to its count.
 */
export function apportion(counts: readonly number[], fractions: readonly number[]): number[][] {
  const owed = fractions.map(() => 0); // exact total so far less what was given
  return counts.map((count) => {
    const exact = fractions.map((fraction) => fraction * count);
    const given = exact.map((share) => Math.floor(share + 1e-9));
    exact.forEach((share, side) => (owed[side]! += share - given[side]!));
    const rest = count - given.reduce((sum, share) => sum + share, 0);
    // what is left over goes to the sides that are owed most, once each
    const order = [...exact.keys()]
      .filter((side) => exact[side]! - given[side]! > 1e-9)
      .sort((a, b) => owed[b]! - owed[a]!);
    for (const side of order.slice(0, rest)) {
      given[side]!++;
      owed[side]!--;
    }
    return given;
  });
}

/** What decides where rows go. */
export interface Assignment {
  /** Share of each side, 0 to 1; they sum to 1. */
  readonly fractions: readonly number[];
  /** Attributes whose cells are each divided in these proportions. */
  readonly stratify: readonly string[];
  readonly random: Random;
  /** The side a row is bound to, or null. Its whole cluster follows it. */
  readonly fixed: (row: Row) => number | null;
}

/**
 * The side of every row, by id. Clusters are never cut. Without clusters each stratum is within 1 row of its share; clusters
 * are placed first, the largest before the smaller, where they fit and most is missing, and single rows fill what is left.
 */
export function assignSides(
  rows: readonly Row[],
  { fractions, stratify, random, fixed }: Assignment,
): Map<string, number> {
  const strata = cellsOf(rows, stratify);
  const stratumOf = new Map(
    strata.flatMap(({ rows: members }, s) => members.map((r) => [r.id, s])),
  );
  const quotas = apportion(
    strata.map((stratum) => stratum.rows.length),
    fractions,
  );
  const need = quotas.map((quota) => [...quota]);
  const sides = new Map<string, number>();
  const place = (members: readonly Row[], side: number): void => {
    for (const { id } of members) {
      sides.set(id, side);
      need[stratumOf.get(id)!]![side]!--;
    }
  };

  const all = strata.flatMap((stratum) => stratum.rows);
  const groups = groupBy(all, (row) =>
    row.cluster === null ? `row ${row.id}` : `cluster ${row.cluster}`,
  );
  const loose: Row[][] = [];
  for (const members of groups.values()) {
    const bound = members.map(fixed);
    const first = bound.find((side) => side !== null) ?? null;
    if (first === null) loose.push(members);
    else members.forEach((row, i) => place([row], bound[i] ?? first));
  }

  const clusters = loose.filter((members) => members.length > 1);
  for (const members of random.shuffle(clusters).sort((a, b) => b.length - a.length)) {
    place(members, roomiest(members, stratumOf, need, quotas));
  }
  const singles = loose.filter((members) => members.length === 1);
  for (const members of random.shuffle(singles)) {
    const missing = need[stratumOf.get(members[0]!.id)!]!;
    place(members, missing.indexOf(Math.max(...missing)));
  }
  return sides;
}

/** The side where most of the cluster still fits; among those, the one whose strata are filled least. */
function roomiest(
  members: readonly Row[],
  stratumOf: ReadonlyMap<string, number>,
  need: readonly (readonly number[])[],
  quotas: readonly (readonly number[])[],
): number {
  const counts = groupBy(members, ({ id }) => String(stratumOf.get(id)));
  let best = { side: 0, fits: -1, empty: -1 };
  for (const side of need[0]!.keys()) {
    let fits = 0;
    let missing = 0;
    let wanted = 0;
    for (const [stratum, { length }] of counts) {
      const left = Math.max(need[Number(stratum)]![side]!, 0);
      fits += Math.min(left, length);
      missing += left;
      wanted += quotas[Number(stratum)]![side]!;
    }
    const empty = wanted === 0 ? 0 : missing / wanted;
    if (fits > best.fits || (fits === best.fits && empty > best.empty))
      best = { side, fits, empty };
  }
  return best.side;
}
