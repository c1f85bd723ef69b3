/** @file Every metric of scores, one entry each: how well they rank, how well they are calibrated. */
import type { Described } from "./rates.ts";

/** What a metric rests on: some number of so many rows, and which of them there are none of when it is undefined. */
export const RESTS_ON = {
  rows: { of: (all: number) => all, lacks: () => "rows" },
  positives: {
    of: (_all: number, positives: number) => positives,
    lacks: () => "truly positive rows",
  },
  bothClasses: {
    of: (_all: number, positives: number, negatives: number) => Math.min(positives, negatives),
    lacks: (positives: number) => (positives === 0 ? "truly positive rows" : "truly negative rows"),
  },
} as const satisfies Record<
  string,
  {
    readonly of: (all: number, positives: number, negatives: number) => number;
    readonly lacks: (positives: number) => string;
  }
>;

export interface ScoreRateDefinition extends Described {
  readonly undefinedWhen: string;
  readonly restsOn: keyof typeof RESTS_ON;
  /** The scale on which its resamples are about normal; a calibration error has an interval of its own. */
  readonly scale: "logit" | "log" | "plain" | "calibration";
  /** Whether it reads the score as a probability, so that scores outside [0, 1] leave it undefined. */
  readonly probability: boolean;
  /** With more than two classes: the mean of one-vs-rest values, or one value over all classes, or none. */
  readonly overClasses: "mean" | "own" | "none";
}

const ofProbabilities = {
  undefinedWhen: "no rows, or scores lie outside [0, 1]",
  restsOn: "rows",
  probability: true,
} as const;

/**
 * s is the score of the positive class, y is 1 for a positive row and 0 for another. Definitions as in scikit-learn
 * (`roc_auc_score`, `average_precision_score`, `brier_score_loss`, `log_loss`); the calibration errors are those of
 * Guo et al. 2017.
 */
export const SCORE_RATES = {
  auc: {
    label: "area under the ROC curve",
    formula: "P(s of a positive row > s of a negative one) + P(equal)/2",
    range: [0, 1],
    better: "higher",
    undefinedWhen: "no truly positive rows, or no truly negative rows",
    restsOn: "bothClasses",
    probability: false,
    scale: "logit",
    overClasses: "mean",
  },
  averagePrecision: {
    label: "average precision",
    formula: "sum over thresholds of (recall - previous recall) precision",
    range: [0, 1],
    better: "higher",
    undefinedWhen: "no truly positive rows",
    restsOn: "positives",
    probability: false,
    scale: "logit",
    overClasses: "mean",
  },
  brier: {
    label: "Brier score",
    formula: "mean (s - y)^2",
    range: [0, 1],
    better: "lower",
    ...ofProbabilities,
    scale: "logit",
    overClasses: "mean",
  },
  logLoss: {
    label: "log loss",
    formula: "-mean ln(s if y = 1, else 1 - s), s within 1e-12 of 0 and 1",
    range: [0, 27.7],
    better: "lower",
    ...ofProbabilities,
    scale: "log",
    overClasses: "mean",
  },
  ece: {
    label: "expected calibration error",
    formula: "sum over 15 bins of s of n_bin/n |mean y - mean s|",
    range: [0, 1],
    better: "lower",
    ...ofProbabilities,
    scale: "calibration",
    overClasses: "mean",
  },
  eceConfidence: {
    label: "expected calibration error of the confidence",
    formula: "the same with the score of the predicted class, and whether it is the true one",
    range: [0, 1],
    better: "lower",
    ...ofProbabilities,
    scale: "calibration",
    overClasses: "own",
  },
  meanScore: {
    label: "mean score",
    formula: "mean s",
    range: [0, 1],
    better: "neither",
    ...ofProbabilities,
    scale: "logit",
    overClasses: "none",
  },
  calibrationBias: {
    label: "calibration bias",
    formula: "mean s - mean y",
    range: [-1, 1],
    better: "neither",
    ...ofProbabilities,
    scale: "plain",
    overClasses: "none",
  },
} as const satisfies Record<string, ScoreRateDefinition>;

export type ScoreName = keyof typeof SCORE_RATES;
export const SCORE_NAMES = Object.keys(SCORE_RATES) as ScoreName[];
