/** @file The training of a CLIP: by class prompts, a probe, or captions. */
import { cutOf } from "../model/clip/cut.ts";
import type { ClipModel } from "../model/folder.ts";
import type { Weights } from "../model/weights.ts";
import { UsageError } from "../run/errors.ts";
import { fillCaption } from "./captions.ts";
import { createEncoder } from "./encoder.ts";
import type { LossTerm } from "./fairness/term.ts";
import { type LossConfig, companionsOf, lossTerms } from "./fairness/terms.ts";
import type { RowInputs } from "./features/rows.ts";
import { frozenTexts } from "./features/texts.ts";
import { type Network, createNetwork, fromCut, withWeights } from "./network.ts";
import {
  type Objective,
  boundTo,
  captionObjective,
  probeObjective,
  promptObjective,
} from "./objective.ts";
import { truthOf } from "./predict.ts";
import { promptTexts, tokenizerOf } from "./prompts.ts";
import { type Texts, captionTexts } from "./texts.ts";
import type { FitInputs, Training } from "./training.ts";

/**
 * A training of `weights`, which are changed in place. Texts are encoded as far as nothing trains.
 * @param loss of a classifier. @param images what it is fed of the train rows.
 */
export async function clipTraining(
  { engine, config, model, task, train }: FitInputs<ClipModel>,
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
  const training = (trainee: Network, minimised: Objective): Training => ({
    network: trainee,
    objective: boundTo(trainee, minimised),
    encoder: (current, { cut: from }) =>
      createEncoder(
        engine,
        fromCut(withWeights(trainee, current), from),
        texts,
        config.evaluate.batchSize,
      ),
  });
  if (objective === "prompt-cross-entropy") {
    const terms = lossTerms(loss, task, train.rows);
    const labels = truthOf(task, train.rows);
    const classifying = texts
      ? promptObjective(texts, labels, terms)
      : probeObjective(classes, labels, terms);
    return training(network(terms), classifying);
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
  return training(network([]), pairs);
}
