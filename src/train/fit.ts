/** @file Fine-tunes a model on a data set: the loop with its batches, validation, selection and checkpoints. */
import { EquiclipError } from "../run/errors.ts";
import type { Progress } from "../run/progress.ts";
import { loadLast, saveBest, saveLast } from "./checkpoint.ts";
import { probabilities } from "./classifier.ts";
import type { Encoder } from "./encoder.ts";
import { bestEpoch, judgedBy } from "./epoch-choice.ts";
import { imagesOf, trainingOf } from "./families.ts";
import type { ImageInputs } from "./features/inputs.ts";
import type { RowInputs } from "./features/rows.ts";
import { robustRows } from "./jtt.ts";
import { type Validation, judge } from "./judge.ts";
import type { EpochRecord, LoopState, StepRecord } from "./loop-state.ts";
import { trainLoop } from "./loop.ts";
import type { Kept } from "./network.ts";
import { predictionsOf, truthOf } from "./predict.ts";
import { classTargets } from "./targets.ts";
import { type FitInputs, type Training, settingsOf } from "./training.ts";

export interface FitHooks {
  /** Called once, with the state that training goes on from; null when it starts. */
  readonly onStart: (state: LoopState<Validation> | null) => Promise<void>;
  readonly onStep: (record: StepRecord) => Promise<void>;
  readonly onEpoch: (record: EpochRecord<Validation>, selected: number) => Promise<void>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Judges networks on the validation split. Each is compiled once: the loop asks about the same one after every epoch. */
function createValidator(
  { task, criteria, validation, evaluate }: FitInputs,
  images: RowInputs,
  { encoder: encoderOf }: Training,
) {
  const { rows } = validation;
  const judged = (scores: Float32Array): Validation =>
    judge(predictionsOf(task, rows, scores), judgedBy(criteria), evaluate);
  // a constraint on what no report has is an error now, not after an epoch
  judged(classTargets(truthOf(task, rows), task.classes.length));

  const encoders = new Map<Kept, Encoder>();
  return {
    async validate(network: Kept): Promise<Validation> {
      const encoder = encoders.get(network) ?? (await encoderOf(network.weights, images));
      encoders.set(network, encoder);
      const source = (indices: readonly number[]) => images.batch(indices, null);
      const embeddings = await encoder.images([...rows.keys()], source);
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
  const images = await imagesOf(inputs, hooks.progress, hooks.signal);
  try {
    return await fitted(inputs, images, hooks);
  } finally {
    await images.dispose();
  }
}

async function fitted(
  inputs: FitInputs,
  images: ImageInputs,
  hooks: FitHooks,
): Promise<LoopState<Validation>> {
  const { engine, config, model, criteria, folder } = inputs;
  const training = await trainingOf(inputs, model.weights, config.train, images.train);
  const { network, objective } = training;
  const validator = createValidator(inputs, images.validation, training);
  const rows = await robustRows(inputs, images.train, hooks);
  const resumed = await loadLast<Validation>(folder.last, network);
  await hooks.onStart(resumed?.state ?? null);

  try {
    return await trainLoop<Kept, Validation>(
      engine,
      network,
      objective,
      rows,
      settingsOf(config),
      {
        validate: validator.validate,
        select: (trajectory) => bestEpoch(trajectory, criteria.objective),
        savesLive: config.select.stores === "live",
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
