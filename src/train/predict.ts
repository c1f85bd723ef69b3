/** @file Class scores of rows as the table that every evaluation starts from. */
import type { Predictions } from "../eval/predictions.ts";
import type { Row } from "../data/row.ts";
import { argmaxRows } from "./classifier.ts";
import { columnsOf } from "./columns.ts";

/** What is predicted, and over whose groups it is measured. */
export interface Task {
  readonly target: string;
  readonly classes: readonly string[];
  /** The positive class of a binary target; null with more classes. */
  readonly positive: string | null;
  /** Attributes and intersections (`race*age_band`) that are measured. */
  readonly attributes: readonly string[];
}

/** The single attributes among attributes and intersections. */
export const singleAttributes = (attributes: readonly string[]): string[] => [
  ...new Set(attributes.flatMap((name) => name.split("*"))),
];

/**
 * Another attribute as a target, over the main one and its attributes, itself left out.
 * @param positive of two classes.
 */
export const taskBeside = (
  main: Task,
  target: string,
  classes: readonly string[],
  positive: string,
): Task => ({
  target,
  classes,
  positive: classes.length === 2 ? positive : null,
  attributes: [
    ...new Set([
      main.target,
      ...main.attributes.filter((name) => !name.split("*").includes(target)),
    ]),
  ],
});

/** Class index of every row. The rows' labels are known to be among the classes. */
export const truthOf = ({ target, classes }: Task, rows: readonly Row[]): Int32Array =>
  Int32Array.from(rows, (row) => classes.indexOf(row.labels[target]!));

/** Predictions that say how sure they are. */
export type ScoredPredictions = Predictions &
  Required<Pick<Predictions, "ids" | "scores" | "weights">>;

/** @param scores class probabilities [rows, classes]. */
export function predictionsOf(
  task: Task,
  rows: readonly Row[],
  scores: Float32Array,
): ScoredPredictions {
  return {
    ids: rows.map((row) => row.id),
    classes: task.classes,
    truth: truthOf(task, rows),
    predicted: argmaxRows(scores, task.classes.length),
    scores,
    groups: columnsOf(rows, singleAttributes(task.attributes)),
    weights: Float64Array.from(rows, (row) => row.weight),
  };
}
