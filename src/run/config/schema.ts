/** @file The schema of an experiment's config: every key, its range, its default and what it is for. */
import { z } from "zod";

const fraction = z.number().min(0).max(1);
/** Of a running average: 1 would never see anything new. */
const decay = z.number().min(0).lt(1);
const positive = z.number().positive();
const count = z.int().positive();
const name = z.string().min(1);

/** What every data source is asked for besides where it lies. */
const common = {
  target: name.describe("attribute that is predicted"),
  classes: z
    .array(name)
    .min(2)
    .optional()
    .describe(
      "labels of the target, in order; by default those found, sorted. Rows with another label are an error",
    ),
  exclude: z.array(name).default([]).describe("labels of the target whose rows are left out"),
  positive: name
    .optional()
    .describe(
      "label counted as positive for TPR, FPR and selection rate; by default the last of two classes",
    ),
  sensitive: z.array(name).min(1).describe("attributes over whose groups fairness is measured"),
  intersections: z
    .array(z.array(name).min(2))
    .default([])
    .describe("attributes whose combinations are groups too, such as [race, age_band]"),
  maxBad: fraction
    .default(0)
    .describe("share of unreadable images that a run may leave out, named in the report"),
  duplicates: z
    .enum(["near", "bytes", "ignore"])
    .default("near")
    .describe(
      "which copies must stay on one side of a split: near-duplicates by dHash, equal bytes, or none",
    ),
};

const data = z.discriminatedUnion("source", [
  z.strictObject({
    source: z.literal("synthetic"),
    count: count.default(2000).describe("faces to draw"),
    size: z.int().min(32).max(512).default(64).describe("side of an image in pixels"),
    bias: z
      .number()
      .min(0)
      .max(1)
      .default(0.8)
      .describe(
        "correlation of style and tone planted in the train split: 0 none, 1 fully determined",
      ),
    faint: z
      .number()
      .min(0)
      .max(0.9)
      .default(0)
      .describe("how much weaker the cues of style are drawn in the last tones: 0 equal"),
    folder: name.default("data/synthetic").describe("where the drawn faces are kept"),
    ...common,
    target: common.target.default("style"),
    sensitive: common.sensitive.default(["tone"]),
  }),
  z.strictObject({
    source: z.literal("utkface"),
    path: name.describe("folder of UTKFace files"),
    ageBands: z
      .array(z.int().min(0).max(120))
      .min(1)
      .default([0, 18, 35, 60])
      .describe("lowest age of each band of the attribute age_band"),
    ...common,
    target: common.target.default("gender"),
    sensitive: common.sensitive.default(["race", "age_band"]),
  }),
  z.strictObject({
    source: z.literal("csv"),
    path: name.describe("CSV or TSV file, one image a row; image paths are relative to it"),
    image: name.default("image").describe("column with the image path"),
    attributes: z
      .array(name)
      .optional()
      .describe("columns read as categories; by default target and sensitive"),
    numbers: z.array(name).default([]).describe("columns read as numbers"),
    splitColumn: name.optional().describe("column with train, validation or test"),
    clusterColumn: name
      .optional()
      .describe("column that names near-duplicates or persons: never cut by a split"),
    weightColumn: name.optional().describe("column with row weights"),
    ...common,
  }),
  z.strictObject({
    source: z.literal("folders"),
    path: name.describe("folder with one sub-folder of images per label of the target"),
    ...common,
    sensitive: common.sensitive.optional().describe("by default the target itself"),
  }),
]);

const share = z.number().min(0).describe("shares that sum to 1, or numbers of rows");
const split = z.strictObject({
  train: share.default(0.6),
  validation: share.default(0.15),
  test: share.default(0.25),
  by: z
    .array(name)
    .optional()
    .describe("attributes stratified on; by default target and sensitive"),
  fold: z
    .strictObject({ k: z.int().min(2), index: z.int().min(0).default(0) })
    .optional()
    .describe("k-fold: fold `index` is test, the rest is divided by train : validation"),
  sample: z
    .strictObject({
      by: name.describe("attribute whose labels get equal numbers"),
      train: count.optional().describe("rows per label"),
      validation: count.optional().describe("rows per label"),
    })
    .optional()
    .describe("fixed numbers of rows per label, drawn after the split"),
});

const maxCopies = z
  .number()
  .min(0)
  .default(1)
  .describe("augmented copies allowed of each original row");
