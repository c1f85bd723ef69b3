/** @file The machine form of a study with what its runs come to: what `result.json` holds. */
import { z } from "zod";
import { interval, reason } from "../eval/report/values.ts";
import { StudyResult } from "./result.ts";
import type { StrategySummary } from "./summary.ts";

const named = { metric: z.string(), of: z.string().nullable() };

const OverSeeds = z.object({
  ...named,
  mean: z.number().nullable(),
  sd: z.number().nullable().describe("Over seeds (n - 1); null for fewer than two."),
  values: z.array(z.number()).describe("Of each seed that has it."),
  range: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe("From the lowest to the highest seed; of one seed the interval of its test rows."),
  reason,
});

const Change = z.object({
  ...named,
  mean: z.number(),
  interval,
  pValue: z.number().nullable().describe("Two-sided; null without an interval."),
  basis: z
    .enum(["splits", "rows"])
    .nullable()
    .describe("Of the interval: the seeds' random splits, or the test rows of one."),
});

export const StudyDocument = StudyResult.extend({
  summary: z.array(
    z.object({
      strategy: z.string(),
      compat: z.array(OverSeeds),
      corrected: z.array(OverSeeds),
      changes: z.array(Change).describe("Corrected minus compat, over the seeds that have both."),
      reproduction: z.object({
        verdict: z.enum([
          "reproduced",
          "not reproduced",
          "not comparable",
          "no rule",
          "nothing published",
        ]),
        text: z.string().describe("What was compared, or why nothing was."),
        difference: z
          .number()
          .nullable()
          .describe("Of the study's form over seeds minus the published value."),
      }),
    }),
  ),
});
type StudyDocument = z.input<typeof StudyDocument>;

/** @param strategies what the result comes to */
export const studyDocument = (
  result: StudyResult,
  strategies: readonly StrategySummary[],
): StudyDocument => ({
  ...result,
  summary: strategies.map(({ strategy, forms, changes, reproduction }) => ({
    strategy: strategy.key,
    compat: forms.compat.numbers.map(writable),
    corrected: forms.corrected.numbers.map(writable),
    changes: changes.map((change) => ({
      ...change,
      interval: change.interval && [...change.interval],
    })),
    reproduction,
  })),
});

const writable = ({
  range,
  values,
  ...rest
}: StrategySummary["forms"]["compat"]["numbers"][number]) => ({
  ...rest,
  values: [...values],
  range: range && ([...range] as [number, number]),
});
