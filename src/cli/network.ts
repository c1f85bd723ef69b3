/** @file `equiclip network`: a convolutional network layer by layer, and its diagram. */
import type { CommandModule } from "yargs";
import { ARCHITECTURES, ARCHITECTURE_NAMES } from "../model/cnn/architectures.ts";
import type { CnnConfig } from "../model/cnn/config.ts";
import { loadCnn } from "../model/cnn/folder.ts";
import { cnnConfig } from "../model/cnn/model.ts";
import { summarize } from "../model/cnn/summary.ts";
import { parseReference } from "../model/reference.ts";
import { networkDiagram } from "../report/charts/network.ts";
import { resolved } from "../report/explore/charts/chart.ts";
import { networkTable, networksTable } from "../report/tables/network.ts";
import { tableText } from "../report/terminal/table.ts";
import { terminalOf } from "../report/terminal/terminal.ts";
import { UsageError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import { jsonOption, requireOnce } from "./options.ts";

interface Args {
  model: string | undefined;
  size: number | undefined;
  svg: string | undefined;
  json: boolean | undefined;
}

async function networkOf(model: string, size: number | undefined): Promise<CnnConfig> {
  const reference = parseReference(model);
  if (reference.kind === "cnn") return cnnConfig({ architecture: reference.name, size });
  if (reference.kind !== "folder")
    throw new UsageError(
      `${model}: expected cnn:NAME (${ARCHITECTURE_NAMES.join(", ")}) or the folder of a convolutional network`,
    );
  if (size !== undefined)
    throw new UsageError(`--size ${size}: ${model} has its own; give it with cnn:NAME alone`);
  return (await loadCnn(reference.path)).config;
}

export const networkCommand: CommandModule<object, Args> = {
  command: "network [model]",
  describe: "convolutional networks layer by layer: shapes, parameters, totals, a diagram",
  builder: (y) =>
    y
      .positional("model", {
        type: "string",
        describe: "cnn:NAME, or the folder of one (RUN/best); without it, all names",
      })
      .option("size", { type: "number", describe: "side of the images in pixels, if not its own" })
      .option("svg", { type: "string", describe: "file to draw the network into" })
      .option("json", jsonOption)
      .example("$0 network", "all of them")
      .example("$0 network cnn:serawan --svg serawan.svg", "one, and its diagram")
      .example("$0 network checkpoints/faces/best", "what a run trained"),
  handler: async (args) => {
    requireOnce(args);
    const { model, size, svg, json } = args;
    if (model === undefined && (size !== undefined || svg !== undefined))
      throw new UsageError("equiclip network: --size and --svg need a model, such as cnn:ward");
    const summaries =
      model === undefined
        ? ARCHITECTURE_NAMES.map((architecture) => summarize(cnnConfig({ architecture })))
        : [summarize(await networkOf(model, size))];
    const [first] = summaries;
    const table =
      model === undefined
        ? networksTable(
            summaries.map((summary, i) => ({
              summary,
              about: ARCHITECTURES[ARCHITECTURE_NAMES[i]!].about,
            })),
          )
        : networkTable(first!);
    if (svg !== undefined)
      await writeFileAtomic(svg, `${resolved(networkDiagram(first!).text.trim(), "light")}\n`);
    const shown = json
      ? JSON.stringify(model === undefined ? summaries : first)
      : tableText(table, terminalOf(process.stdout));
    process.stdout.write(`${shown}\n`);
  },
};
