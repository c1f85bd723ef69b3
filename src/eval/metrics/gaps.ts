/** @file Every gap between groups, one entry each. */
import { RATES, type RateName } from "./rates.ts";
import { SCORE_RATES, type ScoreName } from "./scores.ts";

/** A rate of predicted classes, or a metric of scores. */
export type AnyRate = RateName | ScoreName;
const ANY_RATES = { ...RATES, ...SCORE_RATES } as const;

/** Of one rate, over the groups where it is defined. */
export const OVER_GROUPS = {
  difference: (low: number, high: number) => high - low,
  ratio: (low: number, high: number) => low / high,
  least: (low: number) => low,
} as const;

/** Of several rates. */
export const OVER_RATES = {
  max: (values: readonly number[]) => Math.max(...values),
  min: (values: readonly number[]) => Math.min(...values),
  mean: (values: readonly number[]) => OVER_RATES.sum(values) / values.length,
  sum: (values: readonly number[]) => values.reduce((a, b) => a + b, 0),
} as const;

/**
 * What a fair model of the null distribution keeps. Given the truth, the prediction or nothing, predictions do not
 * depend on the group; given the score, the truth does not.
 */
export type Given = "truth" | "prediction" | "nothing" | "score";

export interface GapDefinition<R extends AnyRate = AnyRate> {
  readonly label: string;
  readonly formula: string;
  readonly range: readonly [number, number];
  /** The value of a fair model; null where there is none. */
  readonly fairValue: number | null;
  readonly better: "lower" | "higher";
  readonly undefinedWhen: string;
  readonly rates: readonly R[];
  readonly overGroups: keyof typeof OVER_GROUPS;
  readonly overRates: keyof typeof OVER_RATES;
  readonly given: Given;
}

const widthOf = ([low, high]: readonly [number, number]): number => high - low;

const FEWER_THAN_TWO = "fewer than two groups have a defined rate";

const difference = <R extends AnyRate>(
  label: string,
  formula: string,
  given: Given,
  rates: readonly R[],
  overRates: keyof typeof OVER_RATES = "max",
): GapDefinition<R> => ({
  label,
  formula,
  range: [0, overRates === "sum" ? rates.length : widthOf(ANY_RATES[rates[0]!].range)],
  fairValue: 0,
  better: "lower",
  undefinedWhen: FEWER_THAN_TWO,
  rates,
  overGroups: "difference",
  overRates,
  given,
});

const ratio = <R extends RateName>(
  label: string,
  formula: string,
  given: Given,
  rates: readonly R[],
  overRates: keyof typeof OVER_RATES = "min",
): GapDefinition<R> => ({
  label,
  formula,
  range: [0, 1],
  fairValue: 1,
  better: "higher",
  undefinedWhen: `${FEWER_THAN_TWO}, or the largest is 0`,
  rates,
  overGroups: "ratio",
  overRates,
  given,
});

const worstGroup = <R extends RateName>(name: R): GapDefinition<R> => ({
  label: `${RATES[name].label} of the worst group`,
  formula: `min over groups of ${RATES[name].label}`,
  range: [0, 1],
  fairValue: null,
  better: "higher",
  undefinedWhen: "it is defined in no group",
  rates: [name],
  overGroups: "least",
  overRates: "min",
  given: "nothing",
});

/**
 * The table of gaps between groups. `gap(m)` is max - min over the groups where m is defined, as in fairlearn's
 * `between_groups`, except that a gap of fewer than two groups is undefined where fairlearn says 0 (ratio 1), and that
 * a group without positives has no TPR where fairlearn counts it as 0; `eo.mean` is AIF360's average odds without signs, `eo.sum` that of FFB.
 */
