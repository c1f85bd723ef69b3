/** @file Where the rows of a report came from, and where they are. */
import { z } from "zod";

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
