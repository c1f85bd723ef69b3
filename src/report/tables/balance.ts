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

const MOST_CELLS = 60;

const change = (before: number, after: number) => [
  cell(count(before)),
  cell(count(after)),
  cell(after > before ? `+${count(after - before)}` : count(after - before)),
];

/** Rows of every cell before and after; of many cells (those of ages, say) only their sum. */
export const balanceTable = (plan: BalancePlan): Table => ({
  title: `Balancing of ${plan.compat ? "all rows before their split, as published" : "train"} (${plan.method})`,
  columns: [...plan.attributes.map(left), right("before"), right("after"), right("change")],
  rows: [
    ...(plan.cells.length > MOST_CELLS ? [] : plan.cells).map(({ values, before, after }) => [
      ...plan.attributes.map((name) => cell(values[name] ?? "")),
      ...change(before, after),
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
    ...(plan.cells.length > MOST_CELLS
      ? [`${count(plan.cells.length)} cells: --json has them`]
      : []),
  ],
});

/** Rows of each label before and after, one table per balanced attribute; numbers by tens. */
export const changeTables = ({ attributes, cells }: BalancePlan): Table[] =>
  attributes.map((attribute) => {
    const labels = cells.map(({ values }) => values[attribute]!);
    const places = placesOf(labels);
    const rows = places.map(({ name, has }) => {
      const members = cells.filter((_, i) => has(labels[i]!));
      const total = (of: "before" | "after"): number =>
        members.reduce((sum, one) => sum + one[of], 0);
      return [cell(name, undefined, "strong"), ...change(total("before"), total("after"))];
    });
    return {
      title: `${attribute} before and after`,
      columns: [left(attribute), right("before"), right("after"), right("change")],
      rows,
      notes: [],
    };
  });

interface Place {
  readonly name: string;
  readonly has: (label: string) => boolean;
}
const TEN = 10;

function placesOf(labels: readonly string[]): Place[] {
  const numbers = labels.map(Number);
  if (numbers.some((value) => Number.isNaN(value)))
    return [...new Set(labels)].map((name) => ({ name, has: (label) => label === name }));
  const decades = [...new Set(numbers.map((value) => Math.floor(value / TEN)))];
  return decades
    .sort((a, b) => a - b)
    .map((decade) => ({
      name: `${decade * TEN}-${decade * TEN + TEN - 1}`,
      has: (label) => Math.floor(Number(label) / TEN) === decade,
    }));
}
