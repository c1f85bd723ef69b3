/** @file What a config trains: a network, what it minimises, and the rows in their order. */
import type { PixelStore } from "../data/pixels.ts";
import type { Engine } from "../engine/engine.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import type { ClipModel } from "../model/folder.ts";
import type { Weights } from "../model/weights.ts";
import type { Config } from "../run/config/schema.ts";
import { UsageError } from "../run/errors.ts";
import type { RunFolder } from "../run/folder.ts";
import { fillCaption } from "./captions.ts";
import type { LossTerm } from "./fairness/term.ts";
import { type LossConfig, companionsOf, lossTerms } from "./fairness/terms.ts";
import type { Criteria } from "./judge.ts";
import type { LoopSettings, TrainingRows } from "./loop.ts";
import { type Network, createNetwork } from "./network.ts";
import { type Objective, captionObjective, probeObjective, promptObjective } from "./objective.ts";
import { type Task, singleAttributes, truthOf } from "./predict.ts";
import { promptTexts, tokenizerOf } from "./prompts.ts";
import { rowOrder, rowWeights } from "./sampling.ts";
import type { ClassTexts } from "./texts.ts";

export interface FitInputs {
  readonly engine: Engine;
  readonly config: Config;
  readonly model: ClipModel;
  readonly task: Task;
  readonly criteria: Criteria;
  readonly train: PixelStore;
  readonly validation: PixelStore;
  readonly evaluate: EvaluateOptions;
  readonly folder: RunFolder;
}

/** A network on its way: what it minimises, and the texts of the classes; null for a probe. */
export interface Training {
  readonly network: Network;
  readonly objective: Objective;
  readonly texts: ClassTexts | null;
}

/** A training of `weights`, which are changed in place. @param loss of a classifier. */
export function trainingOf(
  { config, model, task, train }: FitInputs,
  weights: Weights,
  loss: LossConfig,
): Training {
  const { objective, caption, batchSize } = config.train;
  const { trainable } = config.model;
  const texts = trainable.kind === "probe" ? null : promptTexts(model, config.prompts, task);
  const classes = task.classes.length;
  const network = (terms: readonly LossTerm[]): Network =>
    createNetwork(model.config, weights, trainable, classes, config.seed, companionsOf(terms));
  if (objective === "prompt-cross-entropy") {
    const terms = lossTerms(loss, task, train.rows);
    const labels = truthOf(task, train.rows);
    const classifying = texts
      ? promptObjective(texts, labels, terms)
      : probeObjective(classes, labels, terms);
    return { network: network(terms), objective: classifying, texts };
  }
  if (!texts)
    throw new UsageError(
      `train.objective: ${objective} trains images towards captions, which a probe does not have; leave it out, or choose another model.trainable`,
    );
  const template = caption ?? `a photo of a {${task.target}}.`;
  const captions = train.rows.map((row) => fillCaption(template, row));
  const positives = objective === "contrastive" ? "equal" : "own";
  const trained = network([]);
  const pairs = captionObjective(trained, tokenizerOf(model), captions, positives, batchSize);
  return { network: trained, objective: pairs, texts };
}

/** Rows in the order and with the weights of the config. */
export function rowsOf({ config, task, train }: FitInputs): TrainingRows {
  const { sampling, reweight } = config.train;
  /** Their combinations are the cells that sampling and weighting level. */
  const attributes = singleAttributes([task.target, ...task.attributes]);
  return {
    order: (epoch) => rowOrder(train.rows, sampling, attributes, config.seed, epoch),
    weights: rowWeights(train.rows, reweight, attributes),
    inputs: (rows, epoch) => train.batch(rows, epoch),
  };
}

/** How the loop goes. */
export const settingsOf = ({ train }: Config): LoopSettings => {
  const { lr, schedule, warmupSteps } = train;
  return { ...train, schedule: { decay: schedule, warmup: "openclip", lr, warmupSteps } };
};
