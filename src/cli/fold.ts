/** @file `equiclip fold`: a checkpoint whose plain use is debiased. */
import type { CommandModule } from "yargs";
import { modelArgument, requireOnce } from "./options.ts";

interface Args {
  model: string;
  method: string | undefined;
  erasers: string | undefined;
  sides: "image" | "text" | "both" | undefined;
  linear: boolean | undefined;
  "fitted-on": "unit" | "raw";
  out: string;
}

export const foldCommand: CommandModule<object, Args> = {
  command: "fold <model>",
  describe: "write a checkpoint whose plain use is debiased: an eraser inside its projections",
  builder: (y) =>
    y
      .positional("model", modelArgument)
      .option("method", {
        type: "string",
        defaultDescription: "the only one in the file",
        describe: "which method of the file, such as leace",
      })
      .option("erasers", {
        type: "string",
        defaultDescription: "RUN/variants.json",
        describe: "JSON of a fitted eraser or method, or a run's variants.json",
      })
      .option("sides", {
        choices: ["image", "text", "both"] as const,
        defaultDescription: "what the method was fitted for; image for a single eraser",
        describe: "which embeddings are erased",
      })
      .option("linear", {
        type: "boolean",
        describe: "leave out the constant, which moves all rows alike: fold x' = P x",
      })
      .option("fitted-on", {
        choices: ["unit", "raw"] as const,
        default: "unit" as const,
        describe: "embeddings that it was fitted on: of unit length, as in a run, or as they come",
      })
      .option("out", {
        type: "string",
        demandOption: true,
        describe: "folder for the checkpoint, a Hugging Face CLIP",
      })
      .example("$0 fold checkpoints/a --linear --out fair", "of a run")
      .example("$0 fold ./clip --erasers e.json --out fair", "of any CLIP")
      .epilog(
        [
          "The result loads in Python (CLIPModel.from_pretrained) and, after equiclip export, in",
          "transformers.js. An eraser without a constant (pca-pair, ...) folds exactly. One with a",
          "constant (leace, mean-difference) does so when it was fitted on raw embeddings; fitted on",
          "unit ones, its linear part folds: --linear. docs/embeddings.md says why.",
        ].join("\n"),
      ),
  handler: async ({ "fitted-on": fittedOn, linear = false, ...args }) => {
    requireOnce({ ...args, "fitted-on": fittedOn });
    const { foldModel } = await import("./fold/model.ts");
    await foldModel({ ...args, fittedOn, linear });
  },
};
