/** @file Every rate of a confusion table, one entry each. */

/** Weighted confusion counts of one group for one positive class (multi-class: one against the rest). */
export interface Confusion {
  tp: number;
  fp: number;
  fn: number;
  tn: number;
}
export type Part = keyof Confusion;

export interface Described {
  readonly label: string;
  readonly formula: string;
  /** The direction that is good for the people it is about; some rates have none. */
  readonly better: "higher" | "lower" | "neither";
  readonly range: readonly [number, number];
}

const SHARE = { kind: "share", range: [0, 1] } as const;

/** A sum of confusion counts over another. A part named twice counts twice. */
interface Ratio {
  readonly numerator: readonly Part[];
  readonly denominator: readonly Part[];
}

interface RatioDefinition extends Described, Ratio {
  /** What there are none of when the denominator is 0 and the rate undefined. */
  readonly needs: string;
}

/** A share of rows is binomial and has Wilson's interval. */
interface ShareDefinition extends RatioDefinition {
  readonly kind: "share";
}

/** A rising function of a share of rows, whose interval is that of the share. */
interface RisingDefinition extends RatioDefinition {
  readonly kind: "ratio";
  readonly share: Ratio;
  readonly ofShare: (share: number) => number;
}

/** The mean of rates that rest on different rows, undefined when one of them is. */
interface MeanDefinition extends Described {
  readonly kind: "mean";
  readonly of: readonly [RatioName, RatioName];
}

/** Any other function of the counts; only resamples say how sure it is. */
interface IndexDefinition extends Described {
  readonly kind: "index";
  /** NaN where it is undefined. */
  readonly of: (counts: Confusion) => number;
  readonly needs: string;
}

export type RateDefinition = ShareDefinition | RisingDefinition | MeanDefinition | IndexDefinition;

const PARTS = ["tp", "fp", "fn", "tn"] as const;
const ofAll = { ...SHARE, denominator: PARTS, needs: "rows" } as const;
const ofPositives = {
  ...SHARE,
  denominator: ["tp", "fn"],
  needs: "truly positive rows",
} as const;
const ofNegatives = {
  ...SHARE,
  denominator: ["fp", "tn"],
  needs: "truly negative rows",
} as const;
const ofSelected = {
  ...SHARE,
  denominator: ["tp", "fp"],
  needs: "rows predicted positive",
} as const;
const ofRejected = {
  ...SHARE,
  denominator: ["tn", "fn"],
  needs: "rows predicted negative",
} as const;

