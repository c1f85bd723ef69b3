/** @file The numbers of a report: rates, gaps, estimates, each with what it rests on and how sure it is. */
import { z } from "zod";
import { RATE_NAMES, type RateName } from "../metrics/rates.ts";
import { SCORE_NAMES } from "../metrics/scores.ts";

export const interval = z
  .tuple([z.number(), z.number()])
  .nullable()
  .describe("Lower and upper end at the report's level; null when there is none.");
export const reason = z.string().optional().describe("Why the value is null.");
export const note = z
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

/** A difference or ratio of two groups' rates. */
export const Estimate = z
  .object({ value: z.number().nullable(), interval, reason, note })
  .meta({ id: "Estimate" });
export type Estimate = z.infer<typeof Estimate>;