const tolerances = z
  .array(z.number().min(0))
  .default([])
  .describe("rows by which the labels of each attribute may stay apart");
const balance = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("none") }),
  z.strictObject({
    method: z.literal("priority"),
    attributes: z
      .array(name)
      .min(1)
      .default(["race", "gender", "age_band"])
      .describe("levelled in this order, each within those before it"),
    maxCopies,
    tolerances,
  }),
  z.strictObject({
    method: z.literal("age-first"),
    attributes: z
      .array(name)
      .min(2)
      .default(["age", "gender", "race"])
      .describe("the number that is levelled, then the attributes whose cells give and take"),
    maxCopies,
  }),
  z.strictObject({
    method: z.literal("undersample-only"),
    attributes: z.array(name).min(1).default(["race", "gender"]),
    tolerances,
  }),
]);

const augment = z.strictObject({
  flip: fraction.default(0).describe("probability of a horizontal flip"),
  rotate: z.number().min(0).max(180).default(0).describe("largest rotation, degrees"),
  crop: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe("largest share of the side that a crop leaves out"),
  blur: z.number().min(0).default(0).describe("largest sigma of the gaussian blur, pixels"),
  noise: fraction.default(0).describe("largest scale of the gaussian noise, share of 255"),
  shift: fraction.default(0).describe("largest shift, share of width and height"),
  brightness: fraction.default(0).describe("largest change of brightness, share of 255"),
  contrast: fraction.default(0).describe("largest change of contrast, share"),
});

