/** @file Measures a trained run, on its test split or on data it never saw. */
import { existsSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import type { Manifest, Rejected } from "../../data/row.ts";
import type { EvaluateOptions } from "../../eval/evaluate.ts";
import { loadClip } from "../../model/folder.ts";
import type { RunReport } from "../../report/model.ts";
import type { Config } from "../../run/config/schema.ts";
import { UsageError } from "../../run/errors.ts";
import { type RunFolder, readRunConfig, runFolder } from "../../run/folder.ts";
import { terminalProgress } from "../../run/progress.ts";
import { assess } from "../../train/assess.ts";
import { loadBest } from "../../train/checkpoint.ts";
import { prepareDataset, readManifest } from "../../train/dataset.ts";
import type { Task } from "../../train/predict.ts";
import { embed, openTrained } from "../../train/trained.ts";
import { removedAttributes } from "../../train/variants/attributes.ts";
import type { Original } from "../../train/variants/variant.ts";
import { evaluateOptions, storeOf } from "../experiment.ts";
import { changeOf, readPlan } from "../plan.ts";
import { printReport, writeAllPredictions, writeReports } from "../reports.ts";
import { factsOf, measuredPart } from "../run-report.ts";
import { cacheOf, engineOf, say, withEngineHere } from "../session.ts";
import { failures, readVariants } from "../variants.ts";

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
  const progress = terminalProgress();
  const { task } = await readPlan(folder);
  if (data === undefined && !existsSync(folder.manifest))
    throw new UsageError(
      `${folder.root}: training is not complete, and its test split is looked at once, at the end; go on with equiclip train --resume, or measure other data with --data`,
    );
  const { rows, rejected } = await rowsOf(config, folder, task, data);
  const best = await loadBest(folder.best);
  const engine = await engineOf(config);
  const trained = await openTrained(engine, config, task, best.model, best.probe);
  try {
    const label = data === undefined ? "test split" : data;
    const store = await storeOf(rows, label, config, best.model, progress);
    const embedded = await embed(trained, store, label, progress);
    const variants = await readVariants(folder);
    const original: Original = {
      task,
      classifier: trained.classifier,
      between: async () => openTrained(engine, config, task, await loadClip(folder.wise), null),
    };
    const options = { ...evaluateOptions(config, task), slices };
    const { assessment: assessed, failed } = await assess(
      original,
      embedded,
      variants,
      options,
      removedAttributes(config.debias, task),
    );
    const name = data === undefined ? "test" : basename(resolve(data), extname(data));
    const target = runFolder(out ?? join(folder.root, `eval-${name}`));
    const assessment = { ...assessed, result: await writeAllPredictions(assessed, target) };
    const command = `equiclip eval ${run}${data === undefined ? "" : ` --data ${data}`}`;
    const report: RunReport = {
      title: `${config.name} on ${label}`,
      run: factsOf(config, best.model, null, started, command),
      data: null,
      trajectory: null,
      ...(await measuredPart(config, task, label, assessment, variants, store)),
      notes: [...leftOut([...rejected, ...store.bad]), ...failures(failed)],
    };
    await writeReports(report, target);
    printReport(report, target, json);
  } finally {
    await trained.dispose();
  }
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

const MOST_LEFT_OUT = 10;

/** One line for each file that was not measured, and how many more there are. */
const leftOut = (rejected: readonly Rejected[]): string[] => [
  ...rejected.slice(0, MOST_LEFT_OUT).map(({ id, reason }) => `Left out ${id}: ${reason}.`),
  ...(rejected.length > MOST_LEFT_OUT ? [`${rejected.length} files were left out in all.`] : []),
];

/** How other data is read: a table by its columns, a folder like the run's own. */
function sourceOf(config: Config, task: Task, path: string): Config["data"] {
  const { target, sensitive, intersections, exclude, maxBad, duplicates } = config.data;
  const common = {
    target,
    sensitive: sensitive ?? [target],
    intersections,
    exclude,
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
