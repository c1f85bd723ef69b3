/** @file Config sections about the model: what it starts from, what trains, and how. */
import { z } from "zod";
import { cnnKeys } from "./cnn.ts";
import { fairness, robust } from "./fairness-sections.ts";
import { count, decay, fraction, name, positive } from "./scalars.ts";

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

export const model = z.strictObject({
  from: name.describe(
    "preset:NAME or cnn:NAME, a local folder, or a Hub id such as openai/clip-vit-base-patch32",
  ),
  revision: name.default("main").describe("branch, tag or commit on the Hub"),
  trainable: trainable.default({ kind: "full" }).describe("what training changes"),
  ...cnnKeys,
});

export const prompts = z
  .record(name, z.union([name, z.array(name).min(1)]))
  .describe("one or more texts per class; several are averaged. Default: `a photo of a {class}.`");

export const promptSets = z
  .record(
    z
      .string()
      .regex(/^[\w.+-]+$/, { error: "expected letters, digits, dot, plus, dash or underscore" }),
    z.strictObject({
      target: name.optional().describe("attribute that is told; default: data.target"),
      prompts,
      exclude: z
        .array(name)
        .default([])
        .describe("labels whose rows are not asked about, such as those that no text describes"),
      excludedClasses: z
        .array(name)
        .default([])
        .describe("classes that the gaps between classes are also given without"),
    }),
  )
  .default({})
  .describe(
    "other prompts for the same test images, by name: each set is measured as a classifier of its own, of the target or of another attribute",
  );

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

const CLASSIFYING = "prompt-cross-entropy";

export const train = z
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
    schedule: z
      .enum(["cosine", "linear", "constant", "one-cycle"])
      .default("cosine")
      .describe(
        "after the warm-up; one-cycle has its own: from lr / 25 up for 30% of the steps, then down to lr / 250,000, both along cosines",
      ),
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
    fairness: fairness
      .default([])
      .describe("penalties on the differences between groups within a batch"),
    robust: robust
      .prefault({ method: "none" })
      .describe(
        "what is trained for: the mean over rows, the worst groups (group DRO), or the rows that plain training gets wrong (JTT)",
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
  })
  .refine(({ schedule, warmupSteps }) => schedule !== "one-cycle" || warmupSteps === 0, {
    path: ["warmupSteps"],
    error: "expected 0 with train.schedule one-cycle, which has its own warm-up",
  })
  .refine(({ objective, fairness }) => objective === CLASSIFYING || fairness.length === 0, {
    path: ["fairness"],
    error: `expected none with a contrastive objective, which gives no class probabilities in training; take train.objective ${CLASSIFYING}`,
  })
  .refine(({ objective, robust }) => objective === CLASSIFYING || robust.method === "none", {
    path: ["robust"],
    error: `expected method none with a contrastive objective, whose loss is of pairs and not of rows; take train.objective ${CLASSIFYING}`,
  });
