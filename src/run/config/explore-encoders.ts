/** @file The encoders of an exploration's config: what turns images into embeddings. */
import { z } from "zod";
import { label } from "./compare.ts";
import { count, name, positive } from "./scalars.ts";

/** What tables call it. */
export const as = label.optional().describe("what tables call it; by default its kind");
const pool = z
  .enum(["first", "mean", "flatten"])
  .optional()
  .describe(
    "of several rows an image: the first (class token), their mean, or all one after another (latents)",
  );
const channels = (of: z.ZodNumber) => z.tuple([of, of, of]);

export const encoder = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("pixels"),
    as,
    size: z.int().min(2).max(1024).default(128).describe("side after resizing; its square numbers"),
    lightness: z
      .enum(["luma", "hsl"])
      .default("luma")
      .describe("0.299 R + 0.587 G + 0.114 B, or half of largest plus smallest of R, G and B"),
    range: z
      .enum(["unit", "signed"])
      .default("unit")
      .describe("0 to 1; or -1 to 1 as in the study's code, which turns dark pictures around"),
    fit: z
      .enum(["stretch", "crop"])
      .default("stretch")
      .describe("how a picture that is not square becomes so"),
  }),
  z.strictObject({
    kind: z.literal("clip"),
    as,
    model: name.describe(
      "a run (its selected checkpoint: a CLIP's or a convolutional network's), a folder of either, or a CLIP of the Hub",
    ),
    layer: z
      .union([count, name])
      .optional()
      .describe(
        "of a CLIP, class token after so many blocks of the image tower, in place of the embedding; of a network, the name of a layer, by default the one that its run embeds by. There are no texts then",
      ),
  }),
  z.strictObject({
    kind: z.literal("transformers"),
    as,
    model: name.describe("any vision model of transformers.js: a folder, or an id of the Hub"),
    pool,
  }),
  z.strictObject({
    kind: z.literal("onnx"),
    as,
    file: name.describe("ONNX file that takes pixels"),
    input: name.optional().describe("name of the pixels; by default the only one"),
    output: name
      .optional()
      .describe(
        "name of the embeddings, an output or any tensor inside; by default the only output",
      ),
    size: count.optional().describe("side of the images; by default the file's"),
    mean: channels(z.number()).optional().describe("of red, green and blue; by default CLIP's"),
    std: channels(positive).optional().describe("their standard deviations; by default CLIP's"),
    pool,
  }),
  z.strictObject({
    kind: z.literal("file"),
    as,
    file: name.describe("embeddings, a row each: .safetensors, .npy or .parquet"),
    tensor: name.optional().describe("the matrix of a safetensors file that holds several"),
    column: name.optional().describe("Parquet column of lists, or what numbered ones begin with"),
    id: name.optional().describe("Parquet column of row names"),
    names: z
      .strictObject({ file: name, column: name.default("id") })
      .optional()
      .describe("table that names the rows, in their order; by default in the file itself"),
    texts: name.optional().describe("embeddings of texts by the same model, named by their texts"),
  }),
]);
export type ExploreEncoder = z.infer<typeof encoder>;
