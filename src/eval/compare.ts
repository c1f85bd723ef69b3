/** @file Before and after, side by side: two models' predictions for the same rows. */
import { UsageError } from "../run/errors.ts";
import { bindWhole } from "./groups/bound-gap.ts";
import { tally, type Column } from "./counts/cells.ts";
import { bindClasses } from "./groups/class-gaps.ts";
import { attributesOf, evaluate, everyone, planOf, type EvaluateOptions } from "./evaluate.ts";
import type { Plan } from "./groups/plan.ts";
import { type MeasuredGaps, PairedChanges } from "./groups/paired-changes.ts";
import { nameOf, type Predictions } from "./predictions.ts";
import { COMPARISON_SCHEMA, type ChangeReport, type Comparison } from "./report/comparison.ts";
import { type Gap } from "./report/values.ts";
import { type Report } from "./report.ts";
import { addScoreChanges } from "./scores/compared.ts";

/**
 * Evaluates every model and the change that each one made. The same rows are resampled for both, so what a model gets
 * wrong either way does not widen the interval of the change.
 * @param after predictions for the same rows in the same order, by method
 * @param was the report of `before` with the same options, where it is there already
 * @throws UsageError when the rows differ
 */
export function compare(
  before: Predictions,
  after: Readonly<Record<string, Predictions>>,
  options: EvaluateOptions = {},
  was: Report = evaluate(before, options),
): Comparison {
  const methods = Object.entries(after);
  const mapped = <T>(make: (method: string, predictions: Predictions) => T): Record<string, T> =>
    Object.fromEntries(methods.map(([method, of]) => [method, make(method, of)]));
  for (const [method, predictions] of methods) checkSameRows(before, predictions, method);
  const is = mapped((_, predictions) => evaluate(predictions, options));
  return {
    schema: COMPARISON_SCHEMA,
    before: was,
    after: is,
    change: mapped((method, predictions) => {
      const reports = { before: was, after: is[method]! };
      const change = changeOf(before, predictions, options, reports, method);
      return addScoreChanges(change, { before, after: predictions }, reports, options, method);
    }),
  };
}

function changeOf(
  before: Predictions,
  after: Predictions,
  options: EvaluateOptions,
  measured: Readonly<Record<"before" | "after", Report>>,
  method: string,
): ChangeReport {
  const plan = planOf(before, options);
  const changes = (column: Column, views = plan.views): PairedChanges =>
    pairedChanges(before, after, column, { ...plan, views });
  const all = everyone(before.truth.length);
  const gaps = (of: (report: Report) => Record<string, Gap>): MeasuredGaps => ({
    before: of(measured.before),
    after: of(measured.after),
  });
  return {
    overall: changes(all).settle((pair) => pair.rates(0), method, "all"),
    attributes: Object.fromEntries(
      attributesOf(before, options).map(({ name, column }) => [
        name,
        changes(column).settle(
          (pair) => ({
            groups: Object.fromEntries(column.values.map((group, g) => [group, pair.rates(g)])),
            gaps: pair.gaps(
              bindWhole,
              column.values,
              gaps(({ attributes }) => attributes[name]!.gaps),
            ),
          }),
          method,
          name,
        ),
      ]),
    ),
    classGaps: changes(all, [...plan.classes.keys()]).settle(
      (pair) =>
        pair.gaps(
          (sheet) => bindClasses(sheet.byClass()),
          plan.classes,
          gaps(({ classGaps }) => classGaps.gaps),
        ),
      method,
      "classes",
    ),
  };
}

/** Both models' predictions of the same rows, by the groups of a column; measured are the plan's views. */
export const pairedChanges = (
  before: Predictions,
  after: Predictions,
  column: Column,
  { classes, views, uncertainty }: Plan,
): PairedChanges =>
  new PairedChanges(
    tally(
      column,
      before.truth,
      [before.predicted, after.predicted],
      classes.length,
      before.weights,
      before.clusters,
    ),
    views,
    classes,
    uncertainty,
  );

function checkSameRows(before: Predictions, after: Predictions, method: string): void {
  const rows = Math.min(before.truth.length, after.truth.length);
  for (let row = 0; row < rows; row++)
    if (
      nameOf(before, row) !== nameOf(after, row) ||
      before.classes[before.truth[row]!] !== after.classes[after.truth[row]!]
    )
      throw new UsageError(
        `${method}: row ${row + 1} is "${nameOf(before, row)}" before and "${nameOf(after, row)}" after, or its true class differs; a paired comparison needs the same rows in the same order`,
      );
  if (after.truth.length !== before.truth.length || after.classes.join() !== before.classes.join())
    throw new UsageError(
      `${method}: expected ${before.truth.length} rows of the classes ${before.classes.join(", ")}, received ${after.truth.length} of ${after.classes.join(", ")}`,
    );
}
