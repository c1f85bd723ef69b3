/** @file Other prompts for the same images: each named set is a classifier of its own, of the target or another attribute. */
import type { Row } from "../data/row.ts";
import type { Engine } from "../engine/engine.ts";
import type { ClipModel } from "../model/folder.ts";
import type { Config } from "../run/config/schema.ts";
import { UsageError } from "../run/errors.ts";
import { takeRows } from "../run/linalg/embeddings.ts";
import { probabilities } from "./classifier.ts";
import { encodeTexts } from "./encoder.ts";
import { createTowers } from "./network.ts";
import { type ScoredPredictions, type Task, predictionsOf, taskBeside } from "./predict.ts";
import { promptTexts } from "./prompts.ts";
import type { Embedded } from "./trained.ts";

type PromptSet = Config["promptSets"][string];

/** What a set asks: the task, and the rows that it is asked of. */
export interface PromptSetTask {
  readonly name: string;
  readonly set: PromptSet;
  readonly task: Task;
  /** Indices into the rows. */
  readonly rows: readonly number[];
}

/**
 * Of every set of a config. Attributes measured are those of the run, with the run's target in place of the set's own.
 * @throws UsageError for a target that rows do not have, labels without a prompt, or fewer than two classes
 */
export const promptSetTasks = (
  { promptSets, model }: Pick<Config, "promptSets" | "model">,
  main: Task,
  rows: readonly Row[],
): PromptSetTask[] => {
  const sets = Object.entries(promptSets);
  if (sets.length > 0 && model.trainable.kind === "probe")
    throw new UsageError(
      "promptSets: a probe classifies by no texts; leave them out, or take another model.trainable",
    );
  return sets.map(([name, set]) => taskOf(name, set, main, rows));
};

function taskOf(name: string, set: PromptSet, main: Task, rows: readonly Row[]): PromptSetTask {
  const { target = main.target, prompts, exclude } = set;
  const where = `promptSets.${name}`;
  const own = target === main.target;
  const classes = own ? main.classes : Object.keys(prompts);
  const stray = own ? Object.keys(prompts).find((label) => !classes.includes(label)) : undefined;
  if (stray !== undefined)
    throw new UsageError(
      `${where}.prompts.${stray}: "${stray}" is not a class of ${target}; expected ${classes.join(", ")}`,
    );
  if (classes.length < 2)
    throw new UsageError(`${where}.prompts: expected two classes of ${target} or more`);
  const wanted: number[] = [];
  rows.forEach(({ id, labels }, i) => {
    const label = labels[target];
    if (label === undefined)
      throw new UsageError(
        `${where}.target: ${id} has no attribute "${target}"; expected one of ${Object.keys(labels).join(", ")}`,
      );
    if (exclude.includes(label)) return;
    if (prompts[label] === undefined)
      throw new UsageError(
        `${where}.prompts: ${target} is ${label} in ${id}, and no text is of it; add one, or leave its rows out with exclude`,
      );
    wanted.push(i);
  });
  const without = classes.find(
    (label) => !exclude.includes(label) && !wanted.some((i) => rows[i]!.labels[target] === label),
  );
  if (without !== undefined)
    throw new UsageError(`${where}.prompts.${without}: no test row has ${target}=${without}`);
  return {
    name,
    set,
    task: own ? main : taskBeside(main, target, classes, classes[1]!),
    rows: wanted,
  };
}

/**
 * What the images are by the texts of a set. @param part all rows with their unit embeddings
 * @param scale of the model's cosines
 */
export async function answerPromptSet(
  engine: Engine,
  model: ClipModel,
  { set, task, rows }: PromptSetTask,
  part: Pick<Embedded, "rows" | "embeddings">,
  scale: number,
): Promise<ScoredPredictions> {
  const width = part.embeddings.length / part.rows.length;
  const texts = promptTexts(model, set.prompts, task);
  const weight = await encodeTexts(engine, createTowers(model.config, model.weights), texts);
  const classifier = { weight, bias: null, scale, classes: task.classes.length, width };
  return predictionsOf(
    task,
    rows.map((row) => part.rows[row]!),
    probabilities(classifier, takeRows(part.embeddings, width, rows)),
  );
}
