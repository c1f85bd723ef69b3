/** @file docs/metrics.md, made from the tables that compute the metrics. */
import { COMPAT } from "../src/eval/metrics/compat.ts";
import { CLASS_GAPS, type GapDefinition, GAPS, SCORE_GAPS } from "../src/eval/metrics/gaps.ts";
import { PROBE_METRICS } from "../src/eval/probes/metrics.ts";
import { needsOf, RATE_NAMES, RATES } from "../src/eval/metrics/rates.ts";
import { RETRIEVAL } from "../src/eval/retrieval/metrics.ts";
import { SCORE_NAMES, SCORE_RATES } from "../src/eval/metrics/scores.ts";

const GOOD = { higher: "higher is better", lower: "lower is better", neither: "neither" } as const;

const table = (header: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);

const rangeOf = (range: readonly [number, number]): string =>
  range.map((end) => `${end}`.replace("Infinity", "∞")).join(" to ");

const rates = (): string[] =>
  table(
    ["name", "rate", "formula", "range", "good", "undefined when there are no"],
    RATE_NAMES.map((name) => {
      const { label, formula, better } = RATES[name];
      const range = rangeOf(RATES[name].range);
      return [`\`${name}\``, label, `\`${formula}\``, range, GOOD[better], needsOf(name)];
    }),
  );

const gaps = (
  definitions: Readonly<Record<string, GapDefinition>>,
  between: "groups" | "classes",
): string[] =>
  table(
    ["name", "gap", "formula", "range", "fair", "good", "undefined when"],
    Object.entries(definitions).map(([name, gap]) => [
      `\`${name}\``,
      gap.label,
      `\`${gap.formula}\``,
      rangeOf(gap.range),
      gap.fairValue === null ? "none" : String(gap.fairValue),
      GOOD[gap.better],
      gap.undefinedWhen.replace("groups", between),
    ]),
  );

const scores = (): string[] =>
  table(
    ["name", "metric", "formula", "range", "good", "undefined when", "several classes"],
    SCORE_NAMES.map((name) => {
      const { label, formula, range, better, undefinedWhen, overClasses } = SCORE_RATES[name];
      const several = { mean: "mean over classes", own: "over all", none: "each class alone" };
      return [
        `\`${name}\``,
        label,
        `\`${formula.replaceAll("|", "\\|")}\``,
        rangeOf(range),
        GOOD[better],
        undefinedWhen,
        several[overClasses],
      ];
    }),
  );

const compat = (): string[] =>
  table(
    ["name", "what it is", "formula", "not", "correct metric", "undefined when"],
    Object.entries(COMPAT).map(([name, of]) => [
      `\`${name}\``,
      of.label,
      `\`${of.formula}\``,
      of.isNot,
      `\`${of.correct}\``,
      of.undefinedWhen,
    ]),
  );

const retrieval = (): string[] =>
  table(
    ["name", "metric", "formula", "range", "fair", "good", "undefined when", "source"],
    Object.entries(RETRIEVAL).map(([name, of]) => [
      `\`${name}\``,
      of.label,
      `\`${of.formula}\``,
      rangeOf(of.range),
      String(of.fairValue),
      GOOD[of.better],
      of.undefinedWhen,
      of.source,
    ]),
  );

const PROBES = [
  "## What embeddings tell of an attribute",
  "",
  "Of embeddings and not of predictions: whether a classifier that is fitted on some rows (a probe) tells an attribute of",
  "others. Leakage is that of an attribute that should be gone, utility that of one that should be left.",
  "",
  ...table(
    ["name", "metric", "formula", "range", "good", "undefined when", "source"],
    Object.entries(PROBE_METRICS).map(([name, of]) => [
      `\`${name}\``,
      of.label,
      of.formula,
      rangeOf(of.range),
      GOOD[of.better],
      of.undefinedWhen,
      of.source,
    ]),
  ),
  "",
  "Folds are stratified by class and keep near-duplicates together, columns are standardised on the training rows of each",
  "fold, and in the logistic regression all classes weigh the same (the penalty is |W|²/(2C) with C 0.1). The answers of",
  "all folds are pooled: the recall of a class has Wilson's interval, and their mean MOVER's of independent shares",
  "(near-duplicates count for as many rows as they are worth). It takes the fitted probes as given: other training rows",
  "would have given others.",
  "",
  "A probe at chance does not show that nothing is left, only that probes of its kind find nothing. LEACE brings class means",
  "together and leaves covariances as they are, which the quadratic probe reads. Scaling rows to unit length can bring",
  "back what was taken out, so measure what is used. On the rows that an eraser was fitted on, a linear probe scores",
  "below chance: where all class means coincide, those of the training folds point away from those of the held-out one.",
  "",
];

const REFERENCE = [
  "## Against a reference group",
  "",
  "With a reference group, `reference` compares every rate of every other group with that group's, and of all other",
  "groups together (`others`, AIF360's unprivileged group): the difference, group minus reference, and the ratio, group",
  "over reference. `averageOdds` is the mean of the differences of TPR and FPR (AIF360's",
  "`average_odds_difference`), `averageAbsoluteOdds` that of their sizes. Unlike gaps these have a sign, and a",
  "ratio may exceed 1. Groups share no row, so their intervals combine: Newcombe's hybrid score interval for the",
  "difference of two shares (MOVER; Zou and Donner 2008), MOVER-R for ratios (Donner and Zou 2012).",
  "",
  "AIF360's `error_rate_difference` is the accuracy difference with the other sign. fairlearn's `to_overall`",
  "difference is the largest distance of a group's rate from `overall`; where a group has rows but none in the",
  "denominator of a rate, fairlearn counts the rate as 0 and it enters that maximum, while here it is undefined.",
  "",
];

