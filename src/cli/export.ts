/** @file `equiclip export`: a checkpoint for transformers.js and other ONNX runtimes. */
import type { CommandModule } from "yargs";
import { modelArgument, requireOnce } from "./options.ts";

interface Args {
  model: string;
  onnx: "all" | "model" | "towers";
  out: string;
}

export const exportCommand: CommandModule<object, Args> = {
  command: "export <model>",
  describe: "write a checkpoint as ONNX, for transformers.js in browsers and on servers",
  builder: (y) =>
    y
      .positional("model", modelArgument)
      .option("out", {
        type: "string",
        demandOption: true,
        describe: "folder for config, tokenizer, image processor and onnx/*.onnx",
      })
      .option("onnx", {
        choices: ["all", "model", "towers"] as const,
        default: "all" as const,
        describe: "model.onnx, or vision_model.onnx and text_model.onnx, or all three",
      })
      .example("$0 export checkpoints/faces --out web", "a run's selected checkpoint")
      .example(
        "$0 export ./fair --onnx towers --out web",
        "what equiclip fold wrote, tower by tower",
      )
      .epilog(
        [
          "In transformers.js, with env.localModelPath set to the folder that holds web/:",
          '  await CLIPVisionModelWithProjection.from_pretrained("web")',
          '  await pipeline("zero-shot-image-classification", "web")',
          "32-bit weights, any batch size, standard ONNX operators (opset 17).",
        ].join("\n"),
      ),
  handler: async (args) => {
    requireOnce(args);
    const { exportModel } = await import("./export/folder.ts");
    await exportModel(args);
  },
};
