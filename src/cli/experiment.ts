/** @file One experiment, end to end: data, training, selection, debiasing, the test split once, the report. */
import { type PixelStore, createPixelStore } from "../data/pixels.ts";
import { type Row, SPLITS, type Split } from "../data/row.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import { isCompat } from "../eval/metrics/compat.ts";
import { summarize } from "../model/cnn/summary.ts";
import type { Model } from "../model/model.ts";
import type { RunReport } from "../report/model.ts";
import type { Config } from "../run/config/schema.ts";
import type { RunFolder } from "../run/folder.ts";
import type { Progress } from "../run/progress.ts";
import { assess } from "../train/assess.ts";
import { loadBest } from "../train/checkpoint.ts";
import { outputLabels } from "../train/cnn/outputs.ts";
import { prepareDataset } from "../train/dataset.ts";
import { fit } from "../train/fit.ts";
import { type EpochCriteria, isOfTraining } from "../train/epoch-choice.ts";
import { type Validation, defaultConstraints } from "../train/judge.ts";
import type { EpochRecord, LoopState } from "../train/loop-state.ts";
import type { Task } from "../train/predict.ts";
import { promptSetTasks } from "../train/prompt-sets.ts";
import { openTrained } from "../train/families.ts";
import { embed } from "../train/trained.ts";
import { overlapNotes, removedAttributes } from "../train/variants/attributes.ts";
import { chooseVariants } from "../train/variants/choose.ts";
import { textEncoder } from "../train/variants/prompts.ts";
import { savingWhenInterrupted } from "./interrupt.ts";
import { keepPlan } from "./plan.ts";
import { measureOutputs } from "./outputs.ts";
import { measurePromptSets } from "./prompt-sets.ts";
import { type Records, openRecords } from "./records.ts";
import { writeAllPredictions, writeReports } from "./reports.ts";
import { manifestOf, writeManifest } from "./run-manifest.ts";
import { dataPlanOf, factsOf, measuredPart, trajectoryOf } from "./run-report.ts";
import { cacheOf, engineOf, startOf } from "./session.ts";
import { choiceNotes, failures, keepVariants, originalOf } from "./variants.ts";

export interface ExperimentOptions {
  /** The command line, for the report. */
  readonly command: string;
  readonly progress: Progress;
  /** Called as each epoch ends. */
  readonly onEpoch?: (record: EpochRecord<Validation>) => void;
}

/**
 * The limits of a config, or the default one on every sensitive attribute: none where the epoch is kept by what
 * validation does not tell, such as the last one.
 */
export const criteriaOf = ({ select }: Config, task: Task): EpochCriteria => ({
  objective: select.objective,
  constraints: (
    select.constraints ??
    (isOfTraining(select.objective)
      ? []
      : task.attributes.flatMap((attribute) => defaultConstraints(task, attribute)))
  ).map(({ attribute, ...rest }) => ({ ...rest, attribute })),
});

export const evaluateOptions = (
  { evaluate, select, seed }: Config,
  task: Task,
): EvaluateOptions => ({
  positive: task.positive ?? undefined,
  attributes: task.attributes,
  compat: evaluate.compat || (select.constraints ?? []).some(({ metric }) => isCompat(metric)),
  excludedClasses: evaluate.excludedClasses,
  minSupport: evaluate.minSupport,
  uncertainty: { level: evaluate.level, replicates: evaluate.bootstrap, seed },
});

/** Pixels of rows as a model wants them; unreadable images beyond `data.maxBad` are an error. */
export async function storeOf(
  rows: readonly Row[],
  label: string,
  config: Config,
  { imageProcessor }: Pick<Model, "imageProcessor">,
  progress: Progress,
): Promise<PixelStore> {
  progress.start(`reading ${label}`, rows.length);
  try {
    return await createPixelStore({
      rows,
      preprocess: imageProcessor,
      augment: config.augment,
      seed: config.seed,
      maxBad: config.data.maxBad,
      onProgress: (done) => progress.update(done),
    });
  } finally {
    progress.stop();
  }
}

/** What a reader must know of a run whose best weights are a reference to the live ones. */
function liveNote({ select }: Config, { trajectory, selected }: LoopState<Validation>): string[] {
  const last = trajectory.at(-1)!.epoch;
  return select.stores === "selected" || last === selected
    ? []
    : [
        `select.stores is live (compat): all that is measured is of the weights of epoch ${last}, the last one, although epoch ${selected} was selected.`,
      ];
}

