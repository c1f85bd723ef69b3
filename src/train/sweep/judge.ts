/** @file What predictions of a sweep are worth: accuracy, and the gap over the attribute that is removed. */
import type { SweepRows, Worth } from "../../debias/sweep/sweep.ts";
import type { SweepSide } from "../../debias/sweep/result.ts";
import { compare } from "../../eval/compare.ts";
import { type EvaluateOptions, evaluate } from "../../eval/evaluate.ts";
import type { Predictions } from "../../eval/predictions.ts";
import type { Gap } from "../../eval/report/values.ts";
import type { Report } from "../../eval/report.ts";
import { type Constraint, judgedClassGaps } from "../../eval/select.ts";
import { columnsOf } from "../columns.ts";
import type { Embedded } from "../trained.ts";
import { type Task, singleAttributes, truthOf } from "../predict.ts";

/** Rows with unit embeddings [N, D]. */
export type SweepPart = Pick<Embedded, "rows" | "embeddings">;

/** A way on all rows; no change of the first one, which the others are compared with. */
export type Measured = SweepSide["test"];

export interface SweepJudge {
  readonly rows: SweepRows;
  /** Each way beside the first one, with intervals and paired changes. */
  readonly beside: (
    ways: Readonly<Record<string, Int32Array>>,
  ) => Readonly<Record<string, Measured>>;
  readonly predictions: (predicted: Int32Array) => Predictions;
  /** Without intervals. */
  readonly worth: (predicted: Int32Array) => Worth;
}

/**
 * Judges predictions for the rows of a part.
 * @param constraint what is measured: a gap by an attribute, or between the target's classes
 * @param classTexts [C, D]
 */
export function sweepJudge(
  task: Task,
  { metric, attribute }: Constraint,
  { rows, embeddings }: SweepPart,
  classTexts: Float32Array,
  options: EvaluateOptions,
): SweepJudge {
  const d = classTexts.length / task.classes.length;
  const groups = columnsOf(rows, singleAttributes(task.attributes));
  const predictions = (predicted: Int32Array): Predictions => ({
    ids: rows.map(({ id }) => id),
    classes: task.classes,
    truth: truthOf(task, rows),
    predicted,
    groups,
    weights: Float64Array.from(rows, ({ weight }) => weight),
  });
  const quick = { ...options, uncertainty: { ...options.uncertainty, replicates: 0 } };
  const gapOf = (report: Report): Gap =>
    attribute === undefined
      ? judgedClassGaps(report)[metric]!
      : report.attributes[attribute]!.gaps[metric]!;
  const measured = (report: Report) => ({ accuracy: report.overall.accuracy, gap: gapOf(report) });
  return {
    rows: {
      images: { x: embeddings, n: rows.length, d },
      classTexts: { x: classTexts, n: task.classes.length, d },
    },
    predictions,
    beside(ways) {
      const [first, ...others] = Object.entries(ways);
      const compared = compare(
        predictions(first![1]),
        Object.fromEntries(others.map(([name, of]) => [name, predictions(of)])),
        options,
      );
      const after = others.map(([name]): [string, Measured] => {
        const { overall, attributes, classGaps } = compared.change[name]!;
        const gap =
          attribute === undefined ? classGaps[metric]! : attributes[attribute]!.gaps[metric]!;
        return [
          name,
          { ...measured(compared.after[name]!), change: { accuracy: overall["accuracy"]!, gap } },
        ];
      });
      return Object.fromEntries([
        [first![0], { ...measured(compared.before), change: null }],
        ...after,
      ]);
    },
    worth(predicted) {
      const report = evaluate(predictions(predicted), quick);
      return { accuracy: report.overall.accuracy.value, gap: gapOf(report).value };
    },
  };
}
