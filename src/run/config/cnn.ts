/** @file Config keys of convolutional networks (`model.from: cnn:NAME`). */
import { z } from "zod";
import { count, name } from "./scalars.ts";

/** The study's flaws that can be asked for, to reproduce what it published. */
export const CNN_COMPAT = [
  "sigmoid-each",
  "raw-pixels",
  "raw-pixels-at-prediction",
  "one-neuron-softmax",
  "raw-age",
] as const;

const output = z.strictObject({
  loss: z
    .enum(["cross-entropy", "mse", "mae"])
    .optional()
    .describe(
      "by default cross-entropy of a label (binary, categorical and sparse categorical are one), mse of a number",
    ),
  weight: z.number().min(0).default(1).describe("factor of this output's loss in their sum"),
});
export type OutputConfig = z.infer<typeof output>;

export const cnnKeys = {
  imageSize: count.optional().describe("cnn only: side of its images in pixels, if not its own"),
  weights: name
    .optional()
    .describe(
      "cnn only: weights to start from: a safetensors or PyTorch file with torchvision's names (VGG-16 for serawan's trunk, ResNet-18), or a folder of the same architecture",
    ),
  outputs: z
    .record(name, output)
    .default({})
    .describe(
      "cnn only: attributes (labels or numbers) learnt beside the target, each with a head; name the target to weigh its own loss",
    ),
  layer: name
    .optional()
    .describe(
      "cnn only: the layer whose values are embedded, probed and debiased; by default what the target's last dense layer reads",
    ),
  compat: z
    .array(z.enum(CNN_COMPAT))
    .default([])
    .describe("cnn only: flaws of the study's networks to reproduce"),
};