const RATIOS = {
  accuracy: {
    label: "accuracy",
    formula: "(TP+TN)/n",
    numerator: ["tp", "tn"],
    ...ofAll,
    better: "higher",
  },
  tpr: {
    label: "true positive rate",
    formula: "TP/(TP+FN)",
    numerator: ["tp"],
    ...ofPositives,
    better: "higher",
  },
  fpr: {
    label: "false positive rate",
    formula: "FP/(FP+TN)",
    numerator: ["fp"],
    ...ofNegatives,
    better: "lower",
  },
  tnr: {
    label: "true negative rate",
    formula: "TN/(FP+TN)",
    numerator: ["tn"],
    ...ofNegatives,
    better: "higher",
  },
  fnr: {
    label: "false negative rate",
    formula: "FN/(TP+FN)",
    numerator: ["fn"],
    ...ofPositives,
    better: "lower",
  },
  ppv: {
    label: "positive predictive value",
    formula: "TP/(TP+FP)",
    numerator: ["tp"],
    ...ofSelected,
    better: "higher",
  },
  fdr: {
    label: "false discovery rate",
    formula: "FP/(TP+FP)",
    numerator: ["fp"],
    ...ofSelected,
    better: "lower",
  },
  npv: {
    label: "negative predictive value",
    formula: "TN/(TN+FN)",
    numerator: ["tn"],
    ...ofRejected,
    better: "higher",
  },
  for: {
    label: "false omission rate",
    formula: "FN/(TN+FN)",
    numerator: ["fn"],
    ...ofRejected,
    better: "lower",
  },
  f1: {
    kind: "ratio",
    range: [0, 1],
    label: "F1",
    formula: "2TP/(2TP+FP+FN)",
    numerator: ["tp", "tp"],
    denominator: ["tp", "tp", "fp", "fn"],
    share: { numerator: ["tp"], denominator: ["tp", "fp", "fn"] }, // Jaccard's index
    ofShare: (jaccard) => (2 * jaccard) / (1 + jaccard),
    needs: "rows truly or predicted positive",
    better: "higher",
  },
  treatment: {
    kind: "ratio",
    range: [0, Number.POSITIVE_INFINITY],
    label: "false negatives per false positive",
    formula: "FN/FP",
    numerator: ["fn"],
    denominator: ["fp"],
    share: { numerator: ["fn"], denominator: ["fn", "fp"] },
    ofShare: (share) => share / (1 - share),
    needs: "false positives",
    better: "neither",
  },
  selectionRate: {
    label: "selection rate",
    formula: "(TP+FP)/n",
    numerator: ["tp", "fp"],
    ...ofAll,
    better: "neither",
  },
  baseRate: {
    label: "base rate",
    formula: "(TP+FN)/n",
    numerator: ["tp", "fn"],
    ...ofAll,
    better: "neither",
  },
} as const satisfies Record<string, ShareDefinition | RisingDefinition>;
type RatioName = keyof typeof RATIOS;

/** The table of rates. Definitions as in fairlearn and scikit-learn, except that 0/0 is undefined and not 0. */
export const RATES = {
  ...RATIOS,
  balancedAccuracy: {
    kind: "mean",
    range: [0, 1],
    label: "balanced accuracy",
    formula: "(TPR+TNR)/2",
    of: ["tpr", "tnr"],
    better: "higher",
  },
  theil: {
    kind: "index",
    range: [0, Number.POSITIVE_INFINITY],
    label: "Theil index of benefits",
    formula: "mean (b/m) ln(b/m), b = 1 + predicted - true of 0 and 1, m = mean b",
    of: theil,
    needs: "rows but false negatives",
    better: "lower",
  },
} as const satisfies Record<string, RateDefinition>;

/** Of benefits 2 (false positives), 1 (right) and 0 (false negatives): Speicher et al. 2018; AIF360 `theil_index`. */
function theil({ tp, fp, fn, tn }: Confusion): number {
  const n = tp + fp + fn + tn;
  const mean = (tp + tn + 2 * fp) / n;
  const index = (unequal(tp + tn, 1 / mean) + unequal(fp, 2 / mean)) / n;
  return mean > 0 ? Math.max(0, index) : Number.NaN;
}

/** @param benefit relative to the mean one */
const unequal = (rows: number, benefit: number): number =>
  rows === 0 ? 0 : rows * benefit * Math.log(benefit);

export type RateName = keyof typeof RATES;
export const RATE_NAMES = Object.keys(RATES) as RateName[];

/** The counts that a rate divides: a sum of parts of the confusion table. */
export const sumOf = (parts: readonly Part[], c: Confusion): number =>
  parts.reduce((sum, part) => sum + c[part], 0);

/** The rows that a rate rests on: those of its denominator; of a mean, of the smaller one; of an index, all. */
export function supportOf(name: RateName, rows: Confusion): number {
  const definition: RateDefinition = RATES[name];
  if (definition.kind === "mean")
    return Math.min(...definition.of.map((part) => supportOf(part, rows)));
  return sumOf(definition.kind === "index" ? PARTS : [...new Set(definition.denominator)], rows);
}

/** What there are none of when the rate is undefined. */
export function needsOf(name: RateName): string {
  const definition: RateDefinition = RATES[name];
  return definition.kind === "mean"
    ? definition.of.map(needsOf).join(", or no ")
    : definition.needs;
}
