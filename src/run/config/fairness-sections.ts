/** @file Config sections about fairness in training: penalties of the loss, and training for the worst groups. */
import { z } from "zod";
import { count, name, positive } from "./scalars.ts";

const attributes = z
  .array(name)
  .min(1)
  .optional()
  .describe(
    "attributes and intersections (a*b), one penalty for each; default: the sensitive ones and their intersections",
  );
const weight = z.number().min(0);
const strength = "share in the loss, beside a mean cross-entropy of 1";
const given = z
  .enum(["nothing", "target"])
  .default("target")
  .describe(
    "independence within each true class (equalized odds), or altogether (demographic parity)",
  );

const softRates = {
  weight: weight.default(1).describe(strength),
  attributes,
  aggregate: z
    .enum(["max", "mean", "log-sum-exp"])
    .default("max")
    .describe("how differences of the groups to the whole batch become one number"),
  temperature: positive
    .default(0.05)
    .describe("log-sum-exp only: near 0 it is the maximum, far above the differences their mean"),
};

export const fairness = z.array(
  z.discriminatedUnion("penalty", [
    z.strictObject({ penalty: z.literal("equalized-odds"), ...softRates }),
    z.strictObject({ penalty: z.literal("demographic-parity"), ...softRates }),
    z.strictObject({
      penalty: z.literal("hsic"),
      weight: weight.default(10).describe(strength),
      attributes,
      of: z.enum(["probabilities", "logits"]).default("probabilities"),
      bandwidth: positive.default(1).describe("of the Gaussian kernel on them"),
      given,
    }),
    z.strictObject({
      penalty: z.literal("adversary"),
      weight: weight.default(1).describe("factor of the adversary's reversed gradient"),
      attributes,
      hidden: count
        .nullable()
        .default(32)
        .describe("hidden units of the adversary, or null for a linear one"),
      given,
    }),
  ]),
);

const cells = z
  .array(name)
  .min(1)
  .optional()
  .describe("attributes whose cells with the target are the groups; default: the sensitive ones");

export const robust = z.discriminatedUnion("method", [
  z.strictObject({ method: z.literal("none") }),
  z.strictObject({
    method: z.literal("group-dro"),
    attributes: cells,
    stepSize: positive.default(0.01).describe("of the ascent on the groups' weights"),
    adjustment: z
      .number()
      .min(0)
      .default(0)
      .describe("C of C / sqrt(rows of a group), which is added to its loss"),
  }),
  z.strictObject({
    method: z.literal("jtt"),
    identification: count
      .default(1)
      .describe("epochs of plain training whose errors on train rows are looked for"),
    upweight: z.number().min(1).default(6).describe("factor on the weight of those rows"),
  }),
]);
