/** @file A model on rows: embedded, classified as it is and after each method, reported. */
import type { Rejected, Row } from "../../data/row.ts";
import type { Engine } from "../../engine/engine.ts";
import type { EvaluateOptions } from "../../eval/evaluate.ts";
import type { Model } from "../../model/model.ts";
import type { Weights } from "../../model/weights.ts";
import type { RunFacts, RunReport } from "../../report/model.ts";
import type { Config } from "../../run/config/schema.ts";
import { runFolder } from "../../run/folder.ts";
import type { Progress } from "../../run/progress.ts";
import { assess } from "../../train/assess.ts";
import type { Task } from "../../train/predict.ts";
import { promptSetTasks } from "../../train/prompt-sets.ts";
import { openTrained } from "../../train/families.ts";
import { type Trained, embed } from "../../train/trained.ts";
import { removedAttributes } from "../../train/variants/attributes.ts";
import type { Variant } from "../../train/variants/variant.ts";
import { evaluateOptions, storeOf } from "../experiment.ts";
import { unmeasuredNote } from "../outputs.ts";
import { measurePromptSets } from "../prompt-sets.ts";
import { writeAllPredictions, writeReports } from "../reports.ts";
import { measuredPart } from "../run-report.ts";
import { cacheOf, engineOf } from "../session.ts";
import { failures } from "../variants.ts";

/** What is measured. */
export interface Measured {
  readonly config: Config;
  readonly task: Task;
  readonly rows: readonly Row[];
  readonly rejected: readonly Rejected[];
  /** Of the rows, in words. */
  readonly label: string;
  readonly model: Model;
  readonly probe: Weights | null;
  readonly variants: ReadonlyMap<string, Variant>;
  /** The classifier of a variant that has weights of its own. */
  readonly between: (engine: Engine) => Promise<Trained>;
  readonly facts: RunFacts;
}

export interface Output extends Pick<EvaluateOptions, "slices"> {
  /** Folder of the report and the predictions. */
  readonly out: string;
  readonly progress: Progress;
}

/** Writes predictions and a report. Returns the report. */
export async function measureRows(
  { config, task, rows, rejected, label, model, probe, variants, between, facts }: Measured,
  { out, progress, slices }: Output,
): Promise<RunReport> {
  promptSetTasks(config, task, rows); // what cannot be asked is told before images are read
  const engine = await engineOf(config);
  const trained = await openTrained(engine, config, task, model, probe, cacheOf(config));
  try {
    const store = await storeOf(rows, label, config, model, progress);
    const embedded = await embed(trained, store, label, progress);
    const { assessment: assessed, failed } = await assess(
      { task, classifier: trained.classifier, between: () => between(engine) },
      embedded,
      variants,
      { ...evaluateOptions(config, task), slices },
      removedAttributes(config.debias, task),
    );
    const target = runFolder(out);
    const assessment = { ...assessed, result: await writeAllPredictions(assessed, target) };
    const report: RunReport = {
      title: `${config.name} on ${label}`,
      run: facts,
      data: null,
      trajectory: null,
      ...(await measuredPart(config, task, label, assessment, variants, store)),
      promptSets: await measurePromptSets(
        {
          config,
          task,
          engine,
          model,
          trained,
          label,
          facts,
          optionsOf: (of) => evaluateOptions(config, of),
        },
        embedded,
        target,
      ),
      notes: [
        ...unmeasuredNote(config),
        ...leftOut([...rejected, ...store.bad]),
        ...failures(failed),
      ],
    };
    await writeReports(report, target);
    return report;
  } finally {
    await trained.dispose();
  }
}

const MOST_LEFT_OUT = 10;

/** One line for each file that was not measured, and how many more there are. */
const leftOut = (rejected: readonly Rejected[]): string[] => [
  ...rejected.slice(0, MOST_LEFT_OUT).map(({ id, reason }) => `Left out ${id}: ${reason}.`),
  ...(rejected.length > MOST_LEFT_OUT ? [`${rejected.length} files were left out in all.`] : []),
];
