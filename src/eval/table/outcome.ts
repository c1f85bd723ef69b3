/** @file True and predicted classes of the measured rows: labels as they are read, or made of scores. */
import { UsageError } from "../../run/errors.ts";
import type { Predictions } from "../predictions.ts";
import type { Source } from "../report/source.ts";
import { classesOf, type Classes, type ClassesAsked } from "./classes.ts";
import { listed, type TableColumns } from "./columns.ts";
import type { RawTable } from "./gather.ts";
import { occurring, respell, type LabelColumn } from "./labels.ts";
import type { Splits, UsedRows } from "./rows.ts";
import { pick, take } from "./take.ts";
import { chooseThreshold, type ThresholdRule } from "./threshold.ts";

export interface OutcomeOptions extends ClassesAsked {
  /** Rows are predicted positive from this score on; or what it is to be best for, chosen on the rows of another split. */
  readonly threshold?: number | ThresholdRule | undefined;
  /** Splits by name, of `columns.split`: `test` is measured, a threshold is chosen on `validation`. */
  readonly splits?: Partial<Splits> | undefined;
}

interface Outcome extends Classes {
  readonly truth: Int32Array;
  readonly predicted: Int32Array;
  readonly before: Int32Array | null;
  readonly scores: Pick<Predictions, "score" | "scores">;
  readonly threshold: Source["threshold"];
}

/** Truth and predictions as indices of classes. */
export function outcomeOf(
  raw: RawTable,
  columns: TableColumns,
  { measured, choosing }: UsedRows,
  options: OutcomeOptions,
): Outcome {
  const { path, truth, predicted, before, score, spelling } = raw;
  const models = [predicted, before].filter((column) => column !== null);
  const found = (column: LabelColumn): readonly string[] => [
    ...new Set([measured, choosing].flatMap((rows) => occurring(pick(column, rows), spelling))),
  ];
  const scored = [...raw.scores.keys()].map((name) => spelling.of(name) ?? name);
  const { classes, positive } = completed(
    classesOf(path, found(truth), models.flatMap(found), scored, spelling, options),
    options.threshold !== undefined,
  );
  const codes = (column: LabelColumn, rows = measured): Int32Array =>
    respell(pick(column, rows), spelling, classes).codes;
  const common = {
    classes,
    positive,
    truth: codes(truth),
    before: before && codes(before),
    scores: scoresOf(raw, measured, classes, scored, columns),
  };
  if (predicted) return { ...common, predicted: codes(predicted), threshold: null };
  if (positive === null)
    throw new UsageError(
      `${path}: --threshold is for two classes; the labels are ${listed(classes)}`,
    );
  const yes = classes.indexOf(positive);
  const known = { truth: codes(truth, choosing), positive: yes };
  const threshold = thresholdOf(raw, choosing, known, options);
  const { values } = score!;
  return {
    ...common,
    predicted: measured.map((row) => (values[row]! >= threshold.value ? yes : 1 - yes)),
    threshold,
  };
}

/** @param known true classes of the rows to choose on */
function thresholdOf(
  { score, weight }: RawTable,
  choosing: Int32Array,
  known: Parameters<typeof chooseThreshold>[1],
  { threshold, splits }: OutcomeOptions,
): NonNullable<Source["threshold"]> {
  if (typeof threshold !== "string")
    return { value: threshold!, rule: "given", split: null, rows: 0 };
  const value = chooseThreshold(
    threshold,
    known,
    take(score!.values, choosing),
    weight ? take(weight.values, choosing) : undefined,
  );
  return {
    value,
    rule: threshold,
    split: splits?.threshold ?? "validation",
    rows: choosing.length,
  };
}

/** Of a single label, a threshold needs something to call the other rows. */
const completed = ({ classes, positive }: Classes, thresholded: boolean): Classes =>
  thresholded && classes.length === 1
    ? { classes: [...classes, `not ${classes[0]}`], positive }
    : { classes, positive };

function scoresOf(
  { path, score, scores }: RawTable,
  rows: Int32Array,
  classes: readonly string[],
  scored: readonly string[],
  columns: TableColumns,
): Outcome["scores"] {
  if (score) return { score: take(score.values, rows) };
  if (scores.size === 0) return {};
  const byClass = [...scores.values()];
  const order = classes.map((name) => scored.indexOf(name));
  const without = classes.filter((_, c) => order[c]! < 0);
  if (without.length > 0)
    throw new UsageError(
      `${path}: class ${listed(without)} has no column of scores; expected ${without.map((name) => `${columns.scores}${name}`).join(", ")}`,
    );
  const K = classes.length;
  const table = new Float32Array(rows.length * K); // [N, K]
  order.forEach((at, c) => {
    const { values } = byClass[at]!;
    for (let i = 0; i < rows.length; i++) table[i * K + c] = values[rows[i]!]!;
  });
  return { scores: table };
}
