/** @file The machine form of a report: zod schema and types. Its JSON Schema is `docs/report.schema.json`. */
import { z } from "zod";
import { RATE_NAMES, type RateName } from "./metrics/rates.ts";
import { SCORE_NAMES } from "./metrics/scores.ts";

export const REPORT_SCHEMA = "equiclip.report/1";
export const COMPARISON_SCHEMA = "equiclip.comparison/1";

const interval = z
  .tuple([z.number(), z.number()])
  .nullable()
  .describe("Lower and upper end at the report's level; null when there is none.");
const reason = z.string().optional().describe("Why the value is null.");
const note = z
  .string()
  .optional()
  .describe("A caveat in words: small support, resamples left out.");

/** One rate of one group. `value` is null, with a `reason`, when its denominator is zero. */
export const Rate = z
  .object({
    value: z.number().nullable(),
    numerator: z
      .number()
      .nullable()
      .describe("Weighted rows; null for a compound of several shares or a mean over classes."),
    denominator: z.number().nullable(),
    interval: interval.describe(
      "Wilson for shares of rows and what follows from them; the bootstrap for means over classes and scores.",
    ),
    support: z
      .number()
      .int()
      .describe("Rows that it rests on, whatever their weight: those of its denominator."),
    reason,
    note,
  })
  .meta({ id: "Rate" });
export type Rate = z.infer<typeof Rate>;

const rateShape = Object.fromEntries(RATE_NAMES.map((name) => [name, Rate])) as Record<
  RateName,
  typeof Rate
>;

/**
 * Count (rows) and every rate of one group. Multi-class: accuracy and balanced accuracy (mean recall) are over all
 * classes, every other rate is the mean of the one-vs-rest rates over the classes where it is defined.
 */
export const Group = z
  .object({
    count: z.number().int(),
    note,
    ...rateShape,
    scores: z
      .partialRecord(z.enum(SCORE_NAMES), Rate)
      .optional()
      .describe(
        "Metrics of the scores, where there are any. Multi-class: means over the classes; `eceConfidence` is over all.",
      ),
  })
  .meta({ id: "Group" });
export type Group = z.infer<typeof Group>;

/** One gap between groups (or, in `classGaps`, between classes). Null, with a `reason`, never 0, when undefined. */
export const Gap = z
  .object({
    value: z.number().nullable(),
    groups: z.array(z.string()).describe("The groups that make it, lowest rate first."),
    rate: z
      .enum([...RATE_NAMES, ...SCORE_NAMES])
      .nullable()
      .describe("The rate in which they differ that much."),
    class: z.string().optional().describe("Of a `.worst` gap: the class that makes it."),
    interval,
    fair: z
      .object({
        expected: z.number(),
        p95: z.number(),
        pValue: z
          .number()
          .describe(
            "Chance that a fair model is as unfair; of gaps between rates in standard errors, so that small groups weigh little.",
          ),
        pHolm: z
          .number()
          .optional()
          .describe("Corrected for all gaps of this view of the report (Holm 1979)."),
      })
      .nullable()
      .describe(
        "What a fair model of the same pooled rates and counts would show: the mean, the value that 95% of such models " +
          "do not go beyond towards unfairness, and a p-value.",
      ),
    undefinedGroups: z
      .array(z.string())
      .describe("Groups left out because a rate is undefined there."),
    undefinedClasses: z
      .array(z.string())
      .optional()
      .describe(
        "Of a `.macro` or `.worst` gap: classes left out because it is undefined for them.",
      ),
    reason,
    note,
  })
  .meta({ id: "Gap" });
export type Gap = z.infer<typeof Gap>;

const Gaps = z.record(z.string(), Gap);

/** A difference or ratio of two groups' rates. */
export const Estimate = z
  .object({ value: z.number().nullable(), interval, reason, note })
  .meta({ id: "Estimate" });
export type Estimate = z.infer<typeof Estimate>;

/** One group's rates against the reference group's: `rate - reference`, `rate / reference`. */
export const Against = z
  .object({
    rates: z.record(z.enum(RATE_NAMES), z.object({ difference: Estimate, ratio: Estimate })),
    averageOdds: Estimate.describe(
      "Mean of the TPR and FPR differences, signed: AIF360's average odds difference.",
    ),
    averageAbsoluteOdds: Estimate.describe("Mean of their sizes, which has no interval."),
  })
  .meta({ id: "Against" });
export type Against = z.infer<typeof Against>;

/** Every group against one group. Intervals are MOVER's, for groups that share no row. */
export const Reference = z
  .object({
    group: z.string(),
    groups: z.record(z.string(), Against),
    others: Against.describe("All other groups together, as AIF360's unprivileged group."),
  })
  .meta({ id: "Reference" });
