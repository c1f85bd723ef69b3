/** @file Every rate of a confusion table, one entry each. */

/** Weighted confusion counts of one group for one positive class (multi-class: one against the rest). */
export interface Confusion {
  tp: number;
  fp: number;
  fn: number;
  tn: number;
}

/** `better` is the direction in which a rate is good for the people it is about; some have none. */
export type Direction = "higher" | "lower" | "neither";

export interface RateDefinition {
  readonly label: string;
  readonly formula: string;
  readonly numerator: (c: Confusion) => number;
  /** Zero when the rate is undefined. */
  readonly denominator: (c: Confusion) => number;
  /** When the denominator is zero, in words that follow "no rows that are". */
  readonly needs: string;
  readonly better: Direction;
  /** A share of rows is binomial, so it gets a Wilson interval; a compound of shares gets a bootstrap one. */
  readonly kind: "share" | "compound";
}

const positives = (c: Confusion): number => c.tp + c.fn;
const negatives = (c: Confusion): number => c.fp + c.tn;
const selected = (c: Confusion): number => c.tp + c.fp;
const rejected = (c: Confusion): number => c.fn + c.tn;
const all = (c: Confusion): number => positives(c) + negatives(c);

const share = (
  label: string,
  formula: string,
  numerator: (c: Confusion) => number,
  [denominator, needs]: readonly [(c: Confusion) => number, string],
  better: Direction,
): RateDefinition => ({ label, formula, numerator, denominator, needs, better, kind: "share" });

const ofAll = [all, "in the group"] as const;
const ofPositives = [positives, "truly positive"] as const;
const ofNegatives = [negatives, "truly negative"] as const;
const ofSelected = [selected, "predicted positive"] as const;
const ofRejected = [rejected, "predicted negative"] as const;

/** The table of rates. Definitions: fairlearn and scikit-learn, except that a zero denominator is undefined, not 0. */
export const RATES = {
  accuracy: share("accuracy", "(TP+TN)/n", (c) => c.tp + c.tn, ofAll, "higher"),
  balancedAccuracy: {
    label: "balanced accuracy",
    formula: "(TPR+TNR)/2",
    numerator: (c) => c.tp * negatives(c) + c.tn * positives(c),
    denominator: (c) => 2 * positives(c) * negatives(c),
    needs: "truly positive, or none that are truly negative",
    better: "higher",
    kind: "compound",
  },
  tpr: share("true positive rate", "TP/(TP+FN)", (c) => c.tp, ofPositives, "higher"),
  fpr: share("false positive rate", "FP/(FP+TN)", (c) => c.fp, ofNegatives, "lower"),
  tnr: share("true negative rate", "TN/(FP+TN)", (c) => c.tn, ofNegatives, "higher"),
  fnr: share("false negative rate", "FN/(TP+FN)", (c) => c.fn, ofPositives, "lower"),
  ppv: share("positive predictive value", "TP/(TP+FP)", (c) => c.tp, ofSelected, "higher"),
  fdr: share("false discovery rate", "FP/(TP+FP)", (c) => c.fp, ofSelected, "lower"),
  npv: share("negative predictive value", "TN/(TN+FN)", (c) => c.tn, ofRejected, "higher"),
  for: share("false omission rate", "FN/(TN+FN)", (c) => c.fn, ofRejected, "lower"),
  f1: {
    label: "F1",
    formula: "2TP/(2TP+FP+FN)",
    numerator: (c) => 2 * c.tp,
    denominator: (c) => 2 * c.tp + c.fp + c.fn,
    needs: "truly or predicted positive",
    better: "higher",
    kind: "compound",
  },
  selectionRate: share("selection rate", "(TP+FP)/n", selected, ofAll, "neither"),
  baseRate: share("base rate", "(TP+FN)/n", positives, ofAll, "neither"),
} as const satisfies Record<string, RateDefinition>;

export type RateName = keyof typeof RATES;
export const RATE_NAMES = Object.keys(RATES) as RateName[];

/** The rate, in [0, 1], or NaN when its denominator is zero. */
export function rate(name: RateName, c: Confusion): number {
  const { numerator, denominator }: RateDefinition = RATES[name];
  return numerator(c) / denominator(c);
}
