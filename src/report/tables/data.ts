/** @file The data plan: rows per split and per cell, what balancing changed, what was rejected. */
import { SPLITS, type Split } from "../../data/row.ts";
import { count, percent } from "../format.ts";
import type { DataCell, DataPlan } from "../model.ts";
import { type Table, cell, left, right } from "./table.ts";

export const rowsIn = (cells: readonly DataCell[], split: Split): number =>
  cells.reduce((sum, c) => sum + c.counts[split], 0);

/** Rows of each label of one attribute, in the order the labels first appear. */
export function marginal(
  plan: DataPlan,
  attribute: string,
): { readonly label: string; readonly cells: readonly DataCell[] }[] {
  const at = plan.attributes.indexOf(attribute);
  const labels = [...new Set(plan.cells.map((c) => c.labels[at] ?? ""))];
  return labels.map((label) => ({
    label,
    cells: plan.cells.filter((c) => (c.labels[at] ?? "") === label),
  }));
}

const trainBefore = (cells: readonly DataCell[]): number =>
  cells.reduce((sum, c) => sum + c.trainBefore, 0);

/** "1,200" with "was 1,000" where balancing changed it. */
const trainCell = (cells: readonly DataCell[]) => {
  const [before, after] = [trainBefore(cells), rowsIn(cells, "train")];
  return cell(count(after), before === after ? undefined : `was ${count(before)}`);
};

const splitCells = (cells: readonly DataCell[]) =>
  SPLITS.map((split) => (split === "train" ? trainCell(cells) : cell(count(rowsIn(cells, split)))));

/** Rows per split, over all and by each attribute's labels. */
export function splitTable(plan: DataPlan): Table {
  const totals = SPLITS.map((split) => rowsIn(plan.cells, split));
  const all = totals.reduce((sum, n) => sum + n, 0);
  const balancing = plan.balancing;
  return {
    title: "Rows per split",
    columns: [left("attribute"), left("label"), ...SPLITS.map(right)],
    rows: [
      [cell("all", undefined, "strong"), cell(""), ...splitCells(plan.cells)],
      [cell(""), cell("share", undefined, "muted"), ...totals.map((n) => cell(percent(n / all)))],
      ...plan.attributes.flatMap((attribute) =>
        marginal(plan, attribute).map(({ label, cells }, i) => [
          cell(i === 0 ? attribute : "", undefined, "strong"),
          cell(label),
          ...splitCells(cells),
        ]),
      ),
    ],
    notes: balancing
      ? [
          `Balancing (${balancing.method}) removed ${count(balancing.removed)} rows of ${balancing.compat ? "the whole set, before its split," : "train"} and added ${count(balancing.added)} augmented copies.`,
        ]
      : [],
  };
}

/** Rows of every combination of labels. */
export const cellTable = (plan: DataPlan): Table => ({
  title: "Rows per cell",
  columns: [...plan.attributes.map(left), ...SPLITS.map(right)],
  rows: plan.cells.map((c) => [...c.labels.map((label) => cell(label)), ...splitCells([c])]),
  notes: [],
});

/**
 * Null when nothing was rejected.
 * @param most rows to list; a note says how many more there are
 */
export function rejectedTable({ rejected }: DataPlan, most: number): Table | null {
  const rest = rejected.length - most;
  return rejected.length === 0
    ? null
    : {
        title: `Rejected (${count(rejected.length)})`,
        columns: [left("file or record"), left("reason")],
        rows: rejected.slice(0, most).map(({ id, reason }) => [cell(id), cell(reason)]),
        notes: rest > 0 ? [`${count(rest)} more are in the saved data plan.`] : [],
      };
}
