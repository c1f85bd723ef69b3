/** @file Measures one ranking by the groups of one attribute, with how sure the numbers are. */
import type { Uncertainty } from "../uncertainty/pending.ts";
import { band, pValue } from "./hypergeometric.ts";
import { Look } from "./look.ts";
import { metricsAt, wholeMetrics } from "./metrics.ts";
import { membersOf } from "./ranking.ts";
import type { RetrievalAttribute, TopShare } from "./report.ts";

/** What is the same for every ranking of a report. */
export interface RetrievalPlan {
  /** Ascending. */
  readonly ks: readonly number[];
  readonly minSupport: number;
  readonly uncertainty: Uncertainty;
}

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
  const members = membersOf(list, names.length);
  // most rankings are far longer than what is looked at of them
  const top = new Look(list, names, ks, uncertainty);
  const whole = new Look(list, names, [rows], uncertainty);

  const topShare = (g: number, k: number, at: number): TopShare => {
    const count = top.count(at, g);
    const draw = { rows, members: members[g]!, k };
    const why = members[g] === 0 ? "no row of the group is ranked" : `none among the first ${k}`;
    return {
      rows: count,
      share: count / k,
      skew: top.skew(at, g, why),
      chance: { ...band(draw, uncertainty.level), pValue: pValue(draw, count) },
    };
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
  const metrics = [
    ...metricsAt(ks).map((named) => [named.name, top.metric(named)] as const),
    ...wholeMetrics.map((named) => [named.name, whole.metric(named)] as const),
  ];
  top.settle(...stream, "top");
  whole.settle(...stream, "whole");
  return {
    rows,
    replicates: { top: top.replicates, whole: whole.replicates },
    groups: Object.fromEntries(groups),
    metrics: Object.fromEntries(metrics.map(([name, settled]) => [name, settled()])),
  };
}
