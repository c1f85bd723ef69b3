/** @file A comparison as two CSV tables: a row a cell, and a row a method and task. */
import { stringify } from "csv-stringify/sync";
import { type NumberKey, numberKeys } from "../../compare/numbers.ts";
import type { CompareResult } from "../../compare/result.ts";
import { type SeedNumbers, summarise } from "../../compare/summary.ts";

/** A row of a table; columns that it lacks are empty. */
type Row = Readonly<Record<string, string | number | null>>;

/** The columns of all rows, in the order in which they first appear. */
function csv(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return stringify([columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))]);
}

/** "eo.max[race]". */
const nameOf = ({ metric, attribute }: Pick<NumberKey, "metric" | "attribute">): string =>
  attribute === null ? metric : `${metric}[${attribute}]`;

/** Task, method, seed, what was chosen on validation, every number on test; undefined ones are empty. */
export function cellsCsv({ cells, tasks }: CompareResult): string {
  const keys = new Map(tasks.map((task) => [task.id, numberKeys(task)]));
  return csv(
    cells.map((cell): Row => {
      const { task, method, seed, status } = cell;
      const place = { task, method, seed, status };
      if (cell.status !== "done") return { ...place, reason: cell.reason };
      const chosen = cell.trials[cell.chosen]!;
      return {
        ...place,
        reason: "",
        setting: JSON.stringify(chosen.setting),
        feasible: String(chosen.feasible),
        ...Object.fromEntries(
          keys.get(task)!.map((key) => [nameOf(key), key.value(cell)?.value ?? null]),
        ),
        ...cell.cost,
      };
    }),
  );
}

/** Means over seeds, deviations, and changes against `base` with interval, p-values and verdict. */
export const summaryCsv = (result: CompareResult): string =>
  csv(
    summarise(result).flatMap(({ task, methods }) =>
      methods.map(({ method, seeds, feasible, problems, outcome, cost, numbers }): Row => ({
        task,
        method,
        outcome: outcome ?? "",
        seeds,
        feasible,
        problems: problems.join("; "),
        ...numbers.reduce<Row>((row, of) => ({ ...row, ...numberColumns(of) }), {}),
        ...cost,
      })),
    ),
  );

function numberColumns(of: SeedNumbers): Row {
  const name = nameOf(of);
  const { mean, sd, chance, change } = of;
  return {
    [name]: mean,
    [`${name}.sd`]: sd,
    ...(chance === null ? {} : { [`${name}.chance`]: chance }),
    [`${name}.change`]: change?.mean ?? null,
    [`${name}.low`]: change?.interval?.[0] ?? null,
    [`${name}.high`]: change?.interval?.[1] ?? null,
    [`${name}.p`]: change?.pValue ?? null,
    [`${name}.p_holm`]: change?.pHolm ?? null,
    [`${name}.basis`]: change?.basis ?? "",
    [`${name}.verdict`]: change?.verdict ?? "",
  };
}
