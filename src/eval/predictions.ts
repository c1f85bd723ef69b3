/** @file What a model said of labelled rows: the input of every evaluation. */
import { UsageError } from "../run/errors.ts";
import type { Column } from "./cells.ts";

/** Columns of N rows, aligned. */
export interface Predictions {
  readonly ids: readonly string[];
  readonly classes: readonly string[];
  /** Indices into `classes`, [N]. */
  readonly truth: Int32Array;
  /** Indices into `classes`, [N]. */
  readonly predicted: Int32Array;
  /** Probabilities, [N, classes], row-major. */
  readonly scores?: Float32Array;
  /** Sensitive attributes by name. */
  readonly groups: Readonly<Record<string, Column>>;
  /** [N], finite and not negative; 1 each when absent. */
  readonly weights?: Float64Array;
}

/** Throws a `UsageError` that names the first column or row that cannot be evaluated. */
export function checkPredictions(predictions: Predictions): void {
  const { ids, classes, truth, predicted, scores, groups, weights } = predictions;
  const n = ids.length;
  if (n === 0) throw new UsageError("predictions: no rows; give at least one labelled row");
  const lengths: readonly (readonly [string, number, number])[] = [
    ["truth", truth.length, n],
    ["predicted", predicted.length, n],
    ["scores", scores?.length ?? n * classes.length, n * classes.length],
    ["weights", weights?.length ?? n, n],
    ...Object.entries(groups).map(
      ([name, column]) => [`group ${name}`, column.codes.length, n] as const,
    ),
  ];
  for (const [name, length, expected] of lengths)
    if (length !== expected)
      throw new UsageError(
        `predictions.${name}: expected ${expected} values for ${n} rows, received ${length}`,
      );
  checkCodes("truth", truth, classes, ids, 0);
  checkCodes("predicted", predicted, classes, ids, 0);
  for (const [name, column] of Object.entries(groups))
    checkCodes(`group ${name}`, column.codes, column.values, ids, -1);
  const bad = weights?.findIndex((weight) => !(weight >= 0 && weight < Infinity)) ?? -1;
  if (bad >= 0)
    throw new UsageError(
      `predictions.weights: row ${ids[bad]}: expected a finite weight of at least 0, received ${weights![bad]}`,
    );
  if (weights && !weights.some((weight) => weight > 0))
    throw new UsageError("predictions.weights: every weight is 0, so no row counts");
}

function checkCodes(
  name: string,
  codes: Int32Array,
  values: readonly string[],
  ids: readonly string[],
  least: number,
): void {
  const bad = codes.findIndex((code) => code < least || code >= values.length);
  if (bad >= 0)
    throw new UsageError(
      `predictions.${name}: row ${ids[bad]}: expected an index of one of ${values.length} values, received ${codes[bad]}`,
    );
}
