/** @file A confusion matrix as a table: true classes in rows, predicted ones in columns. */
import { count, percent } from "../format.ts";
import { type Table, cell, left, right } from "./table.ts";

/** @param confusion rows true class, columns predicted, in the order of `classes` */
export const confusionTable = (
  title: string,
  classes: readonly string[],
  confusion: readonly (readonly number[])[],
): Table => ({
  title,
  columns: [left("true, then predicted"), ...classes.map(right)],
  rows: confusion.map((row, i) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    return [
      cell(classes[i] ?? "", undefined, "strong"),
      ...row.map((n) => cell(count(n), total > 0 ? percent(n / total) : "n/a (no such rows)")),
    ];
  }),
  notes: [],
});
