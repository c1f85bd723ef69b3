/** @file The training of a convolutional network: by its target and the outputs beside it. */
import type { CnnModel } from "../../model/cnn/model.ts";
import type { Weights } from "../../model/weights.ts";
import { openEncoder } from "../encoder.ts";
import { type LossConfig, companionsOf, lossTerms } from "../fairness/terms.ts";
import { boundTo } from "../objective.ts";
import { truthOf } from "../predict.ts";
import type { FitInputs, Training } from "../training.ts";
import { classifierAbove, cutAt, embedderOf } from "./classifier.ts";
import { createCnnNetwork } from "./network.ts";
import { cnnObjective, learning } from "./objective.ts";
import { learntOutputs } from "./outputs.ts";

/** A training of `weights`, which are changed in place. @param loss of the target's classes. */
export function cnnTraining(
  { engine, config, model, task, train, labels }: FitInputs<CnnModel>,
  weights: Weights,
  loss: LossConfig,
): Training {
  const { outputs, layer } = config.model;
  const terms = lossTerms(loss, task, train.rows);
  const target = {
    name: task.target,
    weight: outputs[task.target]?.weight ?? 1,
    classes: task.classes.length,
    labels: truthOf(task, train.rows),
    terms,
  };
  const others = learntOutputs(model.config, outputs, task.target, train.rows, labels);
  const learnt = learning(model.config, [target, ...others]);
  const network = createCnnNetwork(learnt, weights, companionsOf(terms), config.seed);
  const cut = cutAt(model.config, task.target, layer);
  const source = classifierAbove(model.config, task.target, cut);
  return {
    network,
    objective: boundTo(network, cnnObjective(model.config, target, others, config.seed)),
    encoder: (current) =>
      openEncoder(
        engine,
        embedderOf(model.config, current, cut),
        source,
        config.evaluate.batchSize,
      ),
  };
}
