/** @file Two tables of predictions for the same rows, brought into one order by their ids. */
import { nameOf, type Predictions } from "../predictions.ts";

/** Both models' predictions of the same rows in the same order. */
export interface Joined {
  readonly after: Predictions;
  readonly before: Predictions;
}

/**
 * Joins rows by id.
 * @returns why they are not the same rows, when they are not: other ids, truths, weights or groups
 */
export function join(after: Predictions, before: Predictions): Joined | string {
  const rows = after.truth.length;
  const at = new Map<string, number>(); // id -> row of `before`
  for (let row = 0; row < before.truth.length; row++) at.set(nameOf(before, row), row);
  if (at.size < before.truth.length) return `an id of the baseline occurs twice`;
  if (new Set(after.ids).size < rows) return "an id of the report occurs twice";
  const order = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const found = at.get(nameOf(after, row));
    if (found === undefined) return `row "${nameOf(after, row)}" is not in the baseline`;
    order[row] = found;
  }
  if (rows < at.size) return `${at.size - rows} rows of the baseline are not in the report`;
  const label = ({ classes }: Predictions, code: number): string => classes[code]!;
  const shared = Object.keys(after.groups).filter((name) => Object.hasOwn(before.groups, name));
  for (let row = 0; row < rows; row++) {
    const other = order[row]!;
    const differs =
      label(after, after.truth[row]!) !== label(before, before.truth[other]!)
        ? "true class"
        : (after.weights?.[row] ?? 1) !== (before.weights?.[other] ?? 1)
          ? "weight"
          : shared.find((name) => groupOf(after, name, row) !== groupOf(before, name, other));
    if (differs !== undefined)
      return `the ${differs} of row "${nameOf(after, row)}" is not the same in the baseline`;
  }
  return { after, before: reordered(before, after, order) };
}

/** Another model's predictions of the rows: all else is the same. @param order of its rows, [N] */
function reordered(
  { classes, predicted, scores, score }: Predictions,
  other: Predictions,
  order: Int32Array,
): Predictions {
  const { scores: _, score: __, ...rows } = other;
  const codeOf = classes.map((name) => rows.classes.indexOf(name));
  const from = rows.classes.map((name) => classes.indexOf(name));
  const K = classes.length;
  return {
    ...rows,
    predicted: order.map((row) => codeOf[predicted[row]!]!),
    ...(scores && {
      scores: Float32Array.from(
        { length: order.length * K },
        (_value, i) => scores[order[Math.floor(i / K)]! * K + from[i % K]!]!,
      ),
    }),
    ...(score && { score: Float64Array.from(order, (row) => score[row]!) }),
  };
}

const groupOf = ({ groups }: Predictions, name: string, row: number): string | undefined =>
  groups[name]!.values[groups[name]!.codes[row]!];
