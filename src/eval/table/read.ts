/** @file Predictions of any model, from a table of one row each: CSV, TSV, JSON Lines or Parquet. */
import { UsageError } from "../../run/errors.ts";
import { silent, type Progress } from "../../run/progress.ts";
import type { Predictions } from "../predictions.ts";
import type { Source } from "../report/source.ts";
import { ROLES, type TableColumns } from "./columns.ts";
import { gather } from "./gather.ts";
import { groupsOf } from "./groups.ts";
import { respell, spellingOf } from "./labels.ts";
import { outcomeOf, type OutcomeOptions } from "./outcome.ts";
import { useRows, type Splits } from "./rows.ts";
import { pick, take } from "./take.ts";

export interface TableOptions extends OutcomeOptions {
  /** Lower ends of the bands that a group column of numbers is cut into, by column. */
  readonly bins?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Largest share of the rows that may be left out because they lack a value; 0 by default. */
  readonly maxMissing?: number | undefined;
}

export interface PredictionTable {
  readonly predictions: Predictions;
  /** What an earlier model predicted for the same rows. */
  readonly before: Predictions | null;
  /** The class whose rates are reported; null when there are more than two. */
  readonly positive: string | null;
  readonly source: Source;
}

/**
 * Reads the columns that are named, in memory that does not depend on the other ones: some 4 bytes a row for a label, 8
 * for a number, and the texts of `columns.id`.
 *
 * Labels are texts, numbers or booleans; numbers are one label however they are written (`1`, `1.0`). Classes are
 * sorted, by value when they are numbers. An empty cell, null, or NaN among numbers is a missing value.
 * @throws UsageError with what is wrong, in which column and line
 */
export async function readPredictionTable(
  path: string,
  columns: TableColumns,
  options: TableOptions = {},
  progress: Progress = silent,
): Promise<PredictionTable> {
  const splits = checkAsked(columns, options);
  const bins = options.bins ?? {};
  const raw = await gather(path, columns, Object.keys(bins), progress);
  const used = useRows(raw, columns, splits, options.maxMissing ?? 0);

  const { measured } = used;
  const outcome = outcomeOf(raw, columns, used, options);
  const groups = groupsOf(raw, measured, bins);
  const weights = raw.weight && take(raw.weight.values, measured);
  const cluster =
    raw.cluster && respell(pick(raw.cluster, measured), spellingOf(raw.cluster.texts));
  const common = {
    ...(raw.id && { ids: Array.from(measured, (row) => raw.id!.texts[row]!) }),
    classes: outcome.classes,
    truth: outcome.truth,
    groups: groups.columns,
    ...(weights && { weights }),
    ...(cluster && { clusters: cluster.codes }),
  };
  return {
    predictions: { ...common, predicted: outcome.predicted, ...outcome.scores },
    before: outcome.before && { ...common, predicted: outcome.before },
    positive: outcome.positive,
    source: {
      file: path,
      format: raw.format,
      rows: raw.rows,
      columns: Object.fromEntries(
        [...ROLES, "scores" as const].flatMap((role) => {
          const name = columns[role];
          return name === undefined ? [] : [[role, name]];
        }),
      ),
      threshold: outcome.threshold,
      leftOut: used.leftOut,
      noGroup: groups.noGroup,
    },
  };
}

/** The splits to use. Throws UsageError for what cannot be asked for together. */
function checkAsked(columns: TableColumns, { threshold, splits = {}, bins }: TableOptions): Splits {
  const chosen = typeof threshold === "string";
  const { test = "test", threshold: on = "validation" } = splits;
  if (threshold === undefined && columns.predicted === undefined)
    throw new UsageError(
      "name the column of predicted labels with --predicted, or give --score and --threshold",
    );
  if (threshold !== undefined && columns.predicted !== undefined)
    throw new UsageError(
      "--predicted and --threshold both say what is predicted; leave out one of them",
    );
  if (threshold !== undefined && columns.score === undefined)
    throw new UsageError("--threshold needs the column of the score, with --score");
  if (columns.score !== undefined && columns.scores !== undefined)
    throw new UsageError("--score and --scores both name scores; leave out one of them");
  if (chosen && columns.split === undefined)
    throw new UsageError(
      `--threshold ${threshold} is chosen on rows that are not measured: name the column that tells them apart with --split`,
    );
  if (chosen && on === test)
    throw new UsageError(
      `--threshold ${threshold} may not be chosen on the rows that are measured, those of the split ${test}: it would look better than it is`,
    );
  const stray = Object.keys(bins ?? {}).find((name) => !columns.groups.includes(name));
  if (stray !== undefined)
    throw new UsageError(
      `--bins ${stray}: there is no such group column; the groups are ${columns.groups.join(", ")}`,
    );
  return { test, threshold: chosen ? (on ?? null) : null };
}
