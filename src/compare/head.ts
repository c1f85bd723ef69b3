/** @file The logistic head that a comparison fits on embeddings, and the class prompts that stand in for one. */
import { fitLogistic, type LogisticModel } from "../eval/probes/logistic.ts";
import { type Classifier, argmaxRows, probabilities } from "../train/classifier.ts";
import { classifierOf } from "../train/logistic-head.ts";
import { truthOf } from "../train/predict.ts";
import type { CompareTask, Output, Part } from "./recipe.ts";

/** Weights to start from. */
export type HeadStart = Pick<LogisticModel, "weight" | "bias">;

/** A fitted head, and its weights for others to start from. */
export interface Head {
  readonly classifier: Classifier;
  readonly start: HeadStart;
}

/** Far below what one row more or less makes of a head. */
const TOLERANCE = 1e-3;

/**
 * L2-penalised logistic regression on rows of embeddings `x` [N, D] in place of those of the part.
 * @throws UsageError when fewer than two classes have rows
 */
export function fitHead(
  task: CompareTask,
  { rows, d }: Part,
  x: Float32Array,
  C: number,
  start?: HeadStart,
): Head {
  const model = fitLogistic({ x, n: rows.length, d }, truthOf(task, rows), {
    C,
    weights: Float64Array.from(rows, ({ weight }) => weight),
    tolerance: TOLERANCE,
    ...(start && { start }),
  });
  return { classifier: classifierOf(model, task.classes.length, d), start: model };
}

/** What a classifier says of embeddings [N, D]. */
export function outputOf(classifier: Classifier, x: Float32Array): Output {
  const scores = probabilities(classifier, x);
  return { scores, predicted: argmaxRows(scores, classifier.classes) };
}

/** CLIP's temperature; of one classifier it changes no decision and no ranking. */
const SCALE = 100;

/** The class whose prompt [C, D] is nearest by cosine; embeddings and prompts have unit length. */
export const promptClassifier = (prompts: Float32Array, d: number): Classifier => ({
  weight: prompts,
  bias: null,
  scale: SCALE,
  classes: prompts.length / d,
  width: d,
});
