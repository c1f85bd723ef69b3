/** @file `equiclip embed`: embeddings of images, and of prompts, by any model. */
import type { CommandModule } from "yargs";
import { UsageError } from "../run/errors.ts";
import { type EmbedArgs, MODELS, ONNX, OPTIONS } from "./embed/options.ts";
import { requireOnce } from "./options.ts";

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
    const [model] = models as [string];
    const [stray] = model === "onnx" ? [] : given(ONNX);
    if (stray !== undefined)
      throw new UsageError(`--${stray} belongs to --onnx, not to --${model}`);
    if (args.pool !== undefined && model === "model")
      throw new UsageError("--pool belongs to --transformers and --onnx; a CLIP pools as it does");
    const { embed } = await import("./embed/files.ts");
    await embed(source, args);
  },
};
