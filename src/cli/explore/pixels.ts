/** @file `equiclip explore pixels`: the study of pixel luminance as its own program was called. */
import type { CommandModule } from "yargs";
import { UsageError } from "../../run/errors.ts";
import { requireOnce } from "../options.ts";

interface Args {
  input_directory: string;
  output_tsne: string;
  image_size: number;
  output_umap: string;
}

/** What a picture may be at most: beyond it rows have a million numbers. */
const LARGEST = 1024;

export const pixelsCommand: CommandModule<object, Args> = {
  command: "pixels",
  describe: "maps of brightness alone: t-SNE, UMAP, density and SVM borders as four pictures",
  builder: (y) =>
    y
      .parserConfiguration({ "short-option-groups": false }) // -id is one option
      .option("input_directory", {
        alias: "id",
        type: "string",
        demandOption: true,
        describe: "folder with one folder of pictures per label",
      })
      .option("output_tsne", {
        alias: "os",
        type: "string",
        default: "output_tsne",
        describe: "name of the t-SNE picture; length of the vector and .png are added",
      })
      .option("image_size", {
        alias: "is",
        type: "number",
        default: 128,
        describe: "side of the resized pictures; its square are the numbers of each",
      })
      .option("output_umap", {
        alias: "ou",
        type: "string",
        default: "output_umap",
        describe: "name of the UMAP pictures, likewise",
      })
      .alias("h", "help")
      .example("$0 explore pixels -id short", "output_tsne_16384.png and three of UMAP")
      .epilog(
        "With intervals, tables, a page and other encoders: equiclip explore configs/003-pixel-faces.yaml",
      ),
  handler: async ({ input_directory, output_tsne, image_size, output_umap, ...rest }) => {
    requireOnce({ input_directory, output_tsne, image_size, output_umap, ...rest });
    if (!Number.isInteger(image_size) || image_size < 2 || image_size > LARGEST)
      throw new UsageError(
        `--image_size: expected a whole number from 2 to ${LARGEST}, received ${image_size}`,
      );
    const { pixelMaps } = await import("./pixel-maps.ts");
    await pixelMaps(input_directory, { tsne: output_tsne, umap: output_umap }, image_size);
  },
};
