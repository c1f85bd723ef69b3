/** @file The schema of an exploration's config: every key, its range, its default and what it is for. */
import { z } from "zod";
import { derived, label } from "./compare.ts";
import { ageBands } from "./data-sections.ts";
import { LABEL_METHODS } from "./debias-section.ts";
import { as, encoder } from "./explore-encoders.ts";
import { ImageServiceSchema } from "./image-service.ts";
import { count, fraction, name, positive } from "./scalars.ts";

const maxBad = fraction
  .default(0)
  .describe("share of images that may be unreadable; they are named and left out");

/** The four prompts of an activity, by the age that they name. */
export const TEMPLATE_SETS = ["document", "code", "grammatical"] as const;

const templates = z
  .union([
    z.enum(TEMPLATE_SETS),
    z.strictObject({ neutral: name, young: name, middle: name, older: name }),
  ])
  .default("document")
  .describe(
    "prompts of a quadruplet, with {activity}: those of the study's text, of its code, with its grammar mended, or your own",
  );

const activities = z
  .union([name, z.array(name).min(1)])
  .describe("a CSV with the column activity (and category, if any), or a list of activities");

const data = z.discriminatedUnion("source", [
  z.strictObject({
    source: z.literal("images"),
    path: name.describe("folder of images, with or without folders in it; no labels"),
    maxBad,
  }),
  z.strictObject({
    source: z.literal("folders"),
    path: name.describe("folder with one folder of images per label"),
    label: name.default("label").describe("what the attribute is called"),
    maxBad,
  }),
  z.strictObject({
    source: z.literal("utkface"),
    path: name
      .optional()
      .describe("folder of UTKFace files; without it the names of the embeddings are read"),
    ageBands,
    maxBad,
  }),
  z.strictObject({
    source: z.literal("csv"),
    path: name.describe("CSV or TSV file, one image a row"),
    image: name.default("image").describe("column with the image path, relative to the file"),
    id: name.optional().describe("column with names of rows; by default the image path"),
    attributes: z.array(name).default([]).describe("columns read as categories"),
    numbers: z.array(name).default([]).describe("columns read as numbers"),
    caption: name.optional().describe("column with a caption"),
    maxBad,
  }),
  z.strictObject({
    source: z.literal("prompts"),
    activities,
    templates,
    images: name.describe(
      "manifest (CSV: image, prompt, group, activity) or folder of pictures named by their prompts; what is drawn goes there too",
    ),
    service: ImageServiceSchema.optional().describe(
      "who draws pictures that are missing; without it they are listed as missing",
    ),
    maxBad,
  }),
]);
export type ExploreData = z.infer<typeof data>;

const components = z.int().min(1).max(16).default(2).describe("dimensions");
const map = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("pca"), components }),
  z.strictObject({
    kind: z.literal("tsne"),
    perplexity: positive.default(30).describe("at most rows - 1: larger is cut, and said"),
    iterations: count.default(1000),
    seed: count.default(42),
  }),
  z.strictObject({
    kind: z.literal("umap"),
    neighbours: z.int().min(2).default(15),
    minDist: fraction.default(0.1).describe("how close points may lie"),
    epochs: count.optional().describe("by default 500, or 200 from 10,000 rows on"),
    seed: count.default(42),
  }),
]);
export type ExploreMap = z.infer<typeof map>;

const cluster = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("kmeans"),
    as,
    k: z
      .union([count, z.tuple([z.int().min(2), z.int().min(2)])])
      .default(10)
      .describe("clusters, or from and to: then the k of the largest silhouette is taken"),
    restarts: count.default(10),
    seed: count.default(42),
  }),
  z.strictObject({
    kind: z.literal("dbscan"),
    as,
    eps: z
      .union([positive, z.literal("auto")])
      .default("auto")
      .describe("radius, Euclidean; auto is the knee of the k-distance curve"),
    minSamples: count.default(5).describe("points within eps, itself among them, of a core point"),
  }),
]);
export type ExploreCluster = z.infer<typeof cluster>;

const borders = z.strictObject({
  label: name.optional().describe("attribute that borders part; by default the first of groups"),
  map: z.enum(["pca", "umap"]).default("umap").describe("of which new points can be placed"),
  kernel: z.enum(["rbf", "linear"]).default("rbf"),
  C: positive.default(1),
  gamma: z
    .union([positive, z.literal("scale")])
    .default("scale")
    .describe("of the RBF kernel; scale is 1 / (dimensions x variance of the inputs)"),
  test: fraction
    .default(0.25)
    .describe("share of rows held out of projection and borders, on which accuracy is measured"),
  seed: count.default(42),
});

