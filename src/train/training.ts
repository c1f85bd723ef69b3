/** @file What a config trains: a network, what it minimises, and the rows in their order. */
import type { PixelStore } from "../data/pixels.ts";
import type { Engine } from "../engine/engine.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import { cutOf } from "../model/clip/cut.ts";
import type { ClipModel } from "../model/folder.ts";
import type { Weights } from "../model/weights.ts";
import type { Cache } from "../run/cache/cache.ts";
import type { Config } from "../run/config/schema.ts";
import { UsageError } from "../run/errors.ts";
import type { RunFolder } from "../run/folder.ts";
import { fillCaption } from "./captions.ts";
import type { LossTerm } from "./fairness/term.ts";
import { type LossConfig, companionsOf, lossTerms } from "./fairness/terms.ts";
import { augmentedAs } from "./features/augmentation.ts";
import type { RowInputs } from "./features/rows.ts";
import { frozenTexts } from "./features/texts.ts";
import type { EpochCriteria } from "./epoch-choice.ts";
import type { LoopSettings, TrainingRows } from "./loop.ts";
import { type Network, createNetwork, fromCut } from "./network.ts";
import { type Objective, captionObjective, probeObjective, promptObjective } from "./objective.ts";
import { type Task, singleAttributes, truthOf } from "./predict.ts";
import { promptTexts, tokenizerOf } from "./prompts.ts";
import { rowOrder, rowWeights } from "./sampling.ts";
import { type ClassTexts, type Texts, captionTexts } from "./texts.ts";

export interface FitInputs {
  readonly engine: Engine;
  readonly config: Config;
  readonly model: ClipModel;
  readonly task: Task;
  readonly criteria: EpochCriteria;
  readonly train: PixelStore;
  readonly validation: PixelStore;
  readonly evaluate: EvaluateOptions;
  readonly folder: RunFolder;
  /** Of what frozen parts make of images, or null. */
  readonly cache: Cache | null;
}

/** A network on its way: what it minimises, and the texts of the classes; null for a probe. */
export interface Training {
  readonly network: Network;
  readonly objective: Objective;
  readonly texts: ClassTexts | null;
}

/**
 * A training of `weights`, which are changed in place. Texts are encoded as far as nothing trains.
 * @param loss of a classifier. @param images what it is fed of the train rows.
 */
export async function trainingOf(
  { engine, config, model, task, train }: FitInputs,
  weights: Weights,
  loss: LossConfig,
  images: Pick<RowInputs, "cut">,
): Promise<Training> {
  const { objective, caption, batchSize } = config.train;
  const { trainable } = config.model;
  const cut = cutOf(model.config, trainable, "text");
  const frozen = async <T extends { readonly texts: Texts }>(of: T): Promise<T> => ({
    ...of,
    texts: await frozenTexts(engine, { config: model.config, weights }, cut, of.texts),
  });
  const texts =
    trainable.kind === "probe" ? null : await frozen(promptTexts(model, config.prompts, task));
  const classes = task.classes.length;
  const network = (terms: readonly LossTerm[]): Network => {
    const added = companionsOf(terms);
    const whole = createNetwork(model.config, weights, trainable, classes, config.seed, added);
    return fromCut(whole, images.cut);
  };
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
  const fed = await frozen(captionTexts(model.config, tokenizerOf(model), captions));
  const pairs = captionObjective(fed, positives, batchSize);
  return { network: network([]), objective: pairs, texts };
}

/** Rows in the order and with the weights of the config. */
export function rowsOf({ config, task, train }: FitInputs, images: RowInputs): TrainingRows {
  const { sampling, reweight } = config.train;
  /** Their combinations are the cells that sampling and weighting level. */
  const attributes = singleAttributes([task.target, ...task.attributes]);
  return {
    order: (epoch) => rowOrder(train.rows, sampling, attributes, config.seed, epoch),
    weights: rowWeights(train.rows, reweight, attributes),
    inputs: (rows, epoch) => images.batch(rows, augmentedAs(config, epoch)),
  };
}

/** How the loop goes. */
export const settingsOf = ({ train }: Config): LoopSettings => {
  const { lr, schedule, warmupSteps } = train;
  return { ...train, schedule: { decay: schedule, warmup: "openclip", lr, warmupSteps } };
};