export type Reference = z.infer<typeof Reference>;

/** What a chart of one group's scores needs. */
export const Curves = z
  .object({
    roc: z
      .array(z.tuple([z.number(), z.number()]))
      .describe("FPR and TPR from (0, 0) to (1, 1), at most 200 points; empty when undefined."),
    calibration: z
      .array(
        z.object({
          meanScore: z.number(),
          meanOutcome: z.number(),
          interval,
          rows: z.number().int(),
        }),
      )
      .describe("Filled bins of equal width, in order; empty when scores are no probabilities."),
  })
  .meta({ id: "Curves" });
export type Curves = z.infer<typeof Curves>;

export const Attribute = z
  .object({
    missing: z.number().int().describe("Rows with no value for the attribute, left out here only."),
    groups: z.record(z.string(), Group),
    gaps: Gaps.describe(
      "By metric name; multi-class: `<metric>.macro` and `<metric>.worst` over classes.",
    ),
    reference: Reference.optional(),
    curves: z
      .record(z.string(), Curves)
      .optional()
      .describe("By group, where there are scores; binary targets only."),
  })
  .meta({ id: "Attribute" });
export type Attribute = z.infer<typeof Attribute>;

/** What is measured of one positive class. An attribute may be an intersection: `race*age_band`. */
const view = {
  overall: Group,
  attributes: z.record(z.string(), Attribute),
};
export const View = z.object(view).meta({ id: "View" });
export type View = z.infer<typeof View>;

const pairGap = z.object({
  gap: z.number().nullable(),
  privileged: z.string().nullable().describe("The class better off in this pair; null when equal."),
});

/** The study's own gaps: between the target's classes, one against the rest, not between sensitive groups. */
export const ClassGaps = z
  .object({
    gaps: Gaps.describe(
      "`class.tpr_gap`, `class.fpr_gap`, `class.di` (ratio of recalls) over all classes.",
    ),
    pairs: z.array(
      z.object({
        classes: z.tuple([z.string(), z.string()]),
        tpr: pairGap,
        fpr: pairGap,
        recallRatio: z.number().nullable(),
      }),
    ),
    excluding: z
      .object({ classes: z.array(z.string()), gaps: Gaps })
      .nullable()
      .describe("The same gaps with these classes left out."),
  })
  .meta({ id: "ClassGaps" });
export type ClassGaps = z.infer<typeof ClassGaps>;

/** Where rows were left out, and why. */
const LeftOut = z.object({
  column: z.string(),
  reason: z.string().describe("Such as `missing` or `split is not test`."),
  rows: z.number().int(),
  first: z.array(z.string()).describe("The first of them."),
});

/** What was read to make a report of a table of predictions. */
export const Source = z
  .object({
    file: z.string(),
    format: z.enum(["csv", "tsv", "jsonl", "parquet"]),
    rows: z.number().int().describe("Rows read, those left out too."),
    columns: z.record(z.string(), z.string()).describe("Role (truth, predicted, ...) to column."),
    threshold: z
      .object({
        value: z.number(),
        rule: z.string().describe("`given`, or what it is best for."),
        split: z.string().nullable().describe("Where it was chosen."),
        rows: z.number().int().describe("Rows it was chosen on."),
      })
      .nullable()
      .describe("Predicted positive from this score on; null when labels were read."),
    leftOut: z.array(LeftOut),
    noGroup: z
      .array(LeftOut)
      .describe("Rows without a value of an attribute, left out there only."),
  })
  .meta({ id: "Source" });
export type Source = z.infer<typeof Source>;

/** The rows behind a report, for paired comparisons with another. */
export const RowsFile = z
  .object({
    file: z.string().describe("A CSV beside the report: id, truth, predicted, attributes."),
    sha256: z.string(),
  })
  .meta({ id: "RowsFile" });
export type RowsFile = z.infer<typeof RowsFile>;

const where = z.record(z.string(), z.string()).describe("Attribute to value.");

/** One intersection of attribute values whose rate is worse than that of all other rows. */
export const Slice = z
  .object({
    where,
    class: z.string().optional().describe("Multi-class: the class measured against the rest."),
    rate: z.enum(RATE_NAMES),
    of: Rate,
    rest: Rate.describe("Of all other rows that have a value of the same attributes."),
    difference: z
      .object({ value: z.number(), interval: z.tuple([z.number(), z.number()]) })
      .describe(
        "Slice minus rest. The interval is wider than the report's level asks for, as the largest of many differences were " +
          "picked: of such intervals that share holds the truth (Benjamini and Yekutieli 2005).",
      ),
    pValue: z
      .number()
      .describe(
        "That chance alone makes it so much worse than the rest: Fisher's exact test, one-sided; with weights or clusters at " +
          "the effective numbers of rows.",
      ),
    pHolm: z.number().describe("Corrected for every slice and rate that was tested (Holm 1979)."),
    within: z
      .array(where)
      .describe("Wider slices found as well; this one is worse than what else there is of each."),
  })
  .meta({ id: "Slice" });
