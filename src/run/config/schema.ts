/** @file The schema of an experiment's config: every key, its range, its default and what it is for. */
import { z } from "zod";
import { debias } from "./debias-section.ts";
import { augment, balance, data, split } from "./data-sections.ts";
import { DEFAULT_LIMIT_GB } from "../cache/folder.ts";
import { ENGINE_NAMES, PRECISIONS } from "./engine.ts";
import { count, name } from "./scalars.ts";
import { sweep } from "./sweep-section.ts";
import { model, promptSets, prompts, train } from "./train-sections.ts";

export const constraint = z.strictObject({
  metric: name
    .default("eo.max")
    .describe(
      "a gap metric, or class.tpr_gap / class.fpr_gap between the target's classes; (compat) compat.fpr_a, compat.fpr_b, compat.di",
    ),
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
    .enum(["loss", "accuracy", "balanced_accuracy", "worst_group.accuracy", "train_loss", "last"])
    .default("loss")
    .describe(
      "what the kept epoch is best in on validation, among those that meet every constraint; (compat) train_loss or last: the least training loss, the latest epoch",
    ),
  constraints: z
    .array(constraint)
    .optional()
    .describe(
      "default: eo.max <= 0.10 over each sensitive attribute; none with train_loss or last",
    ),
  stores: z
    .enum(["selected", "live"])
    .default("selected")
    .describe(
      "the weights of the selected epoch; or (compat) live: those of the last one under the name of the best",
    ),
  required: z.boolean().default(false).describe("exit with code 3 when no epoch is feasible"),
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
  compat: z
    .boolean()
    .default(false)
    .describe("also give formulas that studies publish under a metric's name"),
  excludedClasses: z
    .array(name)
    .default([])
    .describe("classes that the gaps between classes are also given without"),
});

const report = z.strictObject({
  thumbnails: z
    .boolean()
    .default(false)
    .describe(
      "put small pictures of misclassified faces into the report: only for data you may show",
    ),
});

const cache = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe("keep on disk what frozen parts of a model make of images, from run to run"),
  folder: name
    .optional()
    .describe("by default EQUICLIP_CACHE, else where the operating system keeps caches"),
  limit: z
    .number()
    .min(0)
    .default(DEFAULT_LIMIT_GB)
    .describe("gigabytes; what was not used for longest makes room"),
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
    .enum(["auto", ...ENGINE_NAMES])
    .default("auto")
    .describe(
      "what computes: `auto` takes the fastest that this machine has; `equiclip doctor` lists them",
    ),
  precision: z
    .enum(PRECISIONS)
    .default("float32")
    .describe(
      "what matrix products are computed in; weights and all else stay float32. float16 scales the loss",
    ),
  threads: count.optional().describe("threads of the engine; by default one per core"),
  data,
  split: split.prefault({}),
  balance: balance.prefault({ method: "none" }),
  augment: augment.prefault({}),
  model,
  prompts: prompts.optional(),
  promptSets,
  train: train.prefault({}),
  select: select.prefault({}),
  debias: debias.prefault({}),
  evaluate: evaluate.prefault({}),
  sweep: sweep.prefault({}).describe("of `equiclip sweep` alone"),
  report: report.prefault({}),
  cache: cache.prefault({}),
});
export type Config = z.infer<typeof ConfigSchema>;
