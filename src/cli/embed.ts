/** @file `equiclip embed`: embeddings of images, and of prompts, by any model. */
import type { CommandModule, InferredOptionTypes } from "yargs";
import { UsageError } from "../run/errors.ts";
import { jsonOption, requireOnce, setOption } from "./options.ts";

const text = (describe: string, defaultDescription?: string) =>
  ({ type: "string", describe, ...(defaultDescription && { defaultDescription }) }) as const;

const MODELS = {
  model: text("a run (its selected checkpoint), a Hugging Face CLIP folder, or a CLIP of the Hub"),
  transformers: text("any vision model of transformers.js: a folder, or an id of the Hub"),
  onnx: text("an ONNX file that takes pixels"),
} as const;

/** Of an ONNX file, which says little of itself. */
const ONNX = {
  input: text("name of the pixels", "the only one"),
  output: text("name of the embeddings", "the only one"),
  size: text("side of the images in pixels", "as the file has it"),
  mean: text("of the channels from 0 to 1, comma-separated", "CLIP's"),
  std: text("likewise", "CLIP's"),
} as const;

const OPTIONS = {
  ...MODELS,
  ...ONNX,
  pool: {
    choices: ["first", "mean"] as const,
    describe: "of several rows an image: the first (class token), or their mean",
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

export const embedCommand: CommandModule<object, EmbedArgs & { source: string }> = {
  command: "embed <source>",
  describe: "write embeddings of images by a run, any CLIP, any vision model or an ONNX file",
  builder: (y) =>
    y
      .positional("source", {
        type: "string",
        demandOption: true,
        describe:
          "images: a config (with its splits), a folder (UTKFace, one folder a label, or any), or a CSV or TSV",
      })
      .options(OPTIONS)
      .group(Object.keys(MODELS), "One of these:")
      .group(Object.keys(ONNX), "Of --onnx:")
      .example("$0 embed ./UTKFace --model RUN --out e.npy", "by a run's checkpoint")
      .example("$0 embed a.csv --onnx m.onnx --out e.npy", "by an ONNX file")
      .epilog(
        [
          "Any model of the Hub that transformers.js knows (npm install @huggingface/transformers),",
          "with the text tower's embeddings of some prompts, which go into faces.texts.parquet:",
          "  equiclip embed faces.csv --labels gender,race --transformers Xenova/clip-vit-base-patch32 \\",
          "    --texts prompts.yaml --out faces.parquet",
          "",
          "When it is stopped, the same command goes on. docs/embeddings.md tells of the files.",
        ].join("\n"),
      ),
  handler: async ({ source, ...args }) => {
    requireOnce(args, ["set"]);
    const given = (options: object): string[] =>
      Object.keys(options).filter((name) => args[name as keyof typeof args] !== undefined);
    const models = given(MODELS);
    if (models.length !== 1)
      throw new UsageError(
        `expected one model, --${Object.keys(MODELS).join(", --")}, received ${models.length === 0 ? "none" : models.map((name) => `--${name}`).join(" and ")}`,
      );
    const [stray] = given(ONNX);
    if (stray !== undefined && args.onnx === undefined)
      throw new UsageError(`--${stray} belongs to --onnx, not to --${models[0]}`);
    const { embed } = await import("./embed-files.ts");
    await embed(source, args);
  },
};
