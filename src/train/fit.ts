/** @file Fine-tunes a model on a data set: the loop with its batches, validation, selection and checkpoints. */
import type { PixelStore } from "../data/pixels.ts";
import type { Engine } from "../engine/engine.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import type { ClipModel } from "../model/folder.ts";
import type { Config } from "../run/config/schema.ts";
import { EquiclipError, UsageError } from "../run/errors.ts";
import type { RunFolder } from "../run/folder.ts";
import type { Progress } from "../run/progress.ts";
import { fillCaption } from "./captions.ts";
import { loadLast, saveBest, saveLast } from "./checkpoint.ts";
import { probabilities } from "./classifier.ts";
import { type Encoder, createEncoder } from "./encoder.ts";
import { type Criteria, type Validation, best, judge } from "./judge.ts";
import type { EpochRecord, LoopState, StepRecord } from "./loop-state.ts";
import { trainLoop } from "./loop.ts";
import { type Network, createNetwork } from "./network.ts";
import { type Objective, captionObjective, probeObjective, promptObjective } from "./objective.ts";
import { type Task, predictionsOf, singleAttributes, truthOf } from "./predict.ts";
import { promptTexts, tokenizerOf } from "./prompts.ts";
import { rowOrder, rowWeights } from "./sampling.ts";
import { classTargets } from "./targets.ts";
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
export interface FitHooks {
  /** Called once, with the state that training goes on from; null when it starts. */
  readonly onStart: (state: LoopState<Validation> | null) => Promise<void>;
  readonly onStep: (record: StepRecord) => Promise<void>;
  readonly onEpoch: (record: EpochRecord<Validation>, selected: number) => Promise<void>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What training minimises. @param texts of the classes; null for a probe. */
function objectiveOf(
  { config, model, task, train }: FitInputs,
  network: Network,
  texts: ClassTexts | null,
): Objective {
  const { objective, caption, batchSize } = config.train;
  const labels = truthOf(task, train.rows);
  if (!texts) {
    if (objective === "prompt-cross-entropy") return probeObjective(task.classes.length, labels);
    throw new UsageError(
      `train.objective: ${objective} trains images towards captions, which a probe does not have; leave it out, or choose another model.trainable`,
    );
  }
  if (objective === "prompt-cross-entropy") return promptObjective(texts, labels);
  const template = caption ?? `a photo of a {${task.target}}.`;
  const captions = train.rows.map((row) => fillCaption(template, row));
  const positives = objective === "contrastive" ? "equal" : "own";
  return captionObjective(network, tokenizerOf(model), captions, positives, batchSize);
}

/** Judges networks on the validation split. Each is compiled once: the loop asks about the same one after every epoch. */
function createValidator(
  { engine, config, task, criteria, validation, evaluate }: FitInputs,
  texts: ClassTexts | null,
) {
  const { rows } = validation;
  const judged = (scores: Float32Array): Validation =>
    judge(predictionsOf(task, rows, scores), criteria, evaluate);
  // a constraint on what no report has is an error now, not after an epoch
  judged(classTargets(truthOf(task, rows), task.classes.length));

  const encoders = new Map<Network, Encoder>();
  return {
    async validate(network: Network): Promise<Validation> {
      const encoder =
        encoders.get(network) ??
        (await createEncoder(engine, network, texts, config.evaluate.batchSize));
      encoders.set(network, encoder);
      const pixels = (indices: readonly number[]) => validation.batch(indices, null);
      const embeddings = await encoder.images([...rows.keys()], pixels);
      const result = judged(probabilities(await encoder.classifier(), embeddings));
      if (Number.isFinite(result.loss)) return result;
      throw new EquiclipError(
        `validation: the loss is ${result.loss}, expected a finite number: the weights have grown too large; lower train.lr, lengthen train.warmupSteps or set train.clipNorm, and start again with --fresh`,
      );
    },
    async dispose(): Promise<void> {
      for (const encoder of encoders.values()) await encoder.dispose();
    },
  };
}

/**
 * Trains `inputs.model`, or goes on training when `folder.last` holds a checkpoint. Leaves the selected weights in
 * `folder.best`. Throws UsageError for a config that does not fit the data, and what `trainLoop` throws.
 */
export async function fit(inputs: FitInputs, hooks: FitHooks): Promise<LoopState<Validation>> {
  const { engine, config, model, task, criteria, train, folder } = inputs;
  const { trainable } = config.model;
  const { lr, schedule, warmupSteps, sampling, reweight } = config.train;
  const network = createNetwork(
    model.config,
    model.weights,
    trainable,
    task.classes.length,
    config.seed,
  );
  const texts = trainable.kind === "probe" ? null : promptTexts(model, config.prompts, task);
  const objective = objectiveOf(inputs, network, texts);
  const validator = createValidator(inputs, texts);
  const resumed = await loadLast<Validation>(folder.last, network);
  await hooks.onStart(resumed?.state ?? null);

  /** Their combinations are the cells that sampling and weighting level. */
  const attributes = singleAttributes([task.target, ...task.attributes]);
  try {
    return await trainLoop<Network, Validation>(
      engine,
      network,
      objective,
      {
        order: (epoch) => rowOrder(train.rows, sampling, attributes, config.seed, epoch),
        weights: rowWeights(train.rows, reweight, attributes),
        inputs: (rows, epoch) => train.batch(rows, epoch),
      },
      { ...config.train, schedule: { decay: schedule, warmup: "openclip", lr, warmupSteps } },
      {
        validate: validator.validate,
        select: (validations) => best(validations, criteria.objective),
        saveLast: (current, snapshot) => saveLast(folder.last, model, current, snapshot),
        saveBest: (current) => saveBest(folder.best, model, current),
        onStep: hooks.onStep,
        onEpoch: hooks.onEpoch,
        progress: hooks.progress,
        signal: hooks.signal,
      },
      resumed,
    );
  } finally {
    await validator.dispose();
  }
}
