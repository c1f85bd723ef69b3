/** @file `equiclip data`: inspects, splits, balances and draws a data set. */
import type { Argv, CommandModule } from "yargs";
import { jsonOption, setOption } from "./options.ts";

interface Common {
  json: boolean | undefined;
  set: string[] | undefined;
}
interface WithOut extends Common {
  config: string;
  out: string | undefined;
}
const common = (y: Argv): Argv<Common> => y.option("set", setOption).option("json", jsonOption);
const configArgument = {
  type: "string",
  demandOption: true,
  describe: "config of an experiment, a YAML file",
} as const;

const inspectCommand: CommandModule<object, Common & { source: string }> = {
  command: "inspect <source>",
  describe: "print distributions and problems: bad names, bad files, duplicates",
  builder: (y) =>
    common(y)
      .positional("source", {
        type: "string",
        demandOption: true,
        describe: "config, or folder of images (UTKFace, or a folder per label)",
      })
      .example("$0 data inspect ./UTKFace", "a folder of UTKFace files")
      .example("$0 data inspect my.yaml --json", "all findings, with every file"),
  handler: async ({ source, set = [], json = false }) => {
    const { inspect } = await import("./data-set.ts");
    await inspect(source, { set, json });
  },
};

const splitCommand: CommandModule<object, WithOut> = {
  command: "split <config>",
  describe: "print how the rows are divided into train, validation and test",
  builder: (y) =>
    common(y)
      .positional("config", configArgument)
      .option("out", {
        type: "string",
        describe: "CSV to save the rows in, to be read with data.splitColumn: split",
      })
      .example("$0 data split my.yaml", "print the plan")
      .example("$0 data split my.yaml --out splits.csv", "save it, too"),
  handler: async ({ config, out, set = [], json = false }) => {
    const { split } = await import("./data-set.ts");
    await split(config, { out, set, json });
  },
};

const balanceCommand: CommandModule<object, WithOut> = {
  command: "balance <config>",
  describe: "print which rows of train a config's balance section removes or copies",
  builder: (y) =>
    common(y)
      .positional("config", configArgument)
      .option("out", {
        type: "string",
        describe: "folder to carry it out in: plan.json, manifest.csv and the copies as images",
      })
      .example("$0 data balance my.yaml", "print the plan")
      .example("$0 data balance my.yaml --set seed=1", "with other values")
      .example("$0 data balance my.yaml --out balanced", "carry it out"),
  handler: async ({ config, out, set = [], json = false }) => {
    const { balance } = await import("./data-set.ts");
    await balance(config, { out, set, json });
  },
};

const picturesCommand: CommandModule<object, Common & { config: string; out: string }> = {
  command: "pictures <config>",
  describe: "draw samples, originals beside their copies, and rows before and after balancing",
  builder: (y) =>
    common(y)
      .positional("config", configArgument)
      .option("out", {
        type: "string",
        demandOption: true,
        describe: "folder for samples.png, augmented.png and a rows-by-NAME.svg per attribute",
      })
      .example("$0 data pictures my.yaml --out pictures", "faces are in them: show them with care"),
  handler: async ({ config, out, set = [], json = false }) => {
    const { pictures } = await import("./data-set.ts");
    await pictures(config, { out, set, json });
  },
};

export const dataCommand: CommandModule = {
  command: "data",
  describe: "inspect, split, balance and draw a data set",
  builder: (y) =>
    y
      .command(inspectCommand)
      .command(splitCommand)
      .command(balanceCommand)
      .command(picturesCommand)
      .demandCommand(1, "expected one of inspect, split, balance, pictures")
      .example("$0 data inspect ./UTKFace", "what is in a folder, and what is wrong with it")
      .example("$0 data split my.yaml --out splits.csv", "the split, as a manifest"),
  handler: () => {},
};
