/** @file What a config trains: a network, what it minimises, and the rows in their order. */
import type { PixelStore } from "../data/pixels.ts";
import type { Engine } from "../engine/engine.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import type { Model } from "../model/model.ts";
import type { Weights } from "../model/weights.ts";
import type { Cache } from "../run/cache/cache.ts";
import type { Config } from "../run/config/schema.ts";
import type { RunFolder } from "../run/folder.ts";
import type { Encoder } from "./encoder.ts";
import type { EpochCriteria } from "./epoch-choice.ts";
import { augmentedAs } from "./features/augmentation.ts";
import type { RowInputs } from "./features/rows.ts";
import type { LoopSettings, TrainingRows } from "./loop.ts";
import type { Kept } from "./network.ts";
import type { Objective } from "./objective.ts";
import { type Task, singleAttributes } from "./predict.ts";
import { rowOrder, rowWeights } from "./sampling.ts";

export interface FitInputs<M extends Model = Model> {
  readonly engine: Engine;
  readonly config: Config;
  readonly model: M;
  readonly task: Task;
  readonly criteria: EpochCriteria;
  readonly train: PixelStore;
  readonly validation: PixelStore;
  readonly evaluate: EvaluateOptions;
  /** Of outputs beside the target, in the order of their codes; null for numbers. */
  readonly labels: Readonly<Record<string, readonly string[] | null>>;
  readonly folder: RunFolder;
  /** Of what frozen parts make of images, or null. */
  readonly cache: Cache | null;
}

/** A network on its way, and what it minimises. */
export interface Training {
  readonly network: Kept;
  readonly objective: Objective<Kept>;
  /** Embeds and classifies by weights as they are then. @param images what it is fed. */
  readonly encoder: (weights: Weights, images: Pick<RowInputs, "cut">) => Promise<Encoder>;
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
