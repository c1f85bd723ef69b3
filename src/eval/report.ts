/** @file The machine form of a report: zod schema and types. Its JSON Schema is `docs/report.schema.json`. */
import { z } from "zod";
import { Reference } from "./report/reference.ts";
import { Slices } from "./report/slices.ts";
import { RowsFile, Source } from "./report/source.ts";
import { Gap, Group, interval } from "./report/values.ts";

export const REPORT_SCHEMA = "equiclip.report/1";

const Gaps = z.record(z.string(), Gap);

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
