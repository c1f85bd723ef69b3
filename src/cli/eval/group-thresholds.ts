/** @file Thresholds of each group for any model's predictions: fitted on some rows of the table, decided on the others. */
import { CONSTRAINTS, type ThresholdConstraint } from "../../debias/thresholds/constraint.ts";
import { fitThresholds } from "../../debias/thresholds/fit.ts";
import { type Thresholds, decide } from "../../debias/thresholds/thresholds.ts";
import { type Column, intersect } from "../../eval/counts/cells.ts";
import type { Predictions } from "../../eval/predictions.ts";
import type { PredictionTable } from "../../eval/table/read.ts";
import { UsageError } from "../../run/errors.ts";
import { list, number, SHARE, type TableArgs } from "./table-options.ts";

/** What is asked of thresholds. */
export interface Parity {
  /** Columns whose values together are the groups. */
  readonly groups: readonly string[];
  readonly constraint: ThresholdConstraint;
  readonly limit: number;
}

/** Null where none are asked for. Throws UsageError for what cannot be asked. */
export function parityOf(args: TableArgs, columns: readonly string[]): Parity | null {
  const { "group-thresholds": asked, parity, "parity-limit": limit } = args;
  if (asked === undefined) {
    const stray = (["parity", "parity-limit"] as const).find((name) => args[name] !== undefined);
    if (stray)
      throw new UsageError(`--${stray} is of thresholds, which --group-thresholds asks for`);
    return null;
  }
  const groups = list("group-thresholds", asked);
  const unread = groups.find((name) => !columns.includes(name));
  if (unread !== undefined)
    throw new UsageError(`--group-thresholds ${unread}: name the column with --groups as well`);
  if (args.split === undefined)
    throw new UsageError(
      "--group-thresholds are fitted on rows that are not measured: name the column that tells them apart with --split",
    );
  if (args.before !== undefined)
    throw new UsageError(
      "--group-thresholds and --before both say what the predictions are compared with; leave out one of them",
    );
  const constraint = (Object.keys(CONSTRAINTS) as ThresholdConstraint[]).find(
    (name) => name === (parity ?? "demographic-parity"),
  );
  if (constraint === undefined)
    throw new UsageError(
      `--parity ${parity}: expected one of ${Object.keys(CONSTRAINTS).join(", ")}`,
    );
  return {
    groups,
    constraint,
    limit: limit === undefined ? 0 : number("parity-limit", limit, SHARE),
  };
}

/**
 * Fits on one part of a table and decides on another.
 * @param fit rows with their truth. @param part rows that the model's own answers are there for
 */
export function thresholded(
  fit: PredictionTable,
  part: PredictionTable,
  { groups, constraint, limit }: Parity,
  seed: number,
): { readonly thresholds: Thresholds; readonly predictions: Predictions } {
  if (part.positive === null)
    throw new UsageError(
      `--group-thresholds are for two classes; the labels are ${part.predictions.classes.join(", ")}`,
    );
  const positive = part.predictions.classes.indexOf(part.positive);
  const columnOf = (of: Predictions): Column => intersect(groups.map((name) => of.groups[name]!));
  const rows = fit.predictions;
  const yes = rows.classes.indexOf(part.positive);
  const thresholds = fitThresholds(
    {
      scores: scoresOf(rows, yes),
      truth: Array.from(rows.truth, (label) => Number(label === yes)),
      groups: columnOf(rows),
    },
    { constraint, epsilon: limit },
  );
  const { predictions } = part;
  const ids = predictions.ids ?? Array.from(predictions.truth, (_, row) => String(row));
  const decided = decide(thresholds, scoresOf(predictions, positive), columnOf(predictions), {
    seed,
    ids,
  });
  return {
    thresholds,
    predictions: {
      ...predictions,
      predicted: Int32Array.from(decided, (is) => (is ? positive : 1 - positive)),
    },
  };
}

/** Of the positive class; where there are labels alone, they are all the score there is. */
function scoresOf({ scores, score, predicted, classes }: Predictions, positive: number) {
  if (score) return score;
  return Float64Array.from(predicted, (label, row) =>
    scores ? scores[row * classes.length + positive]! : Number(label === positive),
  );
}
