/** @file The machine form of a gate's verdict: zod schema and types. */
import { z } from "zod";
import { Bound } from "./rules.ts";
import { VERDICTS } from "./verdict.ts";

export const GATE_SCHEMA = "equiclip.gate/1";

const verdict = z
  .enum(VERDICTS)
  .describe("INSUFFICIENT: the evidence allows neither PASS nor FAIL.");
const count = z.int().min(0);
const limit = z.number().nullable();

export const GateCheck = z.object({
  rule: count.describe("Which rule of the list, from 0."),
  name: z.string().nullable().describe("What the rule is called, if it is."),
  title: z.string().describe("What was judged, in words: `eo.max by race`."),
  metric: z.string(),
  attribute: z.string().nullable(),
  group: z.string().nullable(),
  class: z.string().nullable().describe("Multi-class: the class measured against the rest."),
  query: z.string().optional().describe("Of a retrieval report: whose ranking."),
  method: z.string().nullable().describe("Null for the model as trained."),
  of: z
    .enum(["value", "change"])
    .describe("What the limits are on; a change is since the baseline."),
  min: limit,
  max: limit,
  bound: Bound,
  value: z.number().nullable().describe("Of the metric, or of its change."),
  interval: z.tuple([z.number(), z.number()]).nullable(),
  baseline: z
    .object({
      value: z.number().nullable(),
      paired: z.boolean().describe("Whether the interval comes from the same rows, joined by id."),
      unpaired: z.string().nullable().describe("Why not."),
    })
    .nullable()
    .describe("Null when the limits are on the value."),
  support: z
    .object({
      rows: count,
      of: z.string().describe("The rate and group that rest on so few rows."),
      needed: count,
    })
    .nullable()
    .describe("The least of all that the value rests on."),
  verdict,
  reason: z.string().nullable().describe("Why not PASS, in one sentence."),
});
export type GateCheck = z.infer<typeof GateCheck>;

export const GateResult = z.object({
  schema: z.literal(GATE_SCHEMA),
  verdict: verdict.describe("FAIL if a check fails, else INSUFFICIENT if one is, else PASS."),
  rows: count.describe("Of the report."),
  level: z.number().describe("Of every interval."),
  counts: z.object({ PASS: count, FAIL: count, INSUFFICIENT: count }).describe("Checks."),
  checks: z.array(GateCheck).describe("In the order of the rules."),
});
export type GateResult = z.infer<typeof GateResult>;
