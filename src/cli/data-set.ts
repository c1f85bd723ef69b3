/** @file Looks at a data set, splits it, balances it. */
import { stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { auditManifest } from "../data/audit.ts";
import { writeCopies } from "../data/copies.ts";
import { writeCsv } from "../data/csv.ts";
import { type Manifest, SPLITS } from "../data/row.ts";
import { readUtkface } from "../data/utkface.ts";
import { readFolder } from "../data/folder.ts";
import { crossTables, labelTable, numberTables, problemTable } from "../report/tables/audit.ts";
import { balanceTable, changeTables, splitPlanTable } from "../report/tables/balance.ts";
import type { Table } from "../report/tables/table.ts";
import { tableText } from "../report/terminal/table.ts";
import { terminalOf } from "../report/terminal/terminal.ts";
import type { Cache } from "../run/cache/cache.ts";
import { loadConfig } from "../run/config/load.ts";
import { UsageError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import { terminalProgress } from "../run/progress.ts";
import { prepareDataset, readManifest } from "../train/dataset.ts";
import { writePictures } from "./data/pictures.ts";
import { cacheOf, defaultCache } from "./session.ts";

const print = (tables: readonly Table[]): void => {
  const terminal = terminalOf(process.stdout);
  process.stdout.write(`${tables.map((table) => tableText(table, terminal)).join("\n\n")}\n`);
};
const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

const isConfig = (path: string): boolean => [".yaml", ".yml"].includes(extname(path).toLowerCase());

/** The manifest that a config names, or a folder: UTKFace when names parse as such, else one sub-folder per label. */
async function manifestOf(
  source: string,
  set: readonly string[],
): Promise<{ manifest: Manifest; cache: Cache | null }> {
  if (isConfig(source)) {
    const config = await loadConfig(source, set);
    const manifest = await readManifest(config.data, config.seed, config.split);
    return { manifest, cache: cacheOf(config) };
  }
  return { manifest: await folderManifest(source), cache: defaultCache() };
}

async function folderManifest(source: string): Promise<Manifest> {
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

export interface DataOptions {
  /** `--set` pairs. */
  readonly set: readonly string[];
  readonly json: boolean;
}
interface OutOptions extends DataOptions {
  readonly out: string | undefined;
}

/** Prints distributions and problems of a config's data, or of a folder. */
export async function inspect(source: string, { set, json }: DataOptions): Promise<void> {
  const { manifest, cache } = await manifestOf(source, set);
  const progress = terminalProgress();
  progress.start("reading images", manifest.rows.length);
  const audit = await auditManifest(manifest, {
    cache,
    onProgress: (done) => progress.update(done),
  });
  progress.stop();
  if (json) return printJson(audit);
  print([labelTable(audit), ...crossTables(audit), ...numberTables(audit), problemTable(audit)]);
}

/** Prints the split of a config; with `out` saves it as a manifest. */
export async function split(file: string, { out, set, json }: OutOptions): Promise<void> {
  const config = await loadConfig(file, [...set, "balance={method: none}"]);
  const dataset = await prepareDataset(config, terminalProgress(), cacheOf(config));
  if (out !== undefined)
    await writeCsv(
      out,
      SPLITS.flatMap((name) => dataset.rows[name]),
    );
  if (json) return printJson({ ...dataset.split, problems: dataset.problems });
  print([splitPlanTable(dataset.split, dataset.problems)]);
  if (out !== undefined) process.stdout.write(`\nmanifest: ${out}\n`);
}

/** Prints the balancing plan of a config; with `out` carries it out there. */
export async function balance(file: string, { out, set, json }: OutOptions): Promise<void> {
  const config = await loadConfig(file, set);
  const dataset = await prepareDataset(config, terminalProgress(), cacheOf(config));
  const plan = dataset.balance;
  if (!plan)
    throw new UsageError(
      `${file}: balance.method is none, so there is no plan; choose one: --set 'balance={method: priority}'`,
    );
  if (out !== undefined) {
    const rows = SPLITS.flatMap((name) => dataset.rows[name]);
    const written = await writeCopies(rows, join(out, "images"), config.seed);
    await writeCsv(join(out, "manifest.csv"), written);
    await writeFileAtomic(join(out, "plan.json"), `${JSON.stringify(plan, null, 1)}\n`);
  }
  if (json) return printJson({ ...plan, problems: dataset.problems });
  print([...changeTables(plan), balanceTable({ ...plan, problems: dataset.problems })]);
  if (out !== undefined) process.stdout.write(`\nmanifest: ${join(out, "manifest.csv")}\n`);
}

/** Draws what a config's data looks like, before and after its balancing, into a folder. */
export async function pictures(
  file: string,
  { out, set, json }: DataOptions & { readonly out: string },
): Promise<void> {
  const config = await loadConfig(file, set);
  const dataset = await prepareDataset(config, terminalProgress(), cacheOf(config));
  const written = await writePictures(config, dataset, out);
  if (json) return printJson({ folder: out, files: written });
  const lines = written.map(({ file: name, shows }) => `${join(out, name)}: ${shows}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}
