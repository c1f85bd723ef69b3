/** @file The schema of a comparison's config: every key, its range, its default and what it is for. */
import { z } from "zod";
import { ageBands } from "./data-sections.ts";
import { conceptTexts, EMBEDDING_METHODS, OTHER_METHODS } from "./debias-section.ts";
import { constraint } from "./schema.ts";
import { count, fraction, name, positive } from "./scalars.ts";
import { prompts } from "./train-sections.ts";

/** Methods that train a head by gradient descent. */
export const TRAINED_METHODS = [
  "erm-head",
  "mlp-head",
  "eo-penalty",
  "eo-penalty-mean",
  "eo-penalty-lse",
  "mlp-eo-penalty",
  "dp-penalty",
  "hsic",
  "adversary",
  "group-dro",
  "jtt",
  "balanced-sampling",
  "reweight",
  "mlp-reweight",
] as const;
export type TrainedMethod = (typeof TRAINED_METHODS)[number];

const normalise = z
  .boolean()
  .default(true)
  .describe("scale rows to unit length, before methods and after them");

const file = z.strictObject({
  file: name.describe("embeddings, a row each: .safetensors, .npy or .parquet"),
  tensor: name.optional().describe("the matrix of a safetensors file that holds several"),
  column: name.optional().describe("Parquet column of lists, or what numbered ones begin with"),
  id: name.optional().describe("Parquet column of row names"),
  names: z
    .strictObject({
      file: name.describe("table that names the rows, in their order"),
      column: name.default("id"),
    })
    .optional()
    .describe("where the rows' names are; by default in the file itself"),
  texts: name
    .optional()
    .describe(
      "embeddings of prompts by the same model, named by their texts, as `equiclip embed --texts` writes them; without it means of train rows stand in for prompts",
    ),
  normalise,
});
const model = z.strictObject({
  model: name.describe(
    "a run, a local Hugging Face folder or a Hub id: its towers embed the images of the data and the prompts",
  ),
  normalise,
});

const data = z.discriminatedUnion("source", [
  z.strictObject({
    source: z.literal("utkface"),
    path: name
      .optional()
      .describe("folder of UTKFace files; without it the names of the embeddings are read"),
    ageBands,
  }),
  z.strictObject({
    source: z.literal("csv"),
    path: name.describe("CSV or TSV file, one image a row"),
    image: name.default("image").describe("column with the image path, relative to the file"),
    id: name
      .optional()
      .describe("column with the names that the embeddings have; by default the image path"),
    attributes: z.array(name).min(1).describe("columns read as categories"),
    numbers: z.array(name).default([]).describe("columns read as numbers"),
    clusterColumn: name
      .optional()
      .describe("column that names near-duplicates or persons: never cut by a split"),
    weightColumn: name.optional().describe("column with row weights"),
  }),
]);

const clusters = z.strictObject({
  file: name.describe("CSV or TSV file"),
  id: name.default("file").describe("column with the names of the rows"),
  column: name.describe("column that names near-duplicates or persons; empty for none"),
});

export const derived = z.union([
  z.strictObject({
    name,
    from: name.describe("a number of the data, such as age"),
    bands: z
      .array(z.number())
      .min(1)
      .describe("lower ends: [0, 31] makes the labels 0-30 and 31+; rows below the first go"),
  }),
  z.strictObject({
    name,
    from: name.describe("an attribute of the data, such as race"),
    labels: z
      .record(name, z.union([z.array(name).min(1), z.literal("rest")]))
      .describe("new label to the old ones, or to the rest of them: {white: [white], other: rest}"),
  }),
]);

const split = z.strictObject({
  train: positive.default(0.6).describe("shares that sum to 1, or numbers of rows"),
  validation: positive.default(0.15),
  test: positive.default(0.25),
  by: z
    .array(name)
    .optional()
    .describe("attributes stratified on; by default every target and sensitive attribute"),
});

/** Part of a file's name. */
export const label = z
  .string()
  .regex(/^[\w.+-]+$/, { error: "expected letters, digits, dot, plus, dash or underscore" });

