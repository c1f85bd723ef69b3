/** @file Every metric of scores, one entry each: how well they rank, how well they are calibrated. */
import type { Described } from "./rates.ts";

export interface ScoreRateDefinition extends Described {
  readonly undefinedWhen: string;
  /** Whether it reads the score as a probability, so that scores outside [0, 1] leave it undefined. */
  readonly probability: boolean;
}

const NOT_PROBABILITIES = "scores lie outside [0, 1]";

/** s is the score of the positive class, y is 1 for a positive row and 0 for another. */
export const SCORE_RATES = {
  auc: {
    label: "area under the ROC curve",
    formula: "P(s of a positive row > s of a negative one) + P(equal)/2",
    range: [0, 1],
    better: "higher",
    undefinedWhen: "no truly positive rows, or no truly negative rows",
    probability: false,
  },
  averagePrecision: {
    label: "average precision",
    formula: "sum over thresholds of (recall - previous recall) precision",
    range: [0, 1],
    better: "higher",
    undefinedWhen: "no truly positive rows",
    probability: false,
  },
  brier: {
    label: "Brier score",
    formula: "mean (s - y)^2",
    range: [0, 1],
    better: "lower",
    undefinedWhen: NOT_PROBABILITIES,
    probability: true,
  },
  logLoss: {
    label: "log loss",
    formula: "-mean ln(s if y = 1, else 1 - s), s within 1e-12 of 0 and 1",
    range: [0, 27.7],
    better: "lower",
    undefinedWhen: NOT_PROBABILITIES,
    probability: true,
  },
  ece: {
    label: "expected calibration error",
    formula: "sum over 15 bins of s of n_bin/n |mean y - mean s|",
    range: [0, 1],
    better: "lower",
    undefinedWhen: NOT_PROBABILITIES,
    probability: true,
  },
  eceConfidence: {
    label: "expected calibration error of the confidence",
    formula: "the same with the score of the predicted class, and whether it is the true one",
    range: [0, 1],
    better: "lower",
    undefinedWhen: NOT_PROBABILITIES,
    probability: true,
  },
  meanScore: {
    label: "mean score",
    formula: "mean s",
    range: [0, 1],
    better: "neither",
    undefinedWhen: NOT_PROBABILITIES,
    probability: true,
  },
  calibrationBias: {
    label: "calibration bias",
    formula: "mean s - mean y",
    range: [-1, 1],
    better: "neither",
    undefinedWhen: NOT_PROBABILITIES,
    probability: true,
  },
} as const satisfies Record<string, ScoreRateDefinition>;

export type ScoreName = keyof typeof SCORE_RATES;
export const SCORE_NAMES = Object.keys(SCORE_RATES) as ScoreName[];
