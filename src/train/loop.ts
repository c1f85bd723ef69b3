/** @file The training loop: epochs of steps, validation, checkpoints; stops and resumes to the same bits. */
import { setImmediate } from "node:timers/promises";
import type { Engine } from "../engine/engine.ts";
import { ahead } from "../run/ahead.ts";
import { InterruptedError } from "../run/errors.ts";
import type { Progress } from "../run/progress.ts";
import { type PlannedBatch, planBatches } from "./batches.ts";
import { type Place, requireFinite, weightNorm } from "./divergence.ts";
import {
  type EpochRecord,
  type LoopState,
  type Snapshot,
  type StepRecord,
  initialState,
} from "./loop-state.ts";
import { type Trainee, trainedWeights } from "./network.ts";
import type { Objective } from "./objective.ts";
import { type Schedule, learningRate } from "./schedules.ts";
import type { Batch } from "./step.ts";
import { createUpdater } from "./update/create.ts";
import type { UpdateSettings } from "./update/updater.ts";

/** The rows trained on. */
export interface TrainingRows {
  /** The order of an epoch, as row indices; the same epoch gives the same order. */
  readonly order: (epoch: number) => readonly number[];
  /** Weight of every row. */
  readonly weights: Float32Array;
  /** What rows are fed as: pixels [rows.length, 3, S, S], augmented as that epoch has it, or embeddings [rows.length, D]. */
  readonly inputs: (rows: readonly number[], epoch: number) => Promise<Float32Array>;
}

export interface LoopSettings extends UpdateSettings {
  readonly epochs: number;
  readonly schedule: Omit<Schedule, "totalSteps">;
  /** Epochs without a better one before the run stops, or null. */
  readonly patience: number | null;
  /** Steps between checkpoints inside an epoch. */
  readonly saveSteps: number;
}

