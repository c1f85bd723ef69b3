/** @file The machine form of a retrieval report: zod schema and types. */
import { z } from "zod";
import { Estimate } from "../report/values.ts";
import { Source } from "../report/source.ts";

export const RETRIEVAL_SCHEMA = "equiclip.retrieval/1";

const pHolm = z
  .number()
  .optional()
  .describe("Corrected for all of the report: every query, attribute and k (Holm 1979).");

/** One metric over the groups of an attribute. Null, with a `reason`, never 0, when undefined. */
export const RetrievalMetric = Estimate.extend({
  groups: z.array(z.string()).describe("Of the largest or smallest skew: the group that has it."),
  fair: z
    .object({
      expected: z.number().nullable().describe("Their mean; null for minus infinity."),
      p95: z
        .number()
        .nullable()
        .describe("95% of them do not go beyond it towards unfairness; null for minus infinity."),
      pValue: z.number().describe("The share of them at least as unfair as this one."),
      pHolm,
    })
    .nullable()
    .describe("What rankings of the same rows that ignore the group would show."),
}).meta({ id: "RetrievalMetric" });
export type RetrievalMetric = z.infer<typeof RetrievalMetric>;

/** A group among the first k rows. */
export const TopShare = z
  .object({
    rows: z.number().int(),
    share: z.number(),
    skew: Estimate.describe("`skew@k`: ln(share/prior)."),
    chance: z
      .object({
        low: z.number(),
        high: z.number(),
        pValue: z.number().describe("Two-sided and exact: of a number of rows no more likely."),
        pHolm,
      })
      .describe(
        "Between which shares a ranking that ignores the group lies, at the report's level.",
      ),
  })
  .meta({ id: "TopShare" });
export type TopShare = z.infer<typeof TopShare>;

const curve = z
  .object({
    k: z.array(z.number().int()),
    groups: z.record(
      z.string(),
      z.object({
        share: z.array(z.number()),
        low: z.array(z.number()),
        high: z.array(z.number()),
      }),
    ),
  })
  .describe("Shares of the first k with those of `chance`, at k spread over the whole ranking.");

/** How the groups of one attribute (or intersection) lie in one ranking. */
export const RetrievalAttribute = z
  .object({
    rows: z.number().int().describe("Ranked: those with a similarity and a value."),
    missing: z.number().int().describe("Rows with a similarity but no value, left out here only."),
    replicates: z
      .object({
        top: z.int().describe("Of everything at k."),
        whole: z.int().describe("Of metrics of the whole ranking."),
      })
      .describe("Of the bootstrap and of the random rankings; fewer for very many rows."),
    groups: z.record(
      z.string(),
      z.object({
        rows: z.number().int(),
        prior: z.number().describe("Share of all ranked rows."),
        note: z.string().optional(),
        top: z.record(z.string(), TopShare).describe("By k."),
      }),
    ),
    tied: z
      .record(z.string(), z.number().int())
      .describe(
        "By k: rows left out of the first k though as similar as the last of them; the order of the table decides.",
      ),
    metrics: z
      .record(z.string(), RetrievalMetric)
      .describe("`max_skew@10`, ..., for every k, and `ndkl`."),
    curve,
  })
  .meta({ id: "RetrievalAttribute" });
export type RetrievalAttribute = z.infer<typeof RetrievalAttribute>;

export const RetrievalReport = z
  .object({
    schema: z.literal(RETRIEVAL_SCHEMA),
    n: z.number().int().describe("Rows."),
    ks: z.array(z.int()).min(1).describe("Ascending."),
    uncertainty: z.object({
      level: z.number(),
      replicates: z.number().int().describe("Asked for."),
      seed: z.union([z.number(), z.string()]),
      minSupport: z.number().int().describe("Groups with fewer rows carry a note."),
    }),
    queries: z.record(
      z.string(),
      z.object({
        missing: z.number().int().describe("Rows without a similarity to this query."),
        first: z
          .array(z.string())
          .optional()
          .describe("Names of the first rows, where rows have some."),
        attributes: z.record(z.string(), RetrievalAttribute),
      }),
    ),
    source: Source.omit({ threshold: true }).optional(),
  })
  .meta({ id: "RetrievalReport" });
export type RetrievalReport = z.infer<typeof RetrievalReport>;
