/** @file Between the class prompts and the head fitted on train rows. */
import { interpolateWeights } from "../../debias/wise.ts";
import { type Classifier, crossEntropy, probabilities } from "../../train/classifier.ts";
import { truthOf } from "../../train/predict.ts";
import { fitHead, outputOf, promptClassifier } from "../head.ts";
import type { CompareTask, Part, Recipe } from "../recipe.ts";

const ALPHAS = Array.from({ length: 11 }, (_, i) => i / 10);

export const wise: Recipe = {
  summary:
    "weights between those of the class prompts (0) and those of the fitted head (1), WiSE-FT",
  caveat:
    "of embeddings that are given only the classifier can lie between; where a model has no text side, the means of train rows stand in for prompts",
  groupAtInference: false,
  fit: async ({ task, train, prompts, C, base }) => {
    const before = scaledToTrain(
      promptClassifier(Float32Array.from(prompts[0]!.classes.x), train.d),
      task,
      train,
    );
    const after = fitHead(task, train, train.x, C, base.start).classifier;
    return ALPHAS.map((alpha) => {
      const mixed = interpolateWeights(weightsOf(before), weightsOf(after), alpha);
      const classifier: Classifier = {
        ...after,
        weight: mixed.get("weight")!.data,
        bias: mixed.get("bias")!.data,
      };
      return { setting: { alpha }, predict: ({ x }) => outputOf(classifier, x), embed: null };
    });
  },
};

/** Weights of logits, so that both lie on one scale. */
const weightsOf = ({ weight, bias, scale, classes, width }: Classifier) =>
  new Map([
    ["weight", { shape: [classes, width], data: weight.map((value) => scale * value) }],
    ["bias", { shape: [classes], data: bias ?? new Float32Array(classes) }],
  ]);

/** Inverse temperatures tried; CLIP's is 100. */
const SCALES = [1, 2, 5, 10, 20, 50, 100, 200];

/** The same decisions, as sure of them as train rows bear out: the scale of least log-loss. */
function scaledToTrain(classifier: Classifier, task: CompareTask, { rows, x }: Part): Classifier {
  const truth = truthOf(task, rows);
  const weights = Float64Array.from(rows, ({ weight }) => weight);
  const tried = SCALES.map((scale) => {
    const scaled = { ...classifier, scale };
    return {
      scaled,
      loss: crossEntropy(probabilities(scaled, x), truth, weights, classifier.classes),
    };
  });
  return tried.reduce((best, next) => (next.loss < best.loss ? next : best)).scaled;
}
