/** @file Runs a sweep: a run's model or a config's, its train, validation and test rows, the report. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readCaptions } from "../../data/captions/read.ts";
import { swapper } from "../../data/captions/swap.ts";
import { readWordPairs } from "../../data/captions/words.ts";
import { groupBy } from "../../data/cells.ts";
import { SPLITS, type Row, type Split } from "../../data/row.ts";
import type { SweepResult } from "../../debias/sweep/result.ts";
import { writePredictions } from "../../eval/predictions-csv.ts";
import { sweepHtml } from "../../report/sweep/page.ts";
import { sweepMarkdown } from "../../report/sweep/markdown.ts";
import type { SweepRun } from "../../report/sweep/model.ts";
import { sweepText } from "../../report/sweep/text.ts";
import { terminalOf } from "../../report/terminal/terminal.ts";
import { loadConfig } from "../../run/config/load.ts";
import type { Config } from "../../run/config/schema.ts";
import { UsageError } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { type RunFolder, runFolder } from "../../run/folder.ts";
import { type Progress, terminalProgress } from "../../run/progress.ts";
import { random } from "../../run/random.ts";
import { loadBest } from "../../train/checkpoint.ts";
import { prepareDataset } from "../../train/dataset.ts";
import type { Task } from "../../train/predict.ts";
import { runSweep } from "../../train/sweep/sweep.ts";
import {
  type SweepTexts,
  genderedTexts,
  templateTexts,
  textRows,
} from "../../train/sweep/texts.ts";
import { openTrained } from "../../train/families.ts";
import { embed } from "../../train/trained.ts";
import { removedAttributes } from "../../train/variants/attributes.ts";
import { textEncoder } from "../../train/variants/prompts.ts";
import { evaluateOptions, storeOf } from "../experiment.ts";
import { changeOf, readPlan } from "../plan.ts";
import { commandLine, factsOf } from "../run-report.ts";
import { cacheOf, engineOf, clipOf, say, withEngineHere, requireClip } from "../session.ts";

interface Options {
  readonly out: string | undefined;
  readonly set: readonly string[];
  readonly json: boolean;
}

/** Sweeps a run or a config's model, and prints what came of it. Throws UsageError for what cannot be swept. */
export async function sweepRun(subject: string, { out, set, json }: Options): Promise<void> {
  const progress = terminalProgress();
  const folder = runFolder(subject);
  const isRun = existsSync(folder.config);
  const { config, said } = await withEngineHere(
    await loadConfig(isRun ? folder.config : subject, set),
  );
  say(said);
  const target = runFolder(out ?? (isRun ? join(subject, "sweep") : `sweep-${config.name}`));
  const result = await sweepModel(config, isRun ? folder : null, target, progress);
  process.stdout.write(
    json
      ? `${JSON.stringify(result)}\n`
      : `${sweepText(result, terminalOf(process.stdout))}\n\nreport: ${target.reportHtml}\n`,
  );
}

/**
 * Writes the report as JSON, HTML and Markdown, and the predictions of every way for the test rows.
 * @param folder of the run whose model is swept; null for the model that the config starts from
 */
export async function sweepModel(
  config: Config,
  folder: RunFolder | null,
  target: RunFolder,
  progress: Progress,
): Promise<SweepResult> {
  const started = new Date();
  const model = folder ? await trainedModel(folder) : await clipOf(config, progress);
  const { task, rows } = await sweepRows(config, folder, progress);
  const attribute = attributeOf(config, task);
  const measured = { ...task, attributes: [...new Set([...task.attributes, attribute])] };
  const labels = [...new Set(rows.train.map((row) => row.labels[attribute]!))].toSorted();
  const texts = await textsOf(config, labels);
  const engine = await engineOf(config);
  const trained = await openTrained(engine, config, task, model, null, cacheOf(config));
  try {
    const part = async (split: Split) => {
      const store = await storeOf(rows[split], split, config, model, progress);
      return embed(trained, store, split, progress);
    };
    const { result, predictions } = runSweep({
      name: config.name,
      task: measured,
      attribute,
      fit: await part("train"),
      validation: await part("validation"),
      test: await part("test"),
      texts: textRows(await textEncoder(engine, model)(texts.texts), texts),
      notes: texts.notes,
      classTexts: trained.classifier.weight,
      settings: config.sweep,
      seed: config.seed,
      evaluate: evaluateOptions(config, measured),
    });
    const report: SweepRun = {
      title: `${config.name}: ${attribute} projected out`,
      run: factsOf(config, model, null, started, commandLine()),
      result,
    };
    for (const [side, of] of Object.entries(predictions))
      await writePredictions(target.predictionsAfter(side), of);
    await writeFileAtomic(target.reportJson, `${JSON.stringify(result, null, 2)}\n`);
    await writeFileAtomic(target.reportHtml, sweepHtml(report));
    await writeFileAtomic(target.reportMarkdown, sweepMarkdown(report));
    return result;
  } finally {
    await trained.dispose();
  }
}

async function trainedModel(folder: RunFolder) {
  if (!existsSync(folder.manifest))
    throw new UsageError(
      `${folder.root}: training is not complete, and its test split is looked at once, at the end; go on with equiclip train --resume`,
    );
  const { model, probe } = await loadBest(folder.best);
  const clip = requireClip(model, folder.root);
  if (probe)
    throw new UsageError(
      `${folder.root}: a probe classifies by no texts, so there is nothing to project out of them; expected a run with model.trainable other than probe`,
    );
  return clip;
}

/** What directions are fitted on beside images, for these classes of the attribute. */
async function textsOf({ sweep, seed }: Config, classes: readonly string[]): Promise<SweepTexts> {
  if (!sweep.texts) return templateTexts(sweep, classes);
  const { path, perClass, words } = sweep.texts;
  const pairs = words === undefined ? undefined : await readWordPairs(words);
  return genderedTexts(await readCaptions(path), perClass, swapper(pairs), classes, seed);
}

/** The attribute that is removed: the one configured, or a sensitive one, else the target itself. */
const attributeOf = ({ sweep, debias }: Config, task: Task): string =>
  sweep.attribute ?? removedAttributes(debias, task)[0] ?? task.target;

/** Validation and test rows, and of train so many of each class of the attribute, drawn by the seed. */
async function sweepRows(
  config: Config,
  folder: RunFolder | null,
  progress: Progress,
): Promise<{ readonly task: Task; readonly rows: Readonly<Record<Split, readonly Row[]>> }> {
  const { task, rows } = await prepareDataset(config, progress, cacheOf(config));
  if (folder) {
    const { splits } = await readPlan(folder);
    const changed = SPLITS.map((split) => changeOf(splits[split], rows[split])).find(
      (change) => change !== null,
    );
    if (changed != null)
      throw new UsageError(`${folder.root}: the data changed since the run (${changed})`);
  }
  const attribute = attributeOf(config, task);
  const classes = groupBy(
    rows.train.filter(({ labels, origin }) => origin === null && labels[attribute] !== undefined),
    ({ labels }) => labels[attribute]!,
  );
  if (classes.size < 2)
    throw new UsageError(
      `sweep.attribute ${attribute}: expected rows of at least two classes in train, received ${[...classes.keys()].join(", ") || "none"}`,
    );
  const train = [...classes].flatMap(([label, of]) =>
    random(config.seed, "sweep", label).shuffle(of).slice(0, config.sweep.perClass),
  );
  return { task, rows: { ...rows, train } };
}