export const GAPS = {
  "eo.max": difference("equalized odds, larger gap", "max(gap(TPR), gap(FPR))", "truth", [
    "tpr",
    "fpr",
  ]),
  "eo.mean": difference(
    "equalized odds, mean gap",
    "(gap(TPR)+gap(FPR))/2",
    "truth",
    ["tpr", "fpr"],
    "mean",
  ),
  "eo.sum": difference(
    "equalized odds, sum of gaps",
    "gap(TPR)+gap(FPR)",
    "truth",
    ["tpr", "fpr"],
    "sum",
  ),
  "eo.ratio": ratio("equalized odds ratio", "min(min TPR/max TPR, min FPR/max FPR)", "truth", [
    "tpr",
    "fpr",
  ]),
  "eo.ratio.mean": ratio(
    "equalized odds ratio, mean",
    "(min TPR/max TPR + min FPR/max FPR)/2",
    "truth",
    ["tpr", "fpr"],
    "mean",
  ),
  eopp: difference("equal opportunity", "gap(TPR)", "truth", ["tpr"]),
  "eopp.ratio": ratio("equal opportunity ratio", "min/max of the TPR", "truth", ["tpr"]),
  "fpr.gap": difference("false positive rate gap", "gap(FPR)", "truth", ["fpr"]),
  "fpr.ratio": ratio("false positive rate ratio", "min/max of the FPR", "truth", ["fpr"]),
  "fnr.ratio": ratio("false negative rate ratio", "min/max of the FNR", "truth", ["fnr"]),
  "dp.difference": difference("demographic parity", "gap(selection rate)", "nothing", [
    "selectionRate",
  ]),
  di: ratio("disparate impact", "min/max of the selection rates", "nothing", ["selectionRate"]),
  "ppv.gap": difference("predictive parity", "gap(PPV)", "prediction", ["ppv"]),
  "ppv.ratio": ratio("predictive parity ratio", "min/max of the PPV", "prediction", ["ppv"]),
  "npv.gap": difference("negative predictive value gap", "gap(NPV)", "prediction", ["npv"]),
  "npv.ratio": ratio("negative predictive value ratio", "min/max of the NPV", "prediction", [
    "npv",
  ]),
  "treatment.gap": difference("treatment equality", "gap(FN/FP)", "nothing", ["treatment"]),
  "f1.gap": difference("F1 gap", "gap(F1)", "nothing", ["f1"]),
  "f1.ratio": ratio("F1 ratio", "min/max of F1", "nothing", ["f1"]),
  "balancedAccuracy.gap": difference("balanced accuracy gap", "gap(balanced accuracy)", "truth", [
    "balancedAccuracy",
  ]),
  "accuracy.gap": difference("accuracy gap", "gap(accuracy)", "nothing", ["accuracy"]),
  "accuracy.ratio": ratio("accuracy ratio", "min/max of the accuracy", "nothing", ["accuracy"]),
  "worst_group.accuracy": worstGroup("accuracy"),
  "worst_group.balancedAccuracy": worstGroup("balancedAccuracy"),
  "worst_group.tpr": worstGroup("tpr"),
} as const satisfies Record<string, GapDefinition<RateName>>;

/**
 * Gaps in scores between groups. In their fair models the groups of rows are dealt out anew among those of the same
 * truth (do scores tell the classes apart as well in every group?), or of about the same score (does a score mean the
 * same in every group?).
 */
export const SCORE_GAPS = {
  "auc.gap": difference("AUC gap", "gap(AUC)", "truth", ["auc"]),
  "brier.gap": difference("Brier score gap", "gap(Brier)", "truth", ["brier"]),
  "ece.gap": difference("calibration error gap", "gap(ECE)", "score", ["ece"]),
  "eceConfidence.gap": difference(
    "calibration error gap of the confidence",
    "gap(ECE of the confidence)",
    "score",
    ["eceConfidence"],
  ),
  "calibration.gap": difference("calibration gap", "gap(calibration bias)", "score", [
    "calibrationBias",
  ]),
} as const satisfies Record<string, GapDefinition<ScoreName>>;
export type ScoreGapName = keyof typeof SCORE_GAPS;
export const SCORE_GAP_NAMES = Object.keys(SCORE_GAPS) as ScoreGapName[];

/** The study's gaps between the classes of the target, each against the rest. */
export const CLASS_GAPS = {
  "class.tpr_gap": difference(
    "TPR gap between classes",
    "max TPR - min TPR over classes",
    "truth",
    ["tpr"],
  ),
  "class.fpr_gap": difference(
    "FPR gap between classes",
    "max FPR - min FPR over classes",
    "truth",
    ["fpr"],
  ),
  "class.di": ratio("disparate impact between classes", "min TPR / max TPR over classes", "truth", [
    "tpr",
  ]),
} as const satisfies Record<string, GapDefinition<RateName>>;
export type ClassGapName = keyof typeof CLASS_GAPS;
export const CLASS_GAP_NAMES = Object.keys(CLASS_GAPS) as ClassGapName[];

export type GapName = keyof typeof GAPS;
export const GAP_NAMES = Object.keys(GAPS) as GapName[];

/** What a gap of a report is, whatever its suffix; undefined for a name that is in no table. */
export function gapDefinition(name: string): GapDefinition | undefined {
  const table: Readonly<Record<string, GapDefinition>> = {
    ...GAPS,
    ...SCORE_GAPS,
    ...CLASS_GAPS,
  };
  const base = name.replace(/\.(macro|worst)$/, "");
  return Object.hasOwn(table, base) ? table[base] : undefined;
}

/** Whether a gap of a report, whatever its suffix, is in scores. */
export const isScoreGap = (name: string): boolean =>
  Object.hasOwn(SCORE_GAPS, name.replace(/\.(macro|worst)$/, ""));
