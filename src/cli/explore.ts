/** @file `equiclip explore`: an embedding space seen and measured: maps, clusters, borders, audits, drift. */
import type { CommandModule } from "yargs";
import { pixelsCommand } from "./explore/pixels.ts";
import { jsonOption, setOption } from "./options.ts";

interface Args {
  subject: string;
  model: string | undefined;
  out: string | undefined;
  fresh: boolean | undefined;
  set: string[] | undefined;
  json: boolean | undefined;
}

const subjectCommand: CommandModule<object, Args> = {
  command: "$0 <subject>",
  describe: "see and measure an embedding space: maps, clusters x groups, queries, drift, a page",
  builder: (y) =>
    y
      .positional("subject", {
        type: "string",
        demandOption: true,
        describe:
          "exploration, a YAML file (docs/explore-config.md explains every key), or a folder of images",
      })
      .option("model", {
        type: "string",
        defaultDescription: "pixels",
        describe: "of a folder: a run, a Hugging Face CLIP folder, or a CLIP of the Hub",
      })
      .option("out", {
        type: "string",
        defaultDescription: "explore-NAME",
        describe: "folder of the exploration; one that is there goes on",
      })
      .option("fresh", {
        type: "boolean",
        describe: "compute everything again, embeddings too",
      })
      .option("set", setOption)
      .option("json", jsonOption)
      .example("$0 explore ./pictures", "a first look, by brightness of pixels alone")
      .example("$0 explore ./pictures --model RUN", "as a trained model sees them")
      .example("$0 explore configs/004-cluster-audit.yaml", "clusters held against groups")
      .example("$0 explore my.yaml --set rows=2000", "some of the rows, drawn at random")
      .epilog(
        "The page (report.html) opens from disk: pan, zoom, hover, filter, lasso. What was computed is\nkept in the folder; the same command goes on. docs/explorer.md says how to read it.",
      ),
  handler: async ({ subject, model, out, fresh = false, set = [], json = false }) => {
    const { explore } = await import("./explore/run.ts");
    await explore(subject, { model, out, fresh, set, json });
  },
};

export const exploreCommand: CommandModule = {
  command: "explore",
  describe: subjectCommand.describe,
  builder: (y) => y.command(subjectCommand).command(pixelsCommand),
  handler: () => {},
};
