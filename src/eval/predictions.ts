/** @file What a model said of labelled rows: the input of every evaluation. */
import { UsageError } from "../run/errors.ts";
import type { Column } from "./counts/cells.ts";

/** Columns of N rows, aligned. */
export interface Predictions {
  /** Names of the rows; rows without names are told by their number. */
  readonly ids?: readonly string[];
  readonly classes: readonly string[];
  /** Indices into `classes`, [N]. */
  readonly truth: Int32Array;
  /** Indices into `classes`, [N]. */
  readonly predicted: Int32Array;
  /** Probabilities, [N, classes], row-major. */
  readonly scores?: Float32Array;
  /** One score a row in place of `scores`, [N]: of the positive class, or of the predicted one when there are more than two. NaN where missing. */
  readonly score?: Float64Array;
  /** Sensitive attributes by name. */
  readonly groups: Readonly<Record<string, Column>>;
  /** [N], finite and not negative; 1 each when absent. */
  readonly weights?: Float64Array;
  /** Rows of one code belong together (one person, near-duplicates) and are resampled together, [N], from 0. */
  readonly clusters?: Int32Array;
}

/** What a row is called in messages. */
export const nameOf = ({ ids }: Pick<Predictions, "ids">, row: number): string =>
  ids?.[row] ?? `${row + 1}`;

/** Throws a `UsageError` that names the first column or row that cannot be evaluated. */
export function checkPredictions(predictions: Predictions): void {
  const { ids, classes, truth, predicted, scores, score, groups, weights, clusters } = predictions;
  const n = truth.length;
  if (n === 0) throw new UsageError("predictions: no rows; give at least one labelled row");
  const lengths: readonly (readonly [string, number, number])[] = [
    ["ids", ids?.length ?? n, n],
    ["predicted", predicted.length, n],
    ["scores", scores?.length ?? n * classes.length, n * classes.length],
    ["score", score?.length ?? n, n],
    ["weights", weights?.length ?? n, n],
    ["clusters", clusters?.length ?? n, n],
    ...Object.entries(groups).map(
      ([name, column]) => [`group ${name}`, column.codes.length, n] as const,
    ),
  ];
  for (const [name, length, expected] of lengths)
    if (length !== expected)
      throw new UsageError(
        `predictions.${name}: expected ${expected} values for ${n} rows, received ${length}`,
      );
  checkCodes("truth", truth, classes.length, predictions, 0);
  checkCodes("predicted", predicted, classes.length, predictions, 0);
  for (const [name, column] of Object.entries(groups))
    checkCodes(`group ${name}`, column.codes, column.values.length, predictions, -1);
  if (clusters) checkCodes("clusters", clusters, Number.POSITIVE_INFINITY, predictions, 0);
  const bad = weights?.findIndex((weight) => !(weight >= 0 && weight < Infinity)) ?? -1;
  if (bad >= 0)
    throw new UsageError(
      `predictions.weights: row ${nameOf(predictions, bad)}: expected a finite weight of at least 0, received ${weights![bad]}`,
    );
  if (weights && !weights.some((weight) => weight > 0))
    throw new UsageError("predictions.weights: every weight is 0, so no row counts");
}

function checkCodes(
  name: string,
  codes: Int32Array,
  values: number,
  predictions: Predictions,
  least: number,
): void {
  const bad = codes.findIndex((code) => code < least || code >= values);
  if (bad >= 0)
    throw new UsageError(
      `predictions.${name}: row ${nameOf(predictions, bad)}: expected an index of one of ${values} values, received ${codes[bad]}`,
    );
}