export type Slice = z.infer<typeof Slice>;

/**
 * The worst intersections of attribute values, found and not asked for. The chance that even one slice is listed that is
 * no worse than the rest is at most 1 - level.
 */
export const Slices = z
  .object({
    attributes: z.array(z.string()),
    depth: z.number().int().describe("Most attributes in one slice."),
    minSupport: z
      .number()
      .int()
      .describe("Fewest rows in a rate's denominator, in the slice and in the rest."),
    rates: z.array(z.enum(RATE_NAMES)),
    tested: z.number().int().describe("Slices and rates that had the support to be tested."),
    skipped: z.number().int().describe("Those that had too few rows, or none."),
    found: z
      .array(Slice)
      .describe(
        "Significant after correction, by how much worse they are at least: the end of the difference's interval nearer to 0.",
      ),
    unlisted: z.number().int().describe("Further ones, worse by less."),
    explained: z
      .number()
      .int()
      .describe(
        "Further ones that are significant only because they overlap with those: they are not worse outside of them, " +
          "nor worse than the rest of a wider one.",
      ),
  })
  .meta({ id: "Slices" });
export type Slices = z.infer<typeof Slices>;

/** Published formulas that are not the metric they are named after; never used for anything else. */
export const Compat = z
  .object({
    rates: z
      .record(z.string(), z.record(z.string(), z.number().nullable()))
      .describe("By name, then class."),
    pairs: z.array(
      z.object({
        classes: z.tuple([z.string(), z.string()]),
        values: z.record(z.string(), z.number().nullable()),
      }),
    ),
  })
  .meta({ id: "Compat" });
export type Compat = z.infer<typeof Compat>;

export const Report = z
  .object({
    schema: z.literal(REPORT_SCHEMA),
    n: z.number().int().describe("Rows."),
    classes: z.array(z.string()),
    positive: z.string().nullable().describe("The positive class of a binary target, else null."),
    confusion: z
      .array(z.array(z.number()))
      .describe("Weighted counts, rows true class, columns predicted, in the order of `classes`."),
    uncertainty: z.object({
      level: z.number(),
      replicates: z.number().int().describe("Of the bootstrap; 0 when there was none."),
      scoreReplicates: z
        .number()
        .int()
        .optional()
        .describe(
          "Of the row bootstrap of score metrics: fewer than `replicates` where the table is large.",
        ),
      seed: z.union([z.number(), z.string()]),
      gaps: z
        .enum(["contrast", "percentile"])
        .optional()
        .describe("How gaps got their intervals; see docs/coverage.md."),
      minSupport: z
        .number()
        .int()
        .describe(
          "Groups with fewer rows carry a note, as do rates of larger groups with fewer rows in their denominator.",
        ),
    }),
    ...view,
    perClass: z
      .record(z.string(), View)
      .describe(
        "Multi-class: each class against the rest, like a binary report. Empty when binary.",
      ),
    classGaps: ClassGaps,
    slices: Slices.optional(),
    compat: Compat.optional(),
    source: Source.optional().describe("Absent when a model was run to get the predictions."),
    rowsFile: RowsFile.optional(),
  })
  .meta({ id: "Report" });
export type Report = z.infer<typeof Report>;

/** `after - before` of one value. Paired: both models judged the same rows, which are resampled together. */
export const Change = z
  .object({
    value: z.number().nullable(),
    interval,
    verdict: z
      .enum(["better", "worse", "unclear", "undefined"])
      .describe("Unclear when the interval holds 0 or the rate has no good direction."),
    reason,
    note,
  })
  .meta({ id: "Change" });
export type Change = z.infer<typeof Change>;

const Changes = z.record(z.string(), Change);

/** The changes that one method made, by the same names as in a report. */
export const ChangeReport = z
  .object({
    overall: Changes,
    attributes: z.record(
      z.string(),
      z.object({ groups: z.record(z.string(), Changes), gaps: Changes }),
    ),
    classGaps: Changes,
  })
  .meta({ id: "ChangeReport" });
export type ChangeReport = z.infer<typeof ChangeReport>;

export const Comparison = z
  .object({
    schema: z.literal(COMPARISON_SCHEMA),
    before: Report,
    after: z.record(z.string(), Report).describe("By method: leace, mean-difference, ..."),
    change: z.record(z.string(), ChangeReport).describe("By the same methods; paired intervals."),
  })
  .meta({ id: "Comparison" });
export type Comparison = z.infer<typeof Comparison>;
