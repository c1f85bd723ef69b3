/** @file Config sections about the rows: where they come from, how they are split, balanced and augmented. */
import { z } from "zod";
import { count, fraction, name } from "./scalars.ts";

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
  share: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe("share of the rows that is used: the same rows whatever the seed, for a quick trial"),
  intersections: z
    .array(z.array(name).min(2))
    .default([])
    .describe("attributes whose combinations are groups too, such as [race, age_band]"),
  select: z
    .strictObject({
      first: count.optional().describe("rows from the start, in the order they are listed"),
      thin: z
        .array(
          z.strictObject({
            attribute: name,
            match: z
              .union([name, z.tuple([z.number(), z.number()])])
              .describe("a label, or [lowest, highest] of a number"),
            keep: fraction.describe("share of the matching rows that stays; 0 leaves all out"),
          }),
        )
        .default([])
        .describe("what is thinned out at random; of the rules that match a row the first counts"),
    })
    .prefault({})
    .describe("a part of the rows; the others are nowhere"),
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

export const ageBands = z
  .array(z.int().min(0).max(120))
  .min(1)
  .default([0, 18, 35, 60])
  .describe("lowest age of each band of the attribute age_band");

export const data = z.discriminatedUnion("source", [
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
    ageBands,
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
export const split = z.strictObject({
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
  .describe(
    "how far the labels of each attribute may stay apart: rows, or below 1 a share of all rows; 0 where not given",
  );
const compat = z
  .boolean()
  .default(false)
  .describe(
    "as the published study did it: all rows are balanced and then split, which puts copies of training pictures into test; sources of copies are drawn at random without a limit; and age-first copies copies, and overwrites those of one name",
  );
export const balance = z.discriminatedUnion("method", [
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
    compat,
  }),
  z.strictObject({
    method: z.literal("age-first"),
    attributes: z
      .array(name)
      .min(2)
      .default(["age", "gender", "race"])
      .describe("the number that is levelled, then the attributes whose cells give and take"),
    slack: z
      .number()
      .min(0)
      .default(15)
      .describe("an age keeps at most the median of rows per age and up to so many more, drawn"),
    floor: z
      .number()
      .min(0)
      .default(5)
      .describe("an age is filled up to the median less so many rows"),
    cap: z.number().default(90).describe("ages above are not filled"),
    maxCopies,
    compat,
  }),
  z.strictObject({
    method: z.literal("undersample-only"),
    attributes: z.array(name).min(1).default(["race", "gender"]),
    tolerances,
    total: z
      .union([z.enum(["smallest", "keep"]), count])
      .default("smallest")
      .describe(
        "rows aimed at: as many as the smallest cell times the cells, as many as priority would keep with its copies, or a number",
      ),
    compat,
  }),
]);

export const augment = z.strictObject({
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
  variants: z
    .int()
    .min(0)
    .default(0)
    .describe(
      "different augmentations of an image, taken in turn by the epochs, so that what a frozen part makes of them is computed once; 0: another one in every epoch",
    ),
});