/** Trains, measures and writes the report. Returns it, and whether the kept epoch meets every constraint. */
export async function runExperiment(
  config: Config,
  folder: RunFolder,
  { command, progress, onEpoch }: ExperimentOptions,
): Promise<{ feasible: boolean; report: RunReport }> {
  const started = new Date();
  const engine = await engineOf(config);
  const start = await startOf(config, progress); // first: a wrong name should not cost a minute of reading data
  const cache = cacheOf(config);
  const dataset = await prepareDataset(config, progress, cache);
  const { task } = dataset;
  promptSetTasks(config, task, dataset.rows.test);
  await keepPlan(folder, dataset);
  const model = await start(dataset);
  const labels = outputLabels(config, Object.values(dataset.rows).flat());
  const store = (split: Split) => storeOf(dataset.rows[split], split, config, model, progress);
  const stores = {
    train: await store("train"),
    validation: await store("validation"),
    // decoded now, so that a bad file is known before hours of training; looked at in the end alone
    test: await store("test"),
  };
  const criteria = criteriaOf(config, task);
  const options = evaluateOptions(config, task);

  let records: Records | null = null;
  const state: LoopState<Validation> = await savingWhenInterrupted((signal) =>
    fit(
      {
        engine,
        config,
        model,
        task,
        criteria,
        train: stores.train,
        validation: stores.validation,
        evaluate: options,
        labels,
        folder,
        cache,
      },
      {
        onStart: async (resumed) => {
          records = await openRecords(folder, resumed);
        },
        onStep: async (record) => records?.step(record),
        onEpoch: async (record, selected) => {
          await records?.epoch(record, selected);
          onEpoch?.(record);
        },
        progress,
        signal,
      },
    ),
  ).finally(() => records?.close());

  const best = await loadBest(folder.best);
  const trained = await openTrained(engine, config, task, best.model, best.probe, cache);
  try {
    const original = originalOf(engine, config, task, best.model, trained.classifier, async () =>
      (await startOf(config, progress))(dataset),
    );
    const choices = await chooseVariants({
      original,
      train: await embed(trained, stores.train, "train", progress),
      validation: await embed(trained, stores.validation, "validation", progress),
      config,
      encodeTexts:
        best.model.kind === "clip" && !best.probe ? textEncoder(engine, best.model) : null,
      criteria,
      evaluate: options,
    });
    await keepVariants(folder, choices.chosen, original);
    // everything is chosen: from here on, and only here, test rows are used
    const embedded = await embed(trained, stores.test, "test", progress);
    const { assessment: assessed, failed } = await assess(
      original,
      embedded,
      choices.chosen,
      { ...options, slices: true },
      removedAttributes(config.debias, task),
    );
    const assessment = { ...assessed, result: await writeAllPredictions(assessed, folder) };
    const facts = factsOf(config, best.model, state, started, command);
    const report: RunReport = {
      title: config.name,
      run: facts,
      data: dataPlanOf(
        config,
        dataset,
        SPLITS.flatMap((split) => stores[split].bad),
      ),
      trajectory: trajectoryOf(state, criteria),
      ...(await measuredPart(config, task, "test split", assessment, choices.chosen, stores.test)),
      promptSets: await measurePromptSets(
        {
          config,
          task,
          engine,
          model: best.model,
          trained,
          label: "test split",
          facts,
          optionsOf: (of) => evaluateOptions(config, of),
        },
        embedded,
        folder,
      ),
      outputs: await measureOutputs(
        {
          engine,
          config,
          task,
          model: best.model,
          trained,
          labels,
          label: "test split",
          facts,
          optionsOf: (of) => evaluateOptions(config, of),
        },
        stores.test,
        folder,
      ),
      network: best.model.kind === "cnn" ? summarize(best.model.config) : null,
      notes: [
        ...dataset.problems,
        ...liveNote(config, state),
        ...overlapNotes(config.debias, task, stores.train.rows),
        ...choiceNotes(choices),
        ...failures(failed),
      ],
    };
    await writeReports(report, folder);
    const feasible = state.trajectory[state.selected ?? 0]?.validation.feasible ?? false;
    await writeManifest(folder, manifestOf(config, state, started, feasible));
    return { feasible, report };
  } finally {
    await trained.dispose();
  }
}
