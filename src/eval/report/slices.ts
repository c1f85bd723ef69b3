/** @file The worst intersections that were found. */
import { z } from "zod";
import { RATE_NAMES } from "../metrics/rates.ts";
import { Rate } from "./values.ts";

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
