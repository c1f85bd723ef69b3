/** @file The machine form of a study: every run with its numbers, and what corrections changed. Zod schema and types. */
import { z } from "zod";
import { interval, reason } from "../eval/report/values.ts";
import { FORMS } from "./strategies.ts";

const STUDY_SCHEMA = "equiclip.study/1";

const StudyNumber = z.object({
  metric: z.string(),
  of: z
    .string()
    .nullable()
    .describe(
      "A class (of recall), an attribute (of eo.max), `attribute=group` (of accuracy), or null.",
    ),
  value: z.number().nullable(),
  interval,
  reason,
});
export type StudyNumber = z.infer<typeof StudyNumber>;

const place = {
  strategy: z.string(),
  form: z.enum(FORMS).describe("compat: as the study did it; corrected: with its flaws mended."),
  seed: z.number().int(),
};

const DoneRun = z.object({
  ...place,
  status: z.literal("done"),
  folder: z.string().describe("Below the study's."),
  seconds: z.number(),
  epochs: z.number().int().nullable().describe("Null where nothing was trained."),
  trained: z.number().int().nullable().describe("Rows trained on."),
  n: z.number().int().describe("Test rows."),
  testShare: z.number().describe("Of the rows that are split, those of test."),
  classes: z.array(z.string()),
  confusion: z.array(z.array(z.number())),
  numbers: z.array(StudyNumber),
});
export type DoneRun = z.infer<typeof DoneRun>;

const UndoneRun = z.object({
  ...place,
  status: z.enum(["failed", "waiting"]),
  reason: z.string(),
});

const Correction = z.object({
  strategy: z.string(),
  seed: z.number().int(),
  rows: z.number().int().describe("Test rows that both forms predicted."),
  reason: z.string().optional().describe("Why there are no numbers."),
  numbers: z.array(StudyNumber).describe("Corrected minus compat on those rows, paired."),
});

export const StudyResult = z.object({
  schema: z.literal(STUDY_SCHEMA),
  study: z.literal("001"),
  data: z.object({
    source: z.string(),
    synthetic: z.boolean().describe("Drawn by the project, not photographs."),
    files: z.number().int().describe("Images in the folder."),
    scale: z.number().describe("Share of rows and of epochs that was run."),
  }),
  clip: z.object({
    from: z.string().nullable().describe("Null where no strategy takes a CLIP."),
    released: z.boolean().describe("The weights that the study took."),
  }),
  seeds: z.array(z.number().int()),
  uncertainty: z.object({ level: z.number(), replicates: z.number().int() }),
  strategies: z.array(z.string()),
  runs: z.array(z.discriminatedUnion("status", [DoneRun, UndoneRun])),
  corrections: z.array(Correction).describe("What mending the flaws changed, by seed."),
});
export type StudyResult = z.infer<typeof StudyResult>;
export type StudyRun = StudyResult["runs"][number];

/** A number of a run or of a change; undefined where it has none. */
export const numberIn = (
  numbers: readonly StudyNumber[],
  metric: string,
  of: string | null = null,
): StudyNumber | undefined =>
  numbers.find((number) => number.metric === metric && number.of === of);
