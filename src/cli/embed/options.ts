/** @file The options of `equiclip embed`. */
import type { InferredOptionTypes } from "yargs";
import { POOLS } from "../../embed/pool.ts";
import { jsonOption, setOption } from "../options.ts";

const text = (describe: string, defaultDescription?: string) =>
  ({ type: "string", describe, ...(defaultDescription && { defaultDescription }) }) as const;

export const MODELS = {
  model: text("a run (its selected checkpoint), a Hugging Face CLIP folder, or a CLIP of the Hub"),
  transformers: text("any vision model of transformers.js: a folder, or an id of the Hub"),
  onnx: text("an ONNX file that takes pixels"),
} as const;

/** Of an ONNX file, which says little of itself. */
export const ONNX = {
  input: text("name of the pixels", "the only one"),
  output: text("name of the embeddings, an output or any tensor inside", "the only one"),
  size: text("side of the images in pixels", "as the file has it"),
  mean: text("mean of red, green and blue, each 0 to 1, comma-separated", "CLIP's"),
  std: text("their standard deviations", "CLIP's"),
} as const;

export const OPTIONS = {
  ...MODELS,
  ...ONNX,
  pool: {
    choices: POOLS,
    describe:
      "where a model gives several rows an image: keep the first (class token), their mean, or all of them",
  },
  out: {
    ...text("file for the embeddings: .safetensors, .npy or .parquet; its rows in .rows.csv"),
    demandOption: true,
  },
  texts: text("prompts to embed too: a line each, or YAML (a list, or prompts by label)"),
  image: text("of a table: column with the image path", "image"),
  labels: text("of a table: columns of labels for the manifest, comma-separated", "none"),
  "batch-size": text("images at a time", "32"),
  "max-bad": text("largest share of images that may be unreadable", "0"),
  normalise: {
    type: "boolean",
    default: true,
    describe: "scale to unit length; --no-normalise keeps what the model gives",
  },
  set: setOption,
  json: jsonOption,
} as const;
export type EmbedArgs = InferredOptionTypes<typeof OPTIONS>;
