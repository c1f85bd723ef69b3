/** @file Measures the prompt sets of a config on images that are embedded already: a report and predictions for each. */
import type { Engine } from "../engine/engine.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import type { Model } from "../model/model.ts";
import type { PromptSetResult, RunFacts } from "../report/model.ts";
import type { Config } from "../run/config/schema.ts";
import { type RunFolder, runFolder } from "../run/folder.ts";
import type { Task } from "../train/predict.ts";
import { answerPromptSet, promptSetTasks } from "../train/prompt-sets.ts";
import type { Embedded, Trained } from "../train/trained.ts";
import { writePart } from "./part-report.ts";
import { requireClip } from "./session.ts";

export interface Asked {
  readonly config: Config;
  readonly task: Task;
  readonly engine: Engine;
  readonly model: Model;
  readonly trained: Pick<Trained, "classifier">;
  /** Of the rows, in words. */
  readonly label: string;
  readonly optionsOf: (task: Task) => EvaluateOptions;
  readonly facts: RunFacts;
}

/** Writes the report and the predictions of every set into a folder of its own. Throws as `promptSetTasks`. */
export async function measurePromptSets(
  { config, task, engine, model, trained, label, optionsOf, facts }: Asked,
  part: Embedded,
  folder: RunFolder,
): Promise<PromptSetResult[]> {
  const results: PromptSetResult[] = [];
  for (const asked of promptSetTasks(config, task, part.rows)) {
    const { name, set } = asked;
    const { scale } = trained.classifier;
    const predictions = await answerPromptSet(
      engine,
      requireClip(model, config.model.from),
      asked,
      part,
      scale,
    );
    const { excludedClasses } = set;
    const { target } = asked.task;
    const report = await writePart(
      { title: `${config.name}: prompts ${name}`, target, label, facts },
      predictions,
      { ...optionsOf(asked.task), excludedClasses },
      runFolder(folder.promptSet(name)),
    );
    results.push({ name, target, prompts: set.prompts, report });
  }
  return results;
}
