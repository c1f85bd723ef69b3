/** @file The machine form of a comparison: methods x tasks x seeds on the same splits. Zod schema and types. */
import { z } from "zod";
import { Change } from "../eval/report/comparison.ts";
import { Estimate, interval, note, reason } from "../eval/report/values.ts";

const COMPARE_SCHEMA = "equiclip.compare/1";

/** What methods are compared with: the embeddings as they are, and a logistic head fitted on them. */
export const BASE = "base";
/** What methods on the side of the texts are compared with: the class whose prompt is nearest. */
export const PROTOTYPE = "prototype";
export const isBaseline = (method: string): boolean => method === BASE || method === PROTOTYPE;

/** What is measured of all test rows. */
export const OVERALL_METRICS = ["accuracy", "balanced_accuracy"] as const;
/** What is measured between the groups of each attribute; of several classes, of the worst of them against the rest. */
export const ATTRIBUTE_METRICS = [
  "worst_group.accuracy",
  "eo.max",
  "eo.sum",
  "eopp",
  "di",
  "max_skew",
] as const;
const METRICS = [...OVERALL_METRICS, ...ATTRIBUTE_METRICS] as const;
export type CompareMetric = (typeof METRICS)[number];

/** Which way is better. */
export const BETTER: { readonly [M in CompareMetric]: "higher" | "lower" } = {
  accuracy: "higher",
  balanced_accuracy: "higher",
  "worst_group.accuracy": "higher",
  "eo.max": "lower",
  "eo.sum": "lower",
  eopp: "lower",
  di: "higher",
  max_skew: "lower",
};

const byMetric = <M extends readonly string[], V extends z.ZodType>(metrics: M, value: V) =>
  z.record(z.enum(metrics), value);

/** The same form for values and for changes: of all rows, and by attribute. */
const numbers = <V extends z.ZodType>(value: V) =>
  z.object({
    overall: byMetric(OVERALL_METRICS, value),
    attributes: z
      .record(z.string(), byMetric(ATTRIBUTE_METRICS, value))
      .describe("By attribute or intersection (`race*age_band`)."),
  });

/** One number on the test rows of one seed. Null, with a `reason`, never 0, when undefined. */
const Measured = Estimate.extend({
  numerator: z.number().optional().describe("Of a share of rows, such as the accuracy."),
  denominator: z.number().optional(),
  groups: z
    .array(z.string())
    .optional()
    .describe("The groups that make a gap, lowest rate first; of `max_skew` the one group."),
  class: z.string().optional().describe("Several classes: the one that makes it."),
  fair: z
    .object({ expected: z.number(), pValue: z.number() })
    .nullable()
    .optional()
    .describe("What a fair model of the same rates and counts would show on average, and p."),
}).meta({ id: "CompareMeasured" });
export type Measured = z.infer<typeof Measured>;

/** How well a cross-validated probe tells an attribute from test rows' embeddings; chance is 1 / classes. */
const Probe = z
  .object({
    balancedAccuracy: z.number().nullable(),
    interval,
    chance: z.number().nullable(),
    n: z.int().describe("Rows."),
    reason,
    note,
  })
  .meta({ id: "CompareProbe" });
export type Probe = z.infer<typeof Probe>;

/** One setting of a method on the validation rows. */
const Trial = z
  .object({
    setting: z.record(z.string(), z.union([z.number(), z.string()])),
    objective: z.number().nullable(),
    accuracy: z.number().nullable(),
    checks: z
      .array(
        z.object({
          metric: z.string(),
          attribute: z.string().nullable().describe("Null for the accuracy and class gaps."),
          limit: z.number(),
          value: z.number().nullable(),
          violation: z.number().nullable().describe("Beyond the limit; 0 when it holds."),
          reason,
        }),
      )
      .describe("Every constraint; the last is the accuracy that must be kept."),
    feasible: z.boolean().describe("Every constraint holds."),
  })
  .meta({ id: "CompareTrial" });
export type Trial = z.infer<typeof Trial>;

const place = { task: z.string(), method: z.string(), seed: z.int() };

const DoneCell = z.object({
  ...place,
  status: z.literal("done"),
  chosen: z.int().describe("Index in `trials`: chosen on validation alone."),
  trials: z.array(Trial).min(1).describe("Every candidate, in the order that they were tried."),
  test: numbers(Measured),
  change: numbers(Change)
    .nullable()
    .describe(
      "Test minus that of the method's `baseline` with the same task and seed, paired: the same rows are resampled for both. Null for `base` itself.",
    ),
  leakage: z
    .record(z.string(), z.object({ linear: Probe, nonlinear: Probe.nullable() }))
    .nullable()
    .describe(
      "By concept, of the embeddings after the method; before it is the cell of `base`. Null where a method leaves the embeddings as they are.",
    ),
  utility: z
    .record(z.string(), Probe)
    .nullable()
    .describe("By attribute that should be left alone: a linear probe for it; null as leakage."),
  cost: z.object({
    fitSeconds: z.number().describe("Fitting all candidates."),
    microsecondsPerRow: z.number().describe("Of the chosen one, from embedding to decision."),
  }),
  notes: z.array(z.string()),
});

const NoCell = z.object({
  ...place,
  status: z.enum(["failed", "not-applicable"]),
  reason: z.string(),
});

/** What one method did with one task on the split of one seed. */
export const CompareCell = z
  .discriminatedUnion("status", [DoneCell, NoCell])
  .meta({ id: "CompareCell" });
export type CompareCell = z.infer<typeof CompareCell>;
export type DoneCell = z.infer<typeof DoneCell>;

const Task = z
  .object({
    id: z.string(),
    target: z.string(),
    classes: z.array(z.string()),
    positive: z.string().nullable().describe("Of a binary target, else null."),
    attributes: z.array(z.string()).describe("Measured: attributes and intersections."),
    concepts: z.array(z.string()).describe("Removed, together."),
    utility: z.array(z.string()).describe("Attributes that should be left alone."),
    k: z.int().describe("Of `max_skew`: the k test rows of highest positive score."),
    notes: z.array(z.string()).describe("What to know before reading its numbers."),
  })
  .meta({ id: "CompareTask" });

const Method = z
  .object({
    name: z.string(),
    summary: z.string(),
    caveat: z.string().nullable(),
    groupAtInference: z.boolean().describe("Must be told the group of a person."),
    baseline: z
      .enum([BASE, PROTOTYPE])
      .default(BASE)
      .describe("What its changes are against: what it starts from, undebiased."),
  })
  .meta({ id: "CompareMethod" });

export const CompareResult = z
  .object({
    schema: z.literal(COMPARE_SCHEMA),
    name: z.string(),
    source: z.object({
      embeddings: z.string().describe("File, or the run whose model made them."),
      data: z.string().describe("Where the labels are from."),
      rows: z.int(),
      d: z.int().describe("Numbers of an embedding."),
    }),
    level: z.number().describe("Coverage of every interval."),
    replicates: z.int().describe("Of the bootstrap."),
    seeds: z.array(z.int()),
    splits: z
      .array(
        z.object({
          seed: z.int(),
          train: z.int(),
          validation: z.int(),
          test: z.int(),
          problems: z.array(z.string()),
        }),
      )
      .describe("Rows of the one split of each seed, which all methods and tasks share."),
    tasks: z.array(Task),
    methods: z.array(Method).describe("`base` and `prototype` first, then as configured."),
    cells: z
      .array(CompareCell)
      .describe("By task, then method, then seed; none is missing when the comparison is whole."),
    notes: z.array(z.string()),
  })
  .meta({ id: "CompareResult" });
export type CompareResult = z.infer<typeof CompareResult>;
