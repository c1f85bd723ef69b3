/** @file The training loop: batches, steps, validation after every epoch, checkpoints; stops and resumes to the same bits. */
import { setImmediate } from "node:timers/promises";
import type { Engine } from "../engine/engine.ts";
import type { Weights } from "../model/weights.ts";
import { InterruptedError } from "../run/errors.ts";
import type { Progress } from "../run/progress.ts";
import { updateAverage } from "./average.ts";
import { planBatches } from "./batches.ts";
import { clipFactor, globalNorm } from "./clip-gradients.ts";
import { type Place, requireFinite, weightNorm } from "./divergence.ts";
import { type Network, trainedWeights, withWeights } from "./network.ts";
import {
  type EpochRecord,
  type LoopState,
  type Snapshot,
  type StepRecord,
  initialState,
} from "./loop-state.ts";
import type { Objective } from "./objective.ts";
import { type OptimizerConfig, createOptimizer } from "./optimizer.ts";
import { type Schedule, learningRate } from "./schedules.ts";
import { createStep } from "./step.ts";

/** The rows trained on. */
export interface TrainingRows {
  /** The order of an epoch, as row indices; the same epoch gives the same order. */
  readonly order: (epoch: number) => readonly number[];
  /** Weight of every row. */
  readonly weights: Float32Array;
  /** Pixels [rows.length, 3, S, S], augmented as that epoch has it. */
  readonly pixels: (rows: readonly number[], epoch: number) => Promise<Float32Array>;
}

export interface LoopSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly accumulate: number;
  readonly optimizer: OptimizerConfig;
  readonly schedule: Omit<Schedule, "totalSteps">;
  /** Largest global gradient norm, or null. */
  readonly clipNorm: number | null;
  /** Largest exp(logit_scale), or null. */
  readonly maxLogitScale: number | null;
  /** Decay of the averaged weights that are validated and kept, or null. */
  readonly ema: number | null;
  /** Epochs without a better one before the run stops, or null. */
  readonly patience: number | null;
  readonly saveSteps: number;
}

