/** @file Measures a trained run, on its test split or on data it never saw. */
import { existsSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import type { Manifest } from "../../data/row.ts";
import type { EvaluateOptions } from "../../eval/evaluate.ts";
import { loadModel } from "../../model/model.ts";
import type { Config } from "../../run/config/schema.ts";
import { UsageError } from "../../run/errors.ts";
import { type RunFolder, readRunConfig, runFolder } from "../../run/folder.ts";
import { terminalProgress } from "../../run/progress.ts";
import { loadBest } from "../../train/checkpoint.ts";
import { prepareDataset, readManifest } from "../../train/dataset.ts";
import type { Task } from "../../train/predict.ts";
import { openTrained } from "../../train/families.ts";
import { changeOf, readPlan } from "../plan.ts";
import { printReport } from "../reports.ts";
import { factsOf } from "../run-report.ts";
import { cacheOf, say, withEngineHere } from "../session.ts";
import { readVariants } from "../variants.ts";
import { measureRows } from "./measure.ts";

export interface MeasureOptions extends Pick<EvaluateOptions, "slices"> {
  /** A folder, CSV or TSV; by default the run's test split. */
  readonly data: string | undefined;
  /** Folder for the report; by default one in the run's. */
  readonly out: string | undefined;
  readonly json: boolean;
}

/** Writes predictions and a report, and prints it. Throws UsageError when `run` is no run or the data do not fit it. */
export async function measure(
  run: string,
  { data, out, json, slices }: MeasureOptions,
): Promise<void> {
  const folder = runFolder(run);
  const { config, said } = await withEngineHere(await readRunConfig(folder));
  say(said);
  const started = new Date();
  const { task } = await readPlan(folder);
  if (data === undefined && !existsSync(folder.manifest))
    throw new UsageError(
      `${folder.root}: training is not complete, and its test split is looked at once, at the end; go on with equiclip train --resume, or measure other data with --data`,
    );
  const { rows, rejected } = await rowsOf(config, folder, task, data);
  const best = await loadBest(folder.best);
  const name = data === undefined ? "test" : basename(resolve(data), extname(data));
  const command = `equiclip eval ${run}${data === undefined ? "" : ` --data ${data}`}`;
  const target = out ?? join(folder.root, `eval-${name}`);
  const report = await measureRows(
    {
      config,
      task,
      rows,
      rejected,
      label: data === undefined ? "test split" : data,
      ...best,
      variants: await readVariants(folder),
      between: async (engine) =>
        openTrained(engine, config, task, await loadModel(folder.wise), null, null),
      facts: factsOf(config, best.model, null, started, command),
    },
    { out: target, progress: terminalProgress(), slices },
  );
  printReport(report, runFolder(target), json);
}

/** Rows to measure: the run's test split, or all of other data, read like the run's own unless it is a table. */
async function rowsOf(
  config: Config,
  folder: RunFolder,
  task: Task,
  path: string | undefined,
): Promise<Pick<Manifest, "rows" | "rejected">> {
  if (path === undefined) {
    const { rows, rejected } = await prepareDataset(config, terminalProgress(), cacheOf(config));
    const { splits } = await readPlan(folder);
    const change = changeOf(splits.test, rows.test);
    if (change !== null)
      throw new UsageError(
        `${folder.root}: the data changed since the run, so its test split is gone (${change}); measure what is there with --data`,
      );
    return { rows: rows.test, rejected };
  }
  const { rows, rejected } = await readManifest(sourceOf(config, task, path), config.seed);
  const wanted = rows.filter((row) => !config.data.exclude.includes(row.labels[task.target] ?? ""));
  const stray = wanted.find((row) => !task.classes.includes(row.labels[task.target] ?? ""));
  if (stray)
    throw new UsageError(
      `${path}: ${stray.id} has ${task.target}=${stray.labels[task.target] ?? "(none)"}, expected one of the classes trained on: ${task.classes.join(", ")}`,
    );
  return { rows: wanted, rejected };
}

/** How other data is read: a table by its columns, a folder like the run's own. */
function sourceOf(config: Config, task: Task, path: string): Config["data"] {
  const { target, sensitive, intersections, exclude, maxBad, duplicates } = config.data;
  const common = {
    target,
    sensitive: sensitive ?? [target],
    share: 1,
    intersections,
    exclude,
    select: { thin: [] },
    maxBad,
    duplicates,
  };
  const { data } = config;
  if (/\.(csv|tsv)$/i.test(path))
    return data.source === "csv"
      ? { ...data, path, splitColumn: undefined }
      : { ...common, source: "csv", path, image: "image", numbers: [] };
  if (data.source === "utkface" || data.source === "folders") return { ...data, path };
  throw new UsageError(
    `--data ${path}: expected a CSV or TSV file with the columns image, ${[task.target, ...task.attributes].join(", ")}, received a folder; the run was trained on ${data.source} data`,
  );
}