const blocks = z.int().min(0);
const tower = z.enum(["image", "text"]);
const trainable = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("full") }),
  z.strictObject({
    kind: z.literal("blocks"),
    image: blocks.describe("last blocks of the image tower"),
    text: blocks.describe("last blocks of the text tower"),
  }),
  z.strictObject({ kind: z.literal("head") }),
  z.strictObject({
    kind: z.literal("lora"),
    rank: count.default(8),
    alpha: positive.default(16),
    modules: z
      .array(z.enum(["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]))
      .min(1)
      .default(["q_proj", "v_proj"]),
    towers: z.array(tower).min(1).default(["image", "text"]),
  }),
  z.strictObject({ kind: z.literal("probe") }),
]);

const model = z.strictObject({
  from: name.describe(
    "preset:NAME, a local Hugging Face folder, or a Hub id such as openai/clip-vit-base-patch32",
  ),
  revision: name.default("main").describe("branch, tag or commit on the Hub"),
  trainable: trainable.default({ kind: "full" }).describe("what training changes"),
});

const prompts = z
  .record(name, z.union([name, z.array(name).min(1)]))
  .describe("one or more texts per class; several are averaged. Default: `a photo of a {class}.`");

const optimizer = z.discriminatedUnion("name", [
  z.strictObject({
    name: z.literal("adamw"),
    beta1: decay.default(0.9),
    beta2: decay.default(0.98),
    eps: positive.default(1e-6),
    weightDecay: z.number().min(0).default(0.2),
  }),
  z.strictObject({
    name: z.literal("adam"),
    beta1: decay.default(0.9),
    beta2: decay.default(0.999),
    eps: positive.default(1e-8),
    weightDecay: z.number().min(0).default(0),
  }),
  z.strictObject({
    name: z.literal("sgd"),
    momentum: fraction.default(0.9),
    nesterov: z.boolean().default(false),
    weightDecay: z.number().min(0).default(0),
  }),
]);

const train = z
  .strictObject({
    objective: z
      .enum(["prompt-cross-entropy", "contrastive", "contrastive-plain"])
      .default("prompt-cross-entropy")
      .describe(
        "cross-entropy over the class prompts; CLIP's contrastive loss with equal captions as positives; " +
          "or (compat) the plain one, where only a row's own copy is right. Equal captions have equal embeddings, so the two " +
          "give the same gradients unless rows are weighed",
      ),
    caption: name
      .optional()
      .describe(
        "contrastive only: caption of a row, with labels in braces, such as `a photo of a {race} {gender} person.`; default: `a photo of a {target}.`",
      ),
    epochs: count.default(10),
    batchSize: count.default(64),
    accumulate: count.default(1).describe("batches whose gradients are summed before a step"),
    lr: positive.default(5e-5).describe("peak learning rate"),
    schedule: z.enum(["cosine", "linear", "constant"]).default("cosine"),
    warmupSteps: z.int().min(0).default(0),
    optimizer: optimizer.prefault({ name: "adamw" }),
    clipNorm: positive.nullable().default(1).describe("largest global gradient norm, or null"),
    maxLogitScale: positive.nullable().default(100).describe("cap of exp(logit_scale), or null"),
    sampling: z
      .enum(["shuffle", "group-balanced"])
      .default("shuffle")
      .describe(
        "order of rows: every row once an epoch, or groups of target x sensitive drawn equally often",
      ),
    reweight: z
      .enum(["none", "cells", "reweighing"])
      .default("none")
      .describe(
        "row weights: equal total per target x sensitive cell, or Kamiran and Calders' reweighing",
      ),
    ema: decay
      .nullable()
      .default(null)
      .describe("decay of averaged weights that are validated and kept, or null"),
    patience: count
      .nullable()
      .default(null)
      .describe("stop after so many epochs without a better one, or null"),
    saveSteps: count.default(500).describe("steps between checkpoints inside an epoch"),
  })
  .refine(({ sampling, reweight }) => sampling === "shuffle" || reweight === "none", {
    path: ["reweight"],
    error:
      "expected none with train.sampling group-balanced: both level the same cells, and would overshoot",
  });

const constraint = z.strictObject({
  metric: name
    .default("eo.max")
    .describe("a gap metric, or class.tpr_gap / class.fpr_gap between the target's classes"),
  attribute: name
    .optional()
    .describe("sensitive attribute or intersection (a*b); none for class gaps"),
  limit: z.number().min(0).default(0.1),
  bound: z
    .enum(["point", "upper"])
    .default("point")
    .describe("the value itself, or the upper end of its interval"),
});

const select = z.strictObject({
  objective: z
    .enum(["loss", "accuracy", "balanced_accuracy", "worst_group.accuracy"])
    .default("loss")
    .describe("what the kept epoch is best in, among those that meet every constraint"),
  constraints: z
    .array(constraint)
    .optional()
    .describe("default: eo.max <= 0.10 over each sensitive attribute"),
  required: z.boolean().default(false).describe("exit with code 3 when no epoch is feasible"),
});

const debias = z.strictObject({
  methods: z
    .array(z.enum(["leace", "mean-difference", "pca-class", "pca-pair"]))
    .default(["leace", "mean-difference", "pca-class", "pca-pair"]),
  attribute: name
    .optional()
    .describe("attribute removed from the embeddings; default: the first sensitive one"),
  alpha: z
    .array(z.number().min(0).max(2))
    .min(1)
    .default([0.25, 0.5, 0.75, 1])
    .describe(
      "shares of the projection that are tried on validation: 0 nothing, 1 all, 2 reflection",
    ),
  maxAccuracyDrop: fraction
    .default(0.02)
    .describe("accuracy on validation that may be given up: one more constraint on what is chosen"),
  components: z
    .array(count)
    .min(1)
    .default([1, 2, 4])
    .describe("numbers of PCA components tried on validation"),
});

const evaluate = z.strictObject({
  bootstrap: count.default(10_000).describe("replicates of each interval"),
  level: z.number().gt(0).lt(1).default(0.95).describe("coverage of the intervals"),
  minSupport: z
    .int()
    .min(0)
    .default(20)
    .describe("rows in a denominator below which a rate is called small"),
  batchSize: count.default(128),
});

const report = z.strictObject({
  thumbnails: z
    .boolean()
    .default(false)
    .describe(
      "put small pictures of misclassified faces into the report: only for data you may show",
    ),
});

/** One experiment. Unknown keys are errors. */
export const ConfigSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, { error: "expected letters, digits, dot, dash or underscore" })
    .describe("name of the run; its folder is checkpoints/NAME"),
  seed: z
    .int()
    .min(0)
    .default(0)
    .describe("of every random choice: split, balance, weights, order, augmentation"),
  engine: z
    .enum(["onnx", "reference"])
    .default("onnx")
    .describe("onnxruntime on the CPU, or the slow float64 interpreter"),
  threads: count.optional().describe("threads of the engine; by default one per core"),
  data,
  split: split.prefault({}),
  balance: balance.prefault({ method: "none" }),
  augment: augment.prefault({}),
  model,
  prompts: prompts.optional(),
  train: train.prefault({}),
  select: select.prefault({}),
  debias: debias.prefault({}),
  evaluate: evaluate.prefault({}),
  report: report.prefault({}),
});
export type Config = z.infer<typeof ConfigSchema>;