/** What the loop asks of its surroundings. */
export interface LoopHooks<V> {
  /** Measures the network on the validation split. */
  readonly validate: (network: Network) => Promise<V>;
  /** The index of the epoch to keep; the last one whenever it is the best so far. */
  readonly select: (validations: readonly V[]) => number;
  readonly saveLast: (network: Network, snapshot: Snapshot<V>) => Promise<void>;
  readonly saveBest: (network: Network) => Promise<void>;
  readonly onStep: (record: StepRecord) => Promise<void>;
  readonly onEpoch: (record: EpochRecord<V>, selected: number) => Promise<void>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const seconds = (from: number): number => (performance.now() - from) / 1000;

/**
 * Trains `network` in place and returns the trajectory.
 * Throws InterruptedError after a checkpoint when the signal aborts, EquiclipError on a loss, gradient or weight that is
 * not finite; none such is saved.
 */
export async function trainLoop<V>(
  engine: Engine,
  network: Network,
  objective: Objective,
  rows: TrainingRows,
  settings: LoopSettings,
  hooks: LoopHooks<V>,
  resumed: Snapshot<V> | null,
): Promise<LoopState<V>> {
  const { batchSize, accumulate, epochs } = settings;
  const parameters = trainedWeights(network);
  const optimizer = createOptimizer(settings.optimizer, parameters, resumed?.optimizer);
  const ema: Weights | null =
    settings.ema === null
      ? null
      : (resumed?.ema ??
        new Map([...parameters].map(([n, w]) => [n, { ...w, data: w.data.slice() }])));
  const kept = ema ? withWeights(network, new Map([...network.weights, ...ema])) : network;
  const step = await createStep(engine, network, objective, batchSize);
  const sums =
    accumulate > 1
      ? new Map([...step.gradients].map(([name, g]) => [name, new Float32Array(g.length)]))
      : null;
  const logitScale = parameters.get("logit_scale");
  const batchesOf = (epoch: number) =>
    planBatches(rows.order(epoch), batchSize, accumulate, objective.padding);
  const stepsPerEpoch = batchesOf(0).length;
  const schedule: Schedule = { ...settings.schedule, totalSteps: stepsPerEpoch * epochs };
  let state: LoopState<V> = resumed?.state ?? initialState;
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
  /** Before weights are validated or saved: an update may overflow although its loss and gradient did not. */
  const checkWeights = (lr: number): void =>
    requireFinite({ "norm of the weights": weightNorm(parameters) }, place(state.step, lr));
  const save = (): Promise<void> =>
    hooks.saveLast(network, { state, optimizer: optimizer.state(), ema });

  /** One optimizer step over its micro-batches: summed loss weighted by rows, and the gradient norm. */
  async function update(
    batches: readonly {
      rows: readonly number[];
      weights: Float32Array;
      pixelValues: Float32Array;
      share: number;
    }[],
    lr: number,
    timings: { step: number; optimizer: number },
  ): Promise<StepRecord> {
    let loss = 0;
    let from = performance.now();
    if (sums) for (const sum of sums.values()) sum.fill(0);
    for (const batch of batches) {
      loss += batch.share * (await step.run(batch));
      if (sums)
        for (const [name, sum] of sums) {
          const gradient = step.gradients.get(name)!;
          for (let i = 0; i < sum.length; i++) sum[i]! += batch.share * gradient[i]!;
        }
    }
    timings.step += seconds(from);
    from = performance.now();
    const gradients = sums ?? step.gradients;
    const gradNorm = globalNorm(gradients.values());
    requireFinite({ loss, "gradient norm": gradNorm }, place(state.step + 1, lr));
    const clip = settings.clipNorm === null ? 1 : clipFactor(gradNorm, settings.clipNorm);
    optimizer.update(gradients, lr, clip);
    if (logitScale && settings.maxLogitScale !== null)
      logitScale.data[0] = Math.min(logitScale.data[0]!, Math.log(settings.maxLogitScale));
    if (ema && settings.ema !== null) updateAverage(ema, network.weights, settings.ema);
    timings.optimizer += seconds(from);
    return { epoch: state.epoch, step: state.step, loss, lr, gradNorm };
  }

  try {
    while (state.epoch < epochs && !stale(state, settings.patience)) {
      const { epoch } = state;
      const timings = { data: 0, step: 0, optimizer: 0, validation: 0 };
      const batches = batchesOf(epoch);
      const load = async (index: number) =>
        Promise.all(
          batches[index]!.map(async (batch) => ({
            ...batch,
            weights: weigh(batch.rows, batch.count, rows.weights),
            pixelValues: await rows.pixels(batch.rows, epoch),
          })),
        );
      const started = state.stepInEpoch;
      hooks.progress.start(
        `epoch ${epoch + 1}/${epochs}`,
        batches.length * batchSize * accumulate,
        started * batchSize * accumulate,
      );
      let next = started < batches.length ? load(started) : null;
      let lr = learningRate(schedule, Math.max(0, state.step - 1));
      const begun = performance.now();
      for (let index = started; index < batches.length; index++) {
        const from = performance.now();
        const loaded = await next!;
        timings.data += seconds(from);
        next = index + 1 < batches.length ? load(index + 1) : null;
        next?.catch(() => {}); // reported when awaited
        lr = learningRate(schedule, state.step);
        const total = loaded.reduce(
          (sum, { weights }) => sum + weights.reduce((a, b) => a + b, 0),
          0,
        );
        const record = await update(
          loaded.map((b) => ({ ...b, share: b.weights.reduce((x, y) => x + y, 0) / total })),
          lr,
          timings,
        );
        state = {
          ...state,
          step: state.step + 1,
          stepInEpoch: index + 1,
          lossInEpoch: state.lossInEpoch + record.loss,
        };
        await hooks.onStep(record);
        hooks.progress.update(
          (index + 1) * batchSize * accumulate,
          `loss ${record.loss.toFixed(3)}`,
        );
        await setImmediate(); // lets an interrupt through where the engine never waits
        const last = index + 1 === batches.length;
        const saving = hooks.signal.aborted || (state.step % settings.saveSteps === 0 && !last);
        if (saving || last) checkWeights(lr);
        if (saving) await save();
        if (hooks.signal.aborted) throw interrupted();
      }
      const spent = seconds(begun);
      hooks.progress.stop();
      const from = performance.now();
      const validation = await hooks.validate(kept);
      timings.validation = seconds(from);
      const images = (batches.length - started) * batchSize * accumulate;
      const record: EpochRecord<V> = {
        epoch,
        step: state.step,
        lr,
        trainLoss: state.lossInEpoch / Math.max(1, batches.length),
        imagesPerSecond: spent > 0 ? images / spent : 0,
        seconds: timings,
        validation,
      };
      const trajectory = [...state.trajectory, record];
      const selected = hooks.select(trajectory.map((r) => r.validation));
      // the selected weights go first: a kill in between repeats the epoch and writes the same ones again
      if (selected === trajectory.length - 1) await hooks.saveBest(kept);
      state = {
        step: state.step,
        epoch: epoch + 1,
        stepInEpoch: 0,
        lossInEpoch: 0,
        trajectory,
        selected,
      };
      await save();
      await hooks.onEpoch(record, selected);
      if (hooks.signal.aborted) throw interrupted();
    }
  } finally {
    hooks.progress.stop();
    await step.dispose();
  }
  return state;
}

/** Whether `patience` epochs have passed since the selected one. */
const stale = <V>({ epoch, selected }: LoopState<V>, patience: number | null): boolean =>
  patience !== null && selected !== null && epoch - 1 - selected >= patience;

/** Weights of a batch's rows; those that only fill it weigh nothing. */
const weigh = (rows: readonly number[], count: number, weights: Float32Array): Float32Array =>
  Float32Array.from(rows, (row, i) => (i < count ? weights[row]! : 0));
