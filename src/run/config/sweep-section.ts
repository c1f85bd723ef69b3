/** @file Config section of `equiclip sweep`: the projection experiment of the UTKFace study, corrected and as it was. */
import { z } from "zod";
import { count, name } from "./scalars.ts";

const TEMPLATES = [
  "a photo of a {value}.",
  "a portrait of a {value}.",
  "the face of a {value}.",
  "a picture of one {value}.",
  "a close-up of a {value}.",
  "a blurry photo of a {value}.",
  "a black and white photo of a {value}.",
  "a drawing of a {value}.",
  "a {value} looking at the camera.",
  "a {value} looking away.",
  "a smiling {value}.",
  "a serious {value}.",
  "a young {value}.",
  "an old {value}.",
  "a {value} with glasses.",
  "a {value} in a room.",
  "a {value} on the street.",
  "a {value} at work.",
  "a {value} outdoors.",
  "a {value} at night.",
];

export const sweep = z.strictObject({
  attribute: name
    .optional()
    .describe(
      "attribute whose subspace is removed; default: debias.attribute, else the first sensitive one that is not the target, else the target",
    ),
  perClass: count.default(200).describe("train images of each class that directions are fitted on"),
  templates: z
    .array(z.string().includes("{value}", { error: "expected {value} where the class is named" }))
    .min(1)
    .default(TEMPLATES)
    .describe("texts that directions are fitted on, {value} for the class: one pair a template"),
  words: z
    .record(name, name)
    .default({})
    .describe("what templates call a class, such as {male: man}; default: its label"),
  texts: z
    .strictObject({
      path: name.describe(
        "captions that tell of men or of women: a table (CSV, TSV, JSON, Parquet) with a text and male and female, gender or labels; or ParlAI's texts",
      ),
      perClass: count.default(200).describe("captions of each gender; none that tells of both"),
      words: name
        .optional()
        .describe(
          "table of gendered words (word_masculine, word_feminine) that pairs are made by; by default everyday ones",
        ),
    })
    .optional()
    .describe("in place of templates, where the attribute is gender"),
  alpha: z
    .array(z.number().min(0).max(2))
    .min(1)
    .default([0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2])
    .describe("strengths: 0 nothing, 1 removal, 2 reflection"),
  k: z
    .array(count)
    .min(1)
    .default([1, 2, 3, 5, 10, 20, 50, 100, 164])
    .describe("numbers of directions; those beyond what was fitted are left out"),
  limit: z
    .number()
    .min(0)
    .default(0.1)
    .describe("gap on validation that the chosen strength keeps to"),
});
