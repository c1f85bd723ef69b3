/** @file Before and after, side by side: two models' predictions for the same rows. */
import { UsageError } from "../run/errors.ts";
import { bindWhole } from "./bound-gap.ts";
import { tally, type Column } from "./cells.ts";
import { bindClasses } from "./class-gaps.ts";
import { attributesOf, evaluate, everyone, planOf, type EvaluateOptions } from "./evaluate.ts";
import { PairedChanges } from "./paired-changes.ts";
import type { Predictions } from "./predictions.ts";
import { COMPARISON_SCHEMA, type ChangeReport, type Comparison } from "./report.ts";

/**
 * Evaluates every model and the change that each one made. The same rows are resampled for both, so what a model gets
 * wrong either way does not widen the interval of the change.
 * @param after predictions for the same rows in the same order, by method
 * @throws UsageError when the rows differ
 */
export function compare(
  before: Predictions,
  after: Readonly<Record<string, Predictions>>,
  options: EvaluateOptions = {},
): Comparison {
  const methods = Object.entries(after);
  const mapped = <T>(make: (method: string, predictions: Predictions) => T): Record<string, T> =>
    Object.fromEntries(methods.map(([method, of]) => [method, make(method, of)]));
  for (const [method, predictions] of methods) checkSameRows(before, predictions, method);
  return {
    schema: COMPARISON_SCHEMA,
    before: evaluate(before, options),
    after: mapped((_, predictions) => evaluate(predictions, options)),
    change: mapped((method, predictions) => changeOf(before, predictions, options, method)),
  };
}

function changeOf(
  before: Predictions,
  after: Predictions,
  options: EvaluateOptions,
  method: string,
): ChangeReport {
  const { uncertainty, views } = planOf(before, options);
  const { truth, classes, weights } = before;
  const changes = (column: Column, among = views): PairedChanges =>
    new PairedChanges(
      tally(column, truth, [before.predicted, after.predicted], classes.length, weights),
      among,
      classes,
      uncertainty,
    );
  const all = everyone(truth.length);
  return {
    overall: changes(all).settle((pair) => pair.rates(0), method, "all"),
    attributes: Object.fromEntries(
      attributesOf(before, options).map(({ name, column }) => [
        name,
        changes(column).settle(
          (pair) => ({
            groups: Object.fromEntries(column.values.map((group, g) => [group, pair.rates(g)])),
            gaps: pair.gaps(bindWhole, column.values),
          }),
          method,
          name,
        ),
      ]),
    ),
    classGaps: changes(all, [...classes.keys()]).settle(
      (pair) => pair.gaps(bindClasses, classes),
      method,
      "classes",
    ),
  };
}

function checkSameRows(before: Predictions, after: Predictions, method: string): void {
  const differs = before.ids.findIndex(
    (id, row) =>
      id !== after.ids[row] ||
      before.classes[before.truth[row]!] !== after.classes[after.truth[row]!],
  );
  if (differs >= 0)
    throw new UsageError(
      `${method}: row ${differs + 1} is "${before.ids[differs]}" before and "${after.ids[differs] ?? "missing"}" after, or its true class differs; a paired comparison needs the same rows in the same order`,
    );
  if (after.ids.length !== before.ids.length || after.classes.join() !== before.classes.join())
    throw new UsageError(
      `${method}: expected ${before.ids.length} rows of the classes ${before.classes.join(", ")}, received ${after.ids.length} of ${after.classes.join(", ")}`,
    );
}
