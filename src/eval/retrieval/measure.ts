/** @file Measures one ranking by the groups of one attribute, with how sure the numbers are. */
import { Resampling, type Uncertainty } from "../pending.ts";
import type { Estimate, Gap } from "../report.ts";
import { band, pValue } from "./hypergeometric.ts";
import { divergenceInterval, type Settle, skewInterval } from "./intervals.ts";
import { type Named, overGroups } from "./metrics.ts";
import { Prefixes } from "./prefixes.ts";
import { resampled, shuffled } from "./ranking.ts";
import type { RetrievalAttribute, RetrievalMetric, TopShare } from "./report.ts";

/** What is the same for every ranking of a report. */
export interface RetrievalPlan {
  /** Ascending. */
  readonly ks: readonly number[];
  readonly minSupport: number;
  readonly uncertainty: Uncertainty;
}

/** Rows that the bootstrap, and the random rankings, may draw for one ranking: half a second each. */
const MOST_DRAWN = 2e7;
const FEWEST_REPLICATES = 200;
const replicatesFor = (rows: number, wanted: number): number =>
  Math.min(wanted, Math.max(FEWEST_REPLICATES, Math.floor(MOST_DRAWN / rows)));

/**
 * @param list codes of the groups of the ranked rows, best row first, [N]; N is at least the last k
 * @param names of the groups
 * @param stream names the random stream
 */
export function measureRanking(
  list: Int32Array,
  names: readonly string[],
  { ks, minSupport, uncertainty }: RetrievalPlan,
  ...stream: readonly string[]
): Pick<RetrievalAttribute, "rows" | "replicates" | "groups" | "metrics"> {
  const rows = list.length;
  const replicates = replicatesFor(rows, uncertainty.replicates);
  const prefixes = new Prefixes(ks, rows, names.length);
  prefixes.measure(list);
  const members = [...prefixes.members];
  const several = members.filter((of) => of > 0).length > 1;
  const resampling = new Resampling(uncertainty.level);

  /** A value that waits for its interval, or the reason why there is none. */
  const estimate = (read: () => number, settle: Settle, why: string): Estimate => {
    const value = read();
    if (!several || !Number.isFinite(value))
      return { value: null, interval: null, reason: several ? why : "all rows are of one group" };
    const target: Estimate = { value, interval: null };
    resampling.collect("data", read, (samples) => settle(target, samples, uncertainty.level));
    return target;
  };

  const skewOf = (at: number, g: number): number => prefixes.skews[at * names.length + g]!;
  const topShare = (g: number, k: number, at: number): TopShare => {
    const count = prefixes.counts[at * names.length + g]!;
    const draw = { rows, members: members[g]!, k };
    const why = members[g] === 0 ? "no row of the group is ranked" : `none among the first ${k}`;
    return {
      rows: count,
      share: count / k,
      skew: estimate(() => skewOf(at, g), skewInterval, why),
      chance: { ...band(draw, uncertainty.level), pValue: pValue(draw, count) },
    };
  };

  const metric = ({ at, definition: { read, better, extreme } }: Named) => {
    const now = (): number => read(prefixes, at);
    const value = now();
    const groups = names.filter((_, g) => extreme && skewOf(at, g) === value);
    const why = `none of ${named(groups)} among the first ${ks[at]}`;
    const of = estimate(now, extreme ? skewInterval : divergenceInterval, why);
    const judged: Pick<Gap, "value" | "fair"> = { value: of.value, fair: null };
    resampling.fair(judged, "nothing", better, now);
    return (): RetrievalMetric => ({ ...of, groups, fair: judged.fair && finite(judged.fair) });
  };

  const groups = names.map((name, g) => [
    name,
    {
      rows: members[g]!,
      prior: members[g]! / rows,
      ...(members[g]! < minSupport && { note: `fewer than ${minSupport} rows` }),
      top: Object.fromEntries(ks.map((k, at) => [k, topShare(g, k, at)])),
    },
  ]);
  const metrics = overGroups(ks).map((named) => [named.name, metric(named)] as const);
  resampling.settle(
    (kind, next) => {
      const draw = kind === "data" ? resampled(list, next) : shuffled(list, next);
      return () => prefixes.measure(draw());
    },
    { ...uncertainty, replicates },
    ...stream,
  );
  return {
    rows,
    replicates,
    groups: Object.fromEntries(groups),
    metrics: Object.fromEntries(metrics.map(([name, settled]) => [name, settled()])),
  };
}

const MOST_NAMED = 4;

const named = (groups: readonly string[]): string =>
  groups.length > MOST_NAMED
    ? `${groups.slice(0, MOST_NAMED).join(", ")} and ${groups.length - MOST_NAMED} more groups`
    : groups.join(", ");

/** Random rankings may have none of a group among the first k, and then so much skew that there is no mean. */
const finite = (fair: NonNullable<Gap["fair"]>): RetrievalMetric["fair"] => ({
  expected: Number.isFinite(fair.expected) ? fair.expected : null,
  p95: Number.isFinite(fair.p95) ? fair.p95 : null,
  pValue: fair.pValue,
});