const SCORES = [
  "## Scores",
  "",
  "Where a model gives scores, and not only classes: how well they rank, and what they are worth as probabilities. They",
  "stand in `scores` of a group. s is the score of the positive class (with more classes, of each against the rest), y is",
  "1 for a positive row and 0 for another. Rows without a score are left out of these metrics alone, and a note says how",
  "many. Where any score lies outside [0, 1], none is a probability. When all that is known of several classes is one score",
  "a row, it is that of the predicted class, and `eceConfidence` is all there is.",
  "",
  ...scores(),
  "",
  "Definitions are those of scikit-learn (ties count half in the AUC, weights count everywhere); a bin is (lower, upper],",
  "and 0 is in the first.",
  "",
  "Intervals take their standard error from the bootstrap of rows, or of whole clusters, on the logit scale (log loss: on",
  "the log scale; bias: as it is), for percentiles miss the truth where a metric is near its limit. Where resamples do not",
  "vary, as when a few rows are ranked perfectly, the interval is Wilson's for as many rows. A large table gets fewer",
  "resamples than asked for, at least 200: `uncertainty.scoreReplicates` says how many.",
  "",
  "A calibration error is a sum of sizes, so chance alone raises it: small groups look miscalibrated, and resamples more so.",
  "Its interval begins at the least true error that would often enough look as large as the measured one, which is",
  "0 where the scores may well be calibrated.",
  "",
  "### Gaps in scores",
  "",
  "In the fair models, groups are dealt out anew among rows of the same true class (`auc.gap`, `brier.gap`: do scores tell",
  "the classes apart as well in every group?), or among rows of about the same score (the others: does a score mean the same",
  "in every group?). Every group keeps its number of rows of each kind.",
  "",
  ...gaps(SCORE_GAPS, "groups"),
  "",
];

/** The whole page. */
export const metricsPage = (): string =>
  [
    "# Metrics",
    "",
    "Made from the tables in `src/eval/` by `npm run docs`; do not edit.",
    "",
    "TP, FP, TN and FN count rows (or sum their weights) of one group: of the positive class of a binary target, or of",
    "one class against the rest. `gap(m)` is the largest minus the smallest value of the rate m over the groups in",
    "which m is defined. What is undefined is `null` with a reason, never 0: a group without rows is not a fair group.",
    "",
    "## Rates of a group",
    "",
    "Shares of rows carry a Wilson interval; F1, FN/FP and balanced accuracy one that follows from those of shares; the",
    "Theil index and means over classes a percentile interval of the bootstrap.",
    "",
    ...rates(),
    "",
    "With more than two classes, accuracy and balanced accuracy (mean recall) are over all classes; every other rate",
    "of a group is the mean of the one-vs-rest rates over the classes where it is defined.",
    "",
    "## Gaps between groups",
    "",
    "Of a sensitive attribute (`race`) or of an intersection (`race*age_band`). Every gap comes with an interval",
    "([coverage.md](coverage.md)) and with `fair`: the mean and the 95% point of what a fair model of the same pooled rates",
    "and group sizes would show. Read the gap against those, not against 0: a maximum minus a minimum is above 0 by chance.",
    "",
    "`fair.pValue` is the chance that such a model is as unfair. It is that of the gap between rates in standard errors: in",
    "the gap itself a group of ten rows decides what chance may do, and would hide the gap between groups of thousands.",
    "`fair.pHolm` is corrected for all gaps of the report (Holm 1979).",
    "",
    ...gaps(GAPS, "groups"),
    "",
    "With more than two classes each gap is taken one-vs-rest and summarised twice: `eo.max.macro` is the mean over the",
    "classes where it is defined, `eo.max.worst` the worst of them. `accuracy.gap` and `worst_group.accuracy` need no",
    "positive class and keep their names.",
    "",
    "## Gaps between classes",
    "",
    "Between the classes of the target itself, each against the rest, whatever the sensitive attributes. They say whether",
    "one class is recognised worse than another, not whether one group of people is.",
    "",
    ...gaps(CLASS_GAPS, "classes"),
    "",
    ...SCORES,
    ...REFERENCE,
    "## Published formulas that are not what they are called",
    "",
    "Under names of their own, only on request (`compat`), so that numbers of a published study can be reproduced and",
    "shown beside the correct ones. Of the target's classes, each against the rest; M is the confusion matrix with true",
    "classes in rows, n its row sums, K the number of classes.",
    "",
    ...compat(),
    "",
    "## Who is found first",
    "",
    "Of rows ranked by their similarity to a query, highest first: p_g is the share of group g among the first k, q_g its",
    "share of all ranked rows (the prior), KL@i is KL@k of the first i rows and N the number of rows. Equal similarities",
    "are ranked in the order of the table, and `tied` counts the rows that only this leaves out of the first k.",
    "",
    ...retrieval(),
    "",
    "`fair` is what random rankings of the same rows show, with the share of them that are at least as unfair: a ranking",
    "that ignores the group has a largest skew and a divergence above 0 too, the more so the smaller k is and the more",
    "groups there are. A group's share of the first k has the exact hypergeometric band and p-value of such rankings.",
    "`pHolm` is corrected for every query, attribute, group and k of the report.",
    "",
    "Intervals come from resampled rows, ranked as they were: percentiles for skews; for divergences percentiles less",
    "the bootstrap's own bias, since every resample is more uneven than the rows it is drawn from. They are intervals of",
    "what so many rows show on average, and not of a ranking without end, so read a value against `fair` and not",
    "against 0. In simulations (250 and 2,000 rows, two and five groups, skewed and not, k from 10 to 100) 95% intervals",
    "covered that average in 92% to 100% of the cases for skews and KL, in 86% to 99% for NDKL.",
    "",
    ...PROBES,
  ].join("\n");
