/** @file What per-group thresholds make equal, and what they keep as good as possible. */
import type { Curve } from "./curve.ts";

/** The rates that must agree between groups; the first one is searched over. */
export const CONSTRAINTS = {
  /** Equal true and false positive rates. */
  "equalized-odds": ["fpr", "tpr"],
  /** Equal shares of positive decisions. */
  "demographic-parity": ["selection"],
  /** Equal true positive rates. */
  "equal-opportunity": ["tpr"],
} as const satisfies Record<string, readonly [RateName] | readonly [RateName, RateName]>;
export type ThresholdConstraint = keyof typeof CONSTRAINTS;

/** A rate at every point of a curve, never falling along it. */
export const RATE_OF = {
  tpr: ({ tp, positives }: Curve) => tp.map((hits) => hits / positives),
  fpr: ({ fp, negatives }: Curve) => fp.map((alarms) => alarms / negatives),
  selection: ({ tp, fp, positives, negatives }: Curve) =>
    tp.map((hits, i) => (hits + fp[i]!) / (positives + negatives)),
} as const;
export type RateName = keyof typeof RATE_OF;

/** Worth of one right answer on a positive and on a negative row; summed over all rows it is the objective. */
export interface Worth {
  readonly positive: number;
  readonly negative: number;
}

/** From the number of positive and of negative rows of all groups together. */
export const OBJECTIVES = {
  accuracy: (positives: number, negatives: number): Worth => ({
    positive: 1 / (positives + negatives),
    negative: 1 / (positives + negatives),
  }),
  balanced_accuracy: (positives: number, negatives: number): Worth => ({
    positive: 0.5 / positives,
    negative: 0.5 / negatives,
  }),
} as const;
export type ThresholdObjective = keyof typeof OBJECTIVES;

/** What a group adds to the objective at every point of its curve. */
export const worthOf = ({ tp, fp, negatives }: Curve, worth: Worth): Float64Array =>
  tp.map((hits, i) => worth.positive * hits + worth.negative * (negatives - fp[i]!));
