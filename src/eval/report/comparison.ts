/** @file Two models that judged the same rows: before, after, and what changed. */
import { z } from "zod";
import { Report } from "../report.ts";
import { interval, note, reason } from "./values.ts";

export const COMPARISON_SCHEMA = "equiclip.comparison/1";

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

/** What a linear probe tells of an attribute from embeddings: held-out rows of a cross-validation. */
export const Leakage = z
  .object({
    value: z.number().nullable().describe("Balanced accuracy."),
    interval,
    chance: z.number().nullable().describe("What a probe that reads nothing shows."),
    reason,
    note,
  })
  .meta({ id: "Leakage" });
export type Leakage = z.infer<typeof Leakage>;

const Leakages = z.record(z.string(), Leakage);

export const Comparison = z
  .object({
    schema: z.literal(COMPARISON_SCHEMA),
    before: Report,
    after: z.record(z.string(), Report).describe("By method: leace, mean-difference, ..."),
    change: z.record(z.string(), ChangeReport).describe("By the same methods; paired intervals."),
    leakage: z
      .object({ before: Leakages, after: z.record(z.string(), Leakages) })
      .optional()
      .describe(
        "Of a run, by removed attribute: what embeddings of these rows still tell of it. After: of the methods that change embeddings of images.",
      ),
  })
  .meta({ id: "Comparison" });
export type Comparison = z.infer<typeof Comparison>;
