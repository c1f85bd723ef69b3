/** @file Fine-tunes a model on a data set: the loop with its batches, validation, selection and checkpoints. */
import type { PixelStore } from "../data/pixels.ts";
import type { Engine } from "../engine/engine.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import type { ClipModel } from "../model/folder.ts";
import type { Config } from "../run/config/schema.ts";
import type { RunFolder } from "../run/folder.ts";
import type { Progress } from "../run/progress.ts";
import { loadLast, saveBest, saveLast } from "./checkpoint.ts";
import { probabilities } from "./classifier.ts";
import { createEncoder, type Encoder } from "./encoder.ts";
import { type Criteria, type Validation, best, judge } from "./judge.ts";
import { type LoopState, type StepRecord, type EpochRecord, trainLoop } from "./loop.ts";
import { type Network, createNetwork } from "./network.ts";
import { type Objective, captionObjective, probeObjective, promptObjective } from "./objective.ts";
import { fillCaption } from "./captions.ts";
import { rowOrder, rowWeights } from "./sampling.ts";
import { type Task, predictionsOf, truthOf } from "./predict.ts";
import { type ClassTexts, type Tokenize, classTexts } from "./texts.ts";

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

/** The prompts of every class, in class order; the default is one plain prompt. */
export const promptsOf = (prompts: Config["prompts"], classes: readonly string[]): string[][] =>
  classes.map((label) => [prompts?.[label] ?? `a photo of a ${label}.`].flat());

export const tokenizerOf =
  ({ tokenizer, config }: ClipModel): Tokenize =>
  (texts) =>
    texts.map((text) => [...tokenizer.encode(text, config.text.maxPositionEmbeddings)]);

/** The class texts that a network classifies by; null for a probe. */
export const textsOf = (model: ClipModel, config: Config, { classes }: Task): ClassTexts | null =>
  config.model.trainable.kind === "probe"
    ? null
    : classTexts(model.config, tokenizerOf(model), promptsOf(config.prompts, classes));

function objectiveOf(
  { config, model, task, train }: FitInputs,
  network: Network,
  texts: ClassTexts | null,
): Objective {
  const labels = truthOf(task, train.rows);
  if (!texts) return probeObjective(task.classes.length, labels);
  const { objective, caption, batchSize } = config.train;
  if (objective === "prompt-cross-entropy") return promptObjective(texts, labels);
  const captions = train.rows.map((row) =>
    fillCaption(caption ?? `a photo of a {${task.target}}.`, row),
  );
  const positives = objective === "contrastive" ? "equal" : "own";
  return captionObjective(network, tokenizerOf(model), captions, positives, batchSize);
}

/**
 * Trains, or goes on training when `folder.last` holds a checkpoint. Leaves the selected weights in `folder.best`.
 * Throws what `trainLoop` throws.
 */
export async function fit(inputs: FitInputs, hooks: FitHooks): Promise<LoopState<Validation>> {
  const { engine, config, model, task, criteria, train, validation, folder } = inputs;
  const settings = config.train;
  const { classes } = task;
  const network = createNetwork(
    model.config,
    model.weights,
    config.model.trainable,
    classes.length,
    config.seed,
  );
  const resumed = await loadLast<Validation>(folder.last, network);
  await hooks.onStart(resumed?.state ?? null);

  const texts = textsOf(model, config, task);
  const everyRow = [...validation.rows.keys()];
  const encoders = new Map<Network, Encoder>(); // the loop validates one network: live or averaged weights
  const encoderOf = async (current: Network): Promise<Encoder> => {
    const encoder =
      encoders.get(current) ??
      (await createEncoder(engine, current, texts, config.evaluate.batchSize));
    encoders.set(current, encoder);
    return encoder;
  };
  const validate = async (current: Network): Promise<Validation> => {
    const encoder = await encoderOf(current);
    const pixels = (rows: readonly number[]) => validation.batch(rows, null);
    const embeddings = await encoder.images(everyRow, pixels);
    const scores = probabilities(await encoder.classifier(), embeddings);
    return judge(predictionsOf(task, validation.rows, scores), criteria, inputs.evaluate);
  };

  try {
    return await trainLoop<Validation>(
      engine,
      network,
      objectiveOf(inputs, network, texts),
      {
        order: (epoch) =>
          rowOrder(train.rows, settings.sampling, cellAttributes(task), config.seed, epoch),
        weights: rowWeights(train.rows, settings.reweight, cellAttributes(task)),
        pixels: (rows, epoch) => train.batch(rows, epoch),
      },
      {
        ...settings,
        schedule: {
          decay: settings.schedule,
          warmup: "openclip",
          lr: settings.lr,
          warmupSteps: settings.warmupSteps,
        },
      },
      {
        validate,
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
    for (const encoder of encoders.values()) await encoder.dispose();
  }
}

/** The attributes whose combinations are the cells of sampling and weighting. */
export const cellAttributes = ({ target, attributes }: Task): string[] => [
  ...new Set([target, ...attributes.flatMap((name) => name.split("*"))]),
];
