/** @file A rebalancing plan as a table. */
import type { PlanCell, RebalancingPlan } from "../../../explore/audit/plan.ts";
import { count, percent } from "../../format.ts";
import { type Cell, type Table, cell, left, right } from "../../tables/table.ts";
import { type ClusterLabel, byNumber } from "./audit.ts";

const REASONS = {
  duplicate: "near-duplicates of a row that is kept",
  "no label": "without a label",
  cap: "above the cap of their cluster",
  level: "above the level of their group",
} as const;

const MOST_GROUPS = 5;

/** Rows of each group before and after, in each cluster; of many groups, over all clusters. */
export function planTable(plan: RebalancingPlan, label: ClusterLabel = byNumber): Table {
  const { attribute, per, target, cap, before, keep, remove, cells, problems } = plan;
  const groups = [...new Set(cells.map(({ group }) => group))];
  const clusters = [...new Set(cells.map(({ cluster }) => cluster))];
  const isWide = groups.length > MOST_GROUPS;
  const aim =
    target === "smallest" ? "As many of each as of the smallest" : "Each at its share of all rows";
  return {
    title: `Rebalancing by ${attribute}`,
    columns: isWide
      ? [left(attribute), right("before"), right("kept"), right("share")]
      : [left("cluster"), ...groups.map(right), right("kept")],
    rows: isWide
      ? groups.map((group) => {
          const { was, is } = sumOf(cells.filter((of) => of.group === group));
          const share = keep.length > 0 ? percent(is / keep.length) : "";
          return [cell(group, undefined, "strong"), cell(count(was)), cell(count(is)), cell(share)];
        })
      : [
          line("all", cells, groups),
          ...clusters.map((c) =>
            line(
              label(c),
              cells.filter(({ cluster }) => cluster === c),
              groups,
            ),
          ),
        ],
    notes: [
      `${aim}, ${per === "cluster" ? "in each cluster" : "over all rows"}${cap === undefined ? "" : `, at most ${count(cap)} rows a cluster`}: ${count(keep.length)} of ${count(before)} rows are kept.`,
      ...Object.entries(REASONS).flatMap(([reason, words]) => {
        const n = remove.filter((of) => of.reason === reason).length;
        return n > 0 ? [`Removed: ${count(n)} ${words}.`] : [];
      }),
      ...problems,
    ],
  };
}

const sumOf = (cells: readonly PlanCell[]): { readonly was: number; readonly is: number } => ({
  was: cells.reduce((sum, { before }) => sum + before, 0),
  is: cells.reduce((sum, { after }) => sum + after, 0),
});

/** A cluster: "30 to 10" of each group, with its share of what is kept. */
function line(name: string, cells: readonly PlanCell[], groups: readonly string[]): Cell[] {
  const kept = sumOf(cells).is;
  return [
    cell(name, undefined, "strong"),
    ...groups.map((group) => {
      const { was, is } = sumOf(cells.filter((of) => of.group === group));
      return cell(`${count(was)} to ${count(is)}`, kept > 0 ? percent(is / kept) : undefined);
    }),
    cell(count(kept)),
  ];
}
