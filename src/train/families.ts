/** @file What each kind of model trains by and answers with: the one place that tells kinds apart. */
import type { Engine } from "../engine/engine.ts";
import type { Model } from "../model/model.ts";
import type { Weights } from "../model/weights.ts";
import type { Cache } from "../run/cache/cache.ts";
import type { Config } from "../run/config/schema.ts";
import type { Progress } from "../run/progress.ts";
import { openClip } from "./clip-trained.ts";
import { clipTraining } from "./clip-training.ts";
import { cnnTraining } from "./cnn/training.ts";
import { openCnn } from "./cnn/trained.ts";
import type { LossConfig } from "./fairness/terms.ts";
import { type ImageInputs, imageInputs, pixelsAlone } from "./features/inputs.ts";
import type { RowInputs } from "./features/rows.ts";
import type { Task } from "./predict.ts";
import type { Trained } from "./trained.ts";
import type { FitInputs, Training } from "./training.ts";

/**
 * A training of `weights`, which are changed in place.
 * @param loss of a classifier. @param images what it is fed of the train rows.
 */
export async function trainingOf(
  inputs: FitInputs,
  weights: Weights,
  loss: LossConfig,
  images: Pick<RowInputs, "cut">,
): Promise<Training> {
  const { model } = inputs;
  return model.kind === "clip"
    ? clipTraining({ ...inputs, model }, weights, loss, images)
    : cnnTraining({ ...inputs, model }, weights, loss);
}

/** What a training is fed of its images. */
export async function imagesOf(
  inputs: FitInputs,
  progress: Progress,
  signal: AbortSignal,
): Promise<ImageInputs> {
  const { model } = inputs;
  return model.kind === "clip"
    ? imageInputs({ ...inputs, model }, progress, signal)
    : pixelsAlone(inputs);
}

/**
 * Compiles a selected checkpoint.
 * @param probe a CLIP's linear classifier, where it has one. @param cache of what a frozen part makes of images, or null.
 */
export async function openTrained(
  engine: Engine,
  config: Config,
  task: Task,
  model: Model,
  probe: Weights | null,
  cache: Cache | null,
): Promise<Trained> {
  return model.kind === "clip"
    ? openClip(engine, config, task, model, probe, cache)
    : openCnn(engine, config, task, model);
}
