/** @file `equiclip data`: looks at a data set, splits it, balances it. */
import { stat } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Argv, CommandModule } from "yargs";
import { auditManifest } from "../data/audit.ts";
import { applyPlan } from "../data/balance.ts";
import { writeCopies } from "../data/copies.ts";
import { writeCsv } from "../data/csv.ts";
import { type Manifest, SPLITS } from "../data/row.ts";
import { readUtkface } from "../data/utkface.ts";
import { readFolder } from "../data/folder.ts";
import { crossTables, labelTable, numberTables, problemTable } from "../report/tables/audit.ts";
import { balanceTable, splitPlanTable } from "../report/tables/balance.ts";
import type { Table } from "../report/tables/table.ts";
import { tableText } from "../report/terminal/table.ts";
import { terminalOf } from "../report/terminal/terminal.ts";
import { loadConfig } from "../run/config/load.ts";
import { UsageError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import { terminalProgress } from "../run/progress.ts";
import { prepareDataset, readManifest } from "../train/dataset.ts";

const print = (tables: readonly Table[]): void => {
  const terminal = terminalOf(process.stdout);
  process.stdout.write(`${tables.map((table) => tableText(table, terminal)).join("\n\n")}\n`);
};
const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

const isConfig = (path: string): boolean => [".yaml", ".yml"].includes(extname(path).toLowerCase());

/** The manifest that a config names, or a folder: UTKFace when names parse as such, else one sub-folder per label. */
async function manifestOf(source: string, set: readonly string[]): Promise<Manifest> {
  if (isConfig(source)) {
    const { data, seed, split } = await loadConfig(source, set);
    return readManifest(data, seed, split);
  }
  const found = await stat(source).catch(() => null);
  if (!found?.isDirectory())
    throw new UsageError(
      `${source}: expected a config (.yaml) or a folder of images, received ${found ? "another file" : "nothing: it does not exist"}; for a CSV write a config with data.source: csv`,
    );
  const utkface = await readUtkface(source).catch((thrown: unknown) => thrown as Error);
  return utkface instanceof Error
    ? readFolder(source, "label").catch(() => Promise.reject(utkface))
    : utkface;
}

interface Common {
  json: boolean;
  set: string[];
}
const common = (y: Argv): Argv<Common> =>
  y
    .option("set", {
      type: "string",
      array: true,
      nargs: 1,
      default: [] as string[],
      describe: "override a config value, such as seed=1",
    })
    .option("json", { type: "boolean", default: false, describe: "print JSON alone" });

const inspect: CommandModule<object, Common & { source: string }> = {
  command: "inspect <source>",
  describe: "distributions, and problems: bad names and files, duplicates, conflicting labels",
  builder: (y) =>
    common(y)
      .positional("source", {
        type: "string",
        demandOption: true,
        describe: "config, or folder of images",
      })
      .example("$0 data inspect ./UTKFace", "a folder of UTKFace files")
      .example("$0 data inspect my.yaml --json", "all findings, with every id"),
  handler: async ({ source, set, json }) => {
    const manifest = await manifestOf(source, set);
    const progress = terminalProgress();
    progress.start("reading images", manifest.rows.length);
    const audit = await auditManifest(manifest, { onProgress: (done) => progress.update(done) });
    progress.stop();
    if (json) return printJson(audit);
    print([labelTable(audit), ...crossTables(audit), ...numberTables(audit), problemTable(audit)]);
  },
};

const split: CommandModule<object, Common & { config: string; out: string | undefined }> = {
  command: "split <config>",
  describe: "the split of a config: rows per cell; saved as a manifest with --out",
  builder: (y) =>
    common(y)
      .positional("config", { type: "string", demandOption: true, describe: "YAML file" })
      .option("out", { type: "string", describe: "CSV to write, with a split column" })
      .example("$0 data split my.yaml --out splits.csv", "print the plan and save it"),
  handler: async ({ config: file, out, set, json }) => {
    const config = await loadConfig(file, [...set, "balance={method: none}"]);
    const dataset = await prepareDataset(config, terminalProgress());
    if (out !== undefined)
      await writeCsv(
        out,
        SPLITS.flatMap((name) => dataset.rows[name]),
      );
    if (json) return printJson({ ...dataset.split, problems: dataset.problems });
    print([splitPlanTable(dataset.split, dataset.problems)]);
    if (out !== undefined) process.stdout.write(`\nmanifest: ${out}\n`);
  },
};

const balance: CommandModule<object, Common & { config: string; out: string | undefined }> = {
  command: "balance <config>",
  describe: "the balancing plan of a config's train split; carried out with --out",
  builder: (y) =>
    common(y)
      .positional("config", {
        type: "string",
        demandOption: true,
        describe: "YAML file with a balance section",
      })
      .option("out", {
        type: "string",
        describe: "folder for plan.json, manifest.csv and the augmented copies as images",
      })
      .example("$0 data balance my.yaml", "what would be removed and copied")
      .example(
        "$0 data balance my.yaml --set balance.maxCopies=3 --out balanced",
        "with other limits, written",
      ),
  handler: async ({ config: file, out, set, json }) => {
    const config = await loadConfig(file, set);
    const dataset = await prepareDataset(config, terminalProgress());
    const plan = dataset.balance;
    if (!plan)
      throw new UsageError(
        `${file}: balance.method is none, so there is no plan; choose one: --set 'balance={method: priority}'`,
      );
    if (out !== undefined) {
      const train = await writeCopies(
        applyPlan(dataset.trainBefore, plan),
        join(out, "images"),
        config.seed,
      );
      await writeCsv(join(out, "manifest.csv"), [
        ...train,
        ...dataset.rows.validation,
        ...dataset.rows.test,
      ]);
      await writeFileAtomic(join(out, "plan.json"), `${JSON.stringify(plan, null, 1)}\n`);
    }
    if (json) return printJson(plan);
    print([balanceTable(plan)]);
    if (out !== undefined) process.stdout.write(`\nmanifest: ${join(out, "manifest.csv")}\n`);
  },
};

export const dataCommand: CommandModule = {
  command: "data",
  describe: "inspect, split and balance a data set",
  builder: (y) =>
    y
      .command(inspect)
      .command(split)
      .command(balance)
      .demandCommand(1, "expected one of inspect, split, balance"),
  handler: () => {},
};
