/** @file The folder of a comparison: what it is of, and the cells that are done. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { CellOutcome } from "../../compare/cell.ts";
import { CompareCell } from "../../compare/result.ts";
import { writePredictions } from "../../eval/predictions-csv.ts";
import type { CompareConfig } from "../../run/config/compare.ts";
import { UsageError } from "../../run/errors.ts";
import { removeTemporaries, writeFileAtomic } from "../../run/files.ts";
import { differences } from "../../run/folder.ts";
import type { Job } from "./study.ts";

/** Paths inside the folder. */
export interface CompareFolder {
  readonly root: string;
  /** The config with every default filled in. */
  readonly config: string;
  /** Digest of the data that cells were computed from. */
  readonly data: string;
  /** Of a model that embeds for this comparison: images and texts. */
  readonly embeddings: string;
  readonly cells: string;
  /** The answers for test rows of each cell, so that anyone can measure again. */
  readonly predictions: string;
  readonly result: string;
  readonly cellsCsv: string;
  readonly summaryCsv: string;
  readonly reportHtml: string;
  readonly reportMarkdown: string;
}

export const compareFolder = (root: string): CompareFolder => ({
  root,
  config: join(root, "config.yaml"),
  data: join(root, "data.sha256"),
  embeddings: join(root, "embeddings"),
  cells: join(root, "cells"),
  predictions: join(root, "predictions"),
  result: join(root, "result.json"),
  cellsCsv: join(root, "cells.csv"),
  summaryCsv: join(root, "summary.csv"),
  reportHtml: join(root, "report.html"),
  reportMarkdown: join(root, "report.md"),
});

/** How the work is shared out changes no number. */
const lasting = ({ workers: _workers, threads: _threads, ...config }: CompareConfig) => config;

/**
 * Makes the folder ready: an unused one, or one that was started with the same config. Until a cell is done the config
 * may change.
 * @param fresh empties a comparison that is there
 * @throws UsageError when it holds anything else
 */
export async function openCompareFolder(
  folder: CompareFolder,
  config: CompareConfig,
  fresh: boolean,
): Promise<void> {
  const { root } = folder;
  await mkdir(root, { recursive: true });
  const names = await readdir(root);
  const started = existsSync(folder.config);
  if (names.length > 0 && !started)
    throw new UsageError(
      `${root} is no comparison, but holds ${names[0]}: expected a new or empty folder; choose another with --out`,
    );
  if (started && fresh) for (const name of names) await rm(join(root, name), { recursive: true });
  const wanted = lasting(config);
  if (await hasCells(folder)) {
    const before: unknown = parse(await readFile(folder.config, "utf8"));
    refuseChanges(folder, differences(before, JSON.parse(JSON.stringify(wanted)), ""));
  } else await writeFileAtomic(folder.config, stringify(wanted));
  for (const path of [folder.cells, folder.predictions]) {
    await mkdir(path, { recursive: true });
    await removeTemporaries(path);
  }
}

/**
 * The same config may find other data.
 * @param digest of rows and embeddings
 * @throws UsageError when cells were computed from others
 */
export async function keepData(folder: CompareFolder, digest: string): Promise<void> {
  const known = existsSync(folder.data) ? (await readFile(folder.data, "utf8")).trim() : digest;
  if (await hasCells(folder)) refuseChanges(folder, known === digest ? [] : ["the data"]);
  await writeFileAtomic(folder.data, `${digest}\n`);
}

const hasCells = async ({ cells }: CompareFolder): Promise<boolean> =>
  existsSync(cells) && (await readdir(cells)).some((name) => name.endsWith(".json"));

function refuseChanges({ root }: CompareFolder, changed: readonly string[]): void {
  if (changed.length > 0)
    throw new UsageError(
      `${root} was started with another config or other data: ${changed.join(", ")} changed; bring it back, start again with --fresh, or choose another folder with --out`,
    );
}

/** Different for different cells: what is no letter or digit of a task or method is escaped, dots too. */
const nameOf = ({ task, method, seed }: Job): string =>
  [task, method, `seed-${seed}`].map(escaped).join(".");

const escaped = (part: string): string =>
  part.replace(/[^\p{L}\p{M}\p{N}_+-]/gu, (other) => `%${Buffer.from(other).toString("hex")}`);

/** Predictions first: a cell that is there is whole. */
export async function saveCell(
  folder: CompareFolder,
  { cell, predictions }: CellOutcome,
): Promise<void> {
  const name = nameOf(cell);
  if (predictions) await writePredictions(join(folder.predictions, `${name}.csv`), predictions);
  await writeFileAtomic(join(folder.cells, `${name}.json`), `${JSON.stringify(cell)}\n`);
}

/** The cell of a job when it is done and need not be done again; what failed is tried again. */
export async function savedCell(folder: CompareFolder, job: Job): Promise<CompareCell | null> {
  const path = join(folder.cells, `${nameOf(job)}.json`);
  if (!existsSync(path)) return null;
  const cell = CompareCell.parse(JSON.parse(await readFile(path, "utf8")));
  return cell.status === "failed" ? null : cell;
}
