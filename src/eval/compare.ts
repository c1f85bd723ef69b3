/** @file Before and after, side by side: two models' predictions for the same rows. */
import { UsageError } from "../run/errors.ts";
import { combineAll, bindView, type BoundGap } from "./bound-gap.ts";
import { tally, type Cells, type Column as Codes } from "./cells.ts";
import { bindClasses, classLedger } from "./class-gaps.ts";
import { attributesOf, evaluate, everyone, planOf, type EvaluateOptions } from "./evaluate.ts";
import { Ledger, type Plan } from "./grouping.ts";
import { Resampling } from "./pending.ts";
import type { Predictions } from "./predictions.ts";
import { RATE_NAMES, RATES, type RateName } from "./rates.ts";
import { COMPARISON_SCHEMA, type Change, type ChangeReport, type Comparison } from "./report.ts";
import type { RateSheet } from "./sheet.ts";

/** The model has no part in the base rate. */
const CHANGING = RATE_NAMES.filter((name) => name !== "baseRate");

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
  const plan = planOf(before, options);
  const cellsOf = (codes: Codes): Cells =>
    tally(
      codes,
      before.truth,
      [before.predicted, after.predicted],
      before.classes.length,
      before.weights,
    );
  const whole = cellsOf(everyone(before.ids.length));
  return {
    overall: new Pair(whole, plan, plan.views).settle("all", method, (pair) => pair.rates(0)),
    attributes: Object.fromEntries(
      attributesOf(before, options).map(({ name, column }) => [
        name,
        new Pair(cellsOf(column), plan, plan.views).settle(name, method, (pair) => ({
          groups: Object.fromEntries(column.values.map((group, g) => [group, pair.rates(g)])),
          gaps: pair.gaps(bindSheet),
        })),
      ]),
    ),
    classGaps: new Pair(whole, plan, [...before.classes.keys()]).settle(
      "classes",
      method,
      (pair) => pair.gaps((sheet) => bindClasses(sheet)),
    ),
  };
}

const bindSheet = (sheet: RateSheet): ReadonlyMap<string, BoundGap> => {
  const views = sheet.byView.map(bindView);
  return views.length === 1 ? views[0]! : combineAll(sheet, views);
};