const task = z.strictObject({
  name: label.optional().describe("by default such as gender-without-race"),
  target: name.describe("attribute that is predicted"),
  positive: name
    .optional()
    .describe("label counted as positive; by default the last of two classes"),
  sensitive: z.array(name).min(1).describe("attributes over whose groups fairness is measured"),
  intersections: z
    .array(z.array(name).min(2))
    .default([])
    .describe("attributes whose combinations are groups too"),
  concepts: z
    .array(name)
    .min(1)
    .optional()
    .describe("attributes removed from the embeddings, together; by default the sensitive ones"),
  utility: z
    .array(name)
    .default([])
    .describe("attributes that should stay as easy to tell as they were"),
});

const as = label.optional().describe("what tables call it, where one method is tried twice");
const method = z.union([
  z.enum([...EMBEDDING_METHODS, ...OTHER_METHODS, ...TRAINED_METHODS]),
  z.strictObject({
    name: z.enum(EMBEDDING_METHODS),
    as,
    sides: z.enum(["image", "text", "both"]).optional().describe("embeddings that it changes"),
    classifier: z
      .enum(["head", "prompts"])
      .optional()
      .describe(
        "what reads the embeddings: a logistic head fitted on them, or the nearest class prompt; by default prompts for methods made of prompts, else a head",
      ),
    alpha: z
      .array(z.number().min(0).max(2))
      .min(1)
      .optional()
      .describe(
        "strengths to try; by default 1 with a head, which undoes smaller ones, and 0.25, 0.5, 0.75 and 1 with prompts",
      ),
    k: z
      .array(count)
      .min(1)
      .optional()
      .describe("numbers of directions to try beside the method's own; by default its grid"),
  }),
  z.strictObject({ name: z.enum([...OTHER_METHODS, ...TRAINED_METHODS]), as }),
]);

/** One comparison. Unknown keys are errors. */
export const CompareConfigSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, { error: "expected letters, digits, dot, dash or underscore" })
    .describe("name of the comparison; its folder is compare-NAME"),
  embeddings: z.union([file, model]),
  data,
  clusters: clusters.optional().describe("groups of rows that no split may cut"),
  attributes: z
    .array(derived)
    .default([])
    .describe("further attributes, made of those of the data"),
  split: split.prefault({}),
  seeds: z
    .union([count, z.array(z.int().min(0)).min(1)])
    .default(5)
    .describe("how many, counted from 0, or which; each has its own split"),
  tasks: z.array(task).min(1),
  methods: z.array(method).min(1).optional().describe("by default all there are"),
  prompts: z
    .strictObject({
      classes: prompts
        .optional()
        .describe(
          "one or more texts per class; several are averaged. Default: `a photo of a {class}.`",
        ),
      ...conceptTexts,
    })
    .prefault({})
    .describe("texts, for models with a text side"),
  head: z
    .strictObject({
      C: positive.default(1).describe("inverse strength of the L2 penalty, as in scikit-learn"),
    })
    .prefault({}),
  select: z
    .strictObject({
      objective: z
        .enum(["loss", "accuracy", "balanced_accuracy", "worst_group.accuracy"])
        .default("accuracy")
        .describe("what the chosen setting is best in, among those that meet every constraint"),
      constraints: z
        .array(constraint)
        .optional()
        .describe("on validation; default: eo.max <= 0.10 over each sensitive attribute of a task"),
      maxAccuracyDrop: fraction
        .default(0.02)
        .describe("accuracy on validation that may be given up: one more constraint"),
    })
    .prefault({}),
  evaluate: z
    .strictObject({
      bootstrap: count.default(10_000).describe("replicates of each interval"),
      level: z.number().gt(0).lt(1).default(0.95).describe("coverage of the intervals"),
      minSupport: z.int().min(0).default(20).describe("rows below which a rate is called small"),
    })
    .prefault({}),
  probes: z
    .strictObject({
      folds: z.int().min(2).default(5).describe("of the cross-validation on test rows"),
      nonlinear: z.boolean().default(true).describe("a small non-linear probe too"),
    })
    .prefault({}),
  skew: z
    .strictObject({ k: count.default(100).describe("rows looked at by max_skew") })
    .prefault({}),
  workers: count.optional().describe("processes; by default one a core"),
  threads: count.optional().describe("threads of the engine; by default one a worker"),
});
export type CompareConfig = z.infer<typeof CompareConfigSchema>;