/** What the loop asks of its surroundings. */
export interface LoopHooks<N, V> {
  /** Measures the network on the validation split. */
  readonly validate: (network: N) => Promise<V>;
  /** The index of the epoch to keep; the last one whenever it is the best so far. */
  readonly select: (trajectory: readonly EpochRecord<V>[]) => number;
  /** Whether `saveBest` follows every epoch from the selected one on, as where a study kept a reference to the live model. */
  readonly savesLive?: boolean;
  readonly saveLast: (network: N, snapshot: Snapshot<V>) => Promise<void>;
  readonly saveBest: (network: N) => Promise<void>;
  readonly onStep: (record: StepRecord) => Promise<void>;
  readonly onEpoch: (record: EpochRecord<V>, selected: number) => Promise<void>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Trains `network` in place and returns the trajectory.
 * Throws InterruptedError after a checkpoint when the signal aborts, EquiclipError on a loss, gradient or weight that is
 * not finite; none such is saved.
 */
export async function trainLoop<N extends Trainee, V>(
  engine: Engine,
  network: N,
  objective: Objective<N>,
  rows: TrainingRows,
  settings: LoopSettings,
  hooks: LoopHooks<N, V>,
  resumed: Snapshot<V> | null,
): Promise<LoopState<V>> {
  const { accumulate, epochs, saveSteps } = settings;
  const asked = settings.batchSize;
  // a step of more rows than there are would compute padding alone
  const batchSize = objective.rest === "dropped" ? asked : Math.min(asked, rows.order(0).length);
  const stepsOf = (epoch: number) =>
    planBatches(rows.order(epoch), batchSize, accumulate, objective.rest);
  const stepsPerEpoch = stepsOf(0).length;
  const schedule: Schedule = { ...settings.schedule, totalSteps: stepsPerEpoch * epochs };
  // two batches at least
  const stepsAhead = Math.ceil(2 / accumulate);
  const updater = await createUpdater(
    engine,
    network,
    objective,
    { ...settings, batchSize },
    resumed,
  );
  let state: LoopState<V> = resumed?.state ?? initialState;

  const load = (batches: readonly PlannedBatch[]): Promise<Batch[]> =>
    Promise.all(
      batches.map(async (batch) => ({
        rows: batch.rows,
        weights: weigh(batch, rows.weights),
        inputs: await rows.inputs(batch.rows, state.epoch),
        drawn: objective.draw?.(batch.rows.length, { epoch: state.epoch, batch: batch.index }),
      })),
    );
  const save = (): Promise<void> => hooks.saveLast(network, { state, ...updater.state() });
  const interrupted = (): InterruptedError =>
    new InterruptedError(
      `interrupted after ${state.step} of ${schedule.totalSteps} steps; saved, go on with --resume`,
    );
  const place = (step: number, lr: number): Place => ({
    step,
    steps: schedule.totalSteps,
    epoch: state.epoch + 1,
    epochs,
    lr,
  });

  /** The rest of the running epoch; returns the last learning rate, and seconds by what they went to. */
  async function trainEpoch() {
    const seconds = { data: 0, step: 0, optimizer: 0 };
    const steps = stepsOf(state.epoch);
    const ends = imagesSeen(steps);
    const from = ends[state.stepInEpoch]!;
    hooks.progress.start(`epoch ${state.epoch + 1}/${epochs}`, ends.at(-1)!, from);
    let begun = performance.now();
    // an engine may hold this thread up: what threads are to load meanwhile must be theirs before
    for await (const batches of ahead(steps.slice(state.stepInEpoch), stepsAhead, load)) {
      seconds.data += (performance.now() - begun) / 1000;
      const lr = learningRate(schedule, state.step);
      const found = await updater.update(batches, lr, ({ loss, gradNorm }) =>
        requireFinite({ loss, "gradient norm": gradNorm }, place(state.step + 1, lr)),
      );
      const { loss, gradNorm, skipped } = found;
      seconds.step += found.seconds.step;
      seconds.optimizer += found.seconds.optimizer;
      const record: StepRecord = {
        epoch: state.epoch,
        step: state.step,
        loss,
        lr,
        gradNorm,
        skipped,
      };
      state = {
        ...state,
        step: state.step + 1,
        stepInEpoch: state.stepInEpoch + 1,
        lossInEpoch: state.lossInEpoch + loss,
        skippedInEpoch: state.skippedInEpoch + (skipped ? 1 : 0),
      };
      await hooks.onStep(record);
      hooks.progress.update(ends[state.stepInEpoch]!, `loss ${loss.toFixed(3)}`);

      await setImmediate(); // lets an interrupt through where the engine never waits
      const { aborted } = hooks.signal;
      const last = state.stepInEpoch === steps.length;
      const saving = aborted || (state.step % saveSteps === 0 && !last);
      if (saving || last) await updater.settle();
      // an update may overflow although its loss and gradient did not
      if (saving || last)
        requireFinite(
          { "norm of the weights": weightNorm(trainedWeights(network)) },
          place(state.step, lr),
        );
      if (saving) await save();
      if (aborted) throw interrupted();
      begun = performance.now();
    }
    hooks.progress.stop();
    const lr = learningRate(schedule, Math.max(0, state.step - 1));
    return { lr, seconds, images: ends[state.stepInEpoch]! - from };
  }

  try {
    while (state.epoch < epochs && !stale(state, settings.patience)) {
      const { epoch } = state;
      const begun = performance.now();
      const { lr, seconds, images } = await trainEpoch();
      const trained = performance.now();
      const validation = await hooks.validate(updater.kept);
      const record: EpochRecord<V> = {
        epoch,
        step: state.step,
        lr,
        trainLoss: state.lossInEpoch / state.stepInEpoch,
        skipped: state.skippedInEpoch,
        imagesPerSecond: images / ((trained - begun) / 1000),
        seconds: { ...seconds, validation: (performance.now() - trained) / 1000 },
        validation,
      };
      const trajectory = [...state.trajectory, record];
      const selected = hooks.select(trajectory);
      // the selected weights go first: a kill in between repeats the epoch and writes the same ones again
      if (selected === trajectory.length - 1 || hooks.savesLive) await hooks.saveBest(updater.kept);
      state = { ...initialState, step: state.step, epoch: epoch + 1, trajectory, selected };
      await save();
      await hooks.onEpoch(record, selected);
      if (hooks.signal.aborted) throw interrupted();
    }
  } finally {
    hooks.progress.stop();
    await updater.dispose();
  }
  return state;
}

/** Whether `patience` epochs have passed since the selected one. */
const stale = <V>({ epoch, selected }: LoopState<V>, patience: number | null): boolean =>
  patience !== null && selected !== null && epoch - 1 - selected >= patience;

/** Images behind a run after 0, 1, ... of `steps`; rows that only fill a batch are none. */
function imagesSeen(steps: readonly (readonly PlannedBatch[])[]): number[] {
  const ends = [0];
  for (const batches of steps)
    ends.push(ends.at(-1)! + batches.reduce((sum, { count }) => sum + count, 0));
  return ends;
}

/** Weights of a batch's rows; those that only fill it weigh nothing. */
const weigh = ({ rows, count }: PlannedBatch, weights: Float32Array): Float32Array =>
  Float32Array.from(rows, (row, i) => (i < count ? weights[row]! : 0));