const audit = z.strictObject({
  dominance: z
    .strictObject({
      share: fraction.default(0.8).describe("of a cluster that one group makes up"),
      lift: positive.default(2).describe("times the group's share of all rows"),
      minSize: count.default(20).describe("smaller clusters are never flagged"),
      level: fraction.default(0.05).describe("largest p-value, corrected for all cells (Holm)"),
    })
    .prefault({}),
  permutations: count.default(2000).describe("for p-values of cluster x group"),
  duplicates: fraction.default(0.95).describe("least cosine of near-duplicates"),
  queries: z
    .array(name)
    .default([])
    .describe("texts that rows are ranked by; for encoders with a text side"),
  top: count.default(50).describe("first rows of a query that are looked at"),
  associations: z
    .strictObject({
      texts: z
        .array(name)
        .min(1)
        .default(["makeup", "jewellery", "a beard", "a moustache", "grey hair", "wrinkles"])
        .describe("what a person may be associated with"),
      templates: z
        .array(z.string().includes("{text}", { error: "expected {text} where the text goes" }))
        .min(1)
        .default(["a photo of a person with {text}", "a portrait of someone with {text}"])
        .describe("what each text is put into; their embeddings are averaged"),
      neutral: name
        .nullable()
        .default("a photo of a person")
        .describe(
          "text whose cosine is taken off: some groups lie nearer to all texts; null for plain cosines",
        ),
      within: name
        .optional()
        .describe("attribute in each of whose groups the others are compared once more"),
    })
    .optional()
    .describe("which groups lie nearer to which texts: gaps of mean cosines"),
  terms: z
    .array(name)
    .default([])
    .describe("words or phrases whose share of the captions is told for every cluster"),
  alike: z
    .array(name)
    .optional()
    .describe("names of rows to list the most alike of; by default each, of up to 24 rows"),
  claims: z
    .array(
      z.strictObject({
        near: z.tuple([name, name]).describe("names of two rows"),
        than: z
          .array(z.tuple([name, name]))
          .min(1)
          .describe("pairs that are less alike"),
      }),
    )
    .default([])
    .describe("checked by cosines in all dimensions: each holds or does not"),
  names: z
    .array(name)
    .optional()
    .describe("words of which clusters are named; by default a list of everyday nouns"),
  controls: z
    .boolean()
    .default(true)
    .describe("brightness, sharpness and size of images per cluster: style or content?"),
  plan: z
    .strictObject({
      attribute: name,
      per: z.enum(["cluster", "all"]).default("cluster"),
      target: z.enum(["smallest", "share"]).default("smallest"),
      cap: count.optional().describe("most rows of a cluster"),
      duplicates: z
        .boolean()
        .default(false)
        .describe("drop all but one of each group of near-duplicates by embedding first"),
    })
    .optional()
    .describe("which rows to keep so that groups are level; `equiclip data balance` takes it"),
});
export type ExploreAudit = z.infer<typeof audit>;

const drift = z.strictObject({
  bands: z
    .strictObject({
      young: z.tuple([z.int(), z.int()]).default([18, 34]),
      middle: z.tuple([z.int(), z.int()]).default([35, 59]),
      older: z.tuple([z.int(), z.int()]).default([60, 120]),
    })
    .prefault({})
    .describe("ages of UTKFace that stand for the groups, both ends within"),
  by: name
    .optional()
    .describe("attribute whose labels stand for activities, with faces in place of drawn pictures"),
  split: z
    .enum(["patches", "all-tokens", "matching"])
    .default("patches")
    .describe(
      "the split product: of patches, averaged over both directions; of all tokens in one direction, as the study's code has it; or of patches at the same place",
    ),
  seed: z.int().min(0).default(123).describe("of the resamples of intervals and tests"),
  print: z.int().min(0).default(8).describe("pairs of picture and prompt whose cosine is printed"),
  figures: z.boolean().default(true).describe("a picture per quadruplet, with its values"),
});
export type ExploreDrift = z.infer<typeof drift>;

const robustness = z.strictObject({
  shifts: z.array(z.int().min(1).max(64)).default([1, 2, 4, 8]).describe("pixels"),
  rotations: z.array(z.number()).default([5, 10, 20]).describe("degrees"),
  rows: count.default(200).describe("images tried, drawn at random"),
});

/** One exploration. Unknown keys are errors. */
export const ExploreConfigSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, { error: "expected letters, digits, dot, dash or underscore" })
    .describe("name of the exploration; its folder is explore-NAME"),
  title: name.optional().describe("of pages and charts"),
  data,
  attributes: z
    .array(derived)
    .default([])
    .describe("further attributes, made of those of the data"),
  groups: z
    .array(name)
    .optional()
    .describe("attributes that clusters and queries are held against; by default all"),
  predicted: z
    .array(
      z.strictObject({
        run: name.describe("run whose model tells the attribute that it was trained for"),
        as: label
          .optional()
          .describe("what the attribute is called; by default ATTRIBUTE_predicted"),
      }),
    )
    .default([])
    .describe(
      "attributes without labels: a model tells them, its error rates go into every number",
    ),
  rows: count.optional().describe("most rows looked at, drawn at random; by default all"),
  encoders: z.array(encoder).min(1).describe("the first is the main one, others stand beside it"),
  normalise: z.boolean().default(true).describe("scale embeddings to unit length, for every step"),
  reduce: z
    .union([count, z.literal("tiers")])
    .optional()
    .describe("PCA to so many numbers before maps; tiers: by the size of the embedding"),
  maps: z.array(map).prefault([{ kind: "pca" }, { kind: "umap" }]),
  clusters: z.array(cluster).prefault([{ kind: "kmeans" }]),
  borders: borders.optional(),
  audit: audit.prefault({}),
  drift: drift.optional().describe("do neutral prompts lie nearer to young, middle or older ones?"),
  robustness: robustness
    .optional()
    .describe("how embeddings change when pictures are shifted, flipped and turned"),
  debias: z
    .strictObject({
      methods: z.array(z.enum(LABEL_METHODS)).min(1).default(["leace"]),
      concepts: z.array(name).min(1).describe("attributes that are removed"),
      train: fraction.default(0.5).describe("share of rows that erasers are fitted on"),
      seed: count.default(0),
    })
    .optional()
    .describe("everything again on embeddings of the first encoder that were debiased"),
  sheets: z
    .strictObject({
      nearest: z.int().min(0).default(8).describe("images nearest to a cluster's centre"),
      random: z.int().min(0).default(8),
    })
    .nullable()
    .prefault({})
    .describe("a picture of pictures per cluster; null for none"),
  thumbnails: z.boolean().default(true).describe("pictures in the page, shown under the pointer"),
  exportImages: z
    .enum(["none", "link", "copy"])
    .default("none")
    .describe("a folder of images per cluster"),
});
export type ExploreConfig = z.infer<typeof ExploreConfigSchema>;
