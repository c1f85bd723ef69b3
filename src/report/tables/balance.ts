/** @file What a split gave each cell, and what balancing does to the training rows. */
import type { BalancePlan } from "../../data/balance.ts";
import type { SplitPlan } from "../../data/split.ts";
import { count } from "../format.ts";
import { type Table, cell, left, right } from "./table.ts";

/** Rows of every cell in every split. */
export const splitPlanTable = (
  { stratify, cells }: SplitPlan,
  problems: readonly string[],
): Table => ({
  title: "Rows per cell and split",
  columns: [...stratify.map(left), ...["train", "validation", "test", "unused"].map(right)],
  rows: cells.map(({ values, train, validation, test, unused }) => [
    ...stratify.map((name) => cell(values[name] ?? "")),
    ...[train, validation, test, unused].map((n) => cell(count(n))),
  ]),
  notes: problems,
});

/** Rows of every cell before and after. */
export const balanceTable = (plan: BalancePlan): Table => ({
  title: `Balancing of train (${plan.method})`,
  columns: [...plan.attributes.map(left), right("before"), right("after"), right("change")],
  rows: [
    ...plan.cells.map(({ values, before, after }) => [
      ...plan.attributes.map((name) => cell(values[name] ?? "")),
      cell(count(before)),
      cell(count(after)),
      cell(after > before ? `+${count(after - before)}` : count(after - before)),
    ]),
    [
      cell("all", undefined, "strong"),
      ...plan.attributes.slice(1).map(() => cell("")),
      cell(count(plan.before), undefined, "strong"),
      cell(count(plan.after), undefined, "strong"),
      cell(""),
    ],
  ],
  notes: [
    `${count(plan.removed.length)} rows removed, ${count(plan.added.length)} augmented copies added`,
    ...(plan.mostCopied[0]
      ? [`most copied: ${plan.mostCopied[0].id}, ${plan.mostCopied[0].copies} times`]
      : []),
    ...plan.problems,
  ],
});
