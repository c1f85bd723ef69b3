/** @file Updates where the engine computes in the host's memory: weights change in place. */
import type { Engine } from "../../engine/engine.ts";
import type { Weights } from "../../model/weights.ts";
import { type Trainee, trainedWeights, withWeights } from "../network.ts";
import type { Objective } from "../objective.ts";
import { type Batch, type Step, createStep } from "../step.ts";
import { arraysOf } from "./arrays.ts";
import { addScaled, updateAverage } from "./average.ts";
import { clipFactor, globalNorm } from "./clip-gradients.ts";
import { createLossScaler } from "./loss-scale.ts";
import { createOptimizer, slotsOf } from "./optimizer.ts";
import { sharesOf } from "./shares.ts";
import type { UpdateSettings, Updater, UpdaterState } from "./updater.ts";

/** Hands out one array after another, by the parameter that it is for. */
type Take = (name: string) => Float32Array;
const copied = (weights: Weights, take: Take): Weights =>
  new Map(
    [...weights].map(([name, { shape, data }]) => {
      const copy = take(name);
      copy.set(data);
      return [name, { shape, data: copy }];
    }),
  );
const taken = (weights: Weights, take: Take): Map<string, Float32Array> =>
  new Map([...weights.keys()].map((name) => [name, take(name)]));

/** @param saved what an updater of the same network remembered. */
export async function hostUpdater<N extends Trainee>(
  engine: Engine,
  network: N,
  objective: Objective<N>,
  settings: UpdateSettings,
  saved: UpdaterState | null,
): Promise<Updater<N>> {
  const { accumulate, clipNorm, maxLogitScale, ema: decay } = settings;
  const parameters = trainedWeights(network);
  const averaged = decay !== null;
  const arrays = 2 + slotsOf(settings.optimizer).length + Number(accumulate > 1) + Number(averaged);
  const take = arraysOf(
    new Map([...parameters].map(([name, { data }]) => [name, data.length])),
    arrays,
  );
  // in the very objects that all share: whoever reads the weights reads them where they change from now on
  for (const [name, { data }] of copied(parameters, take)) parameters.get(name)!.data = data;
  const optimizer = createOptimizer(settings.optimizer, parameters, saved?.optimizer, take);
  const ema = averaged ? copied(saved?.ema ?? parameters, take) : null;
  const scaler = createLossScaler(engine.precision, saved?.lossScale);
  const scaled = scaler.state() !== null;
  const buffers = taken(parameters, take);
  const steps = new Map<number, Step>();
  const stepOf = async (rows: number): Promise<Step> => {
    const step =
      steps.get(rows) ?? (await createStep(engine, network, objective, rows, scaled, buffers));
    steps.set(rows, step);
    return step;
  };
  await stepOf(settings.batchSize);
  const summed = accumulate > 1 ? taken(parameters, take) : null;
  const logitScale = parameters.get("logit_scale");

  /** Leaves the gradients of all batches together, of the scaled loss, in `summed`, or in the step's own buffers for a single one. */
  async function backward(batches: readonly Batch[]): Promise<number> {
    let loss = 0;
    for (const buffer of summed?.values() ?? []) buffer.fill(0);
    for (const { batch, share } of sharesOf(batches)) {
      const step = await stepOf(batch.weights.length);
      loss += share * (await step.run(batch, scaler.scale()));
      for (const [name, buffer] of summed ?? []) addScaled(buffer, buffers.get(name)!, share);
    }
    return loss;
  }

  return {
    kept: ema ? withWeights(network, new Map([...network.weights, ...ema])) : network,
    state: () => ({ optimizer: optimizer.state(), ema, lossScale: scaler.state() }),
    async update(batches, lr, check) {
      const begun = performance.now();
      const scale = scaler.scale();
      const loss = await backward(batches);
      const computed = performance.now();
      const seconds = () => ({
        step: (computed - begun) / 1000,
        optimizer: (performance.now() - computed) / 1000,
      });
      const gradients = summed ?? buffers;
      const gradNorm = globalNorm(gradients.values()) / scale;
      if (scaler.skips(loss, gradNorm))
        return { loss, gradNorm, skipped: true, seconds: seconds() };
      check({ loss, gradNorm });
      const clip = clipNorm === null ? 1 : clipFactor(gradNorm, clipNorm);
      optimizer.update(gradients, lr, clip / scale);
      if (logitScale && maxLogitScale !== null)
        logitScale.data[0] = Math.min(logitScale.data[0]!, Math.log(maxLogitScale));
      if (ema && decay !== null) updateAverage(ema, network.weights, decay);
      return { loss, gradNorm, skipped: false, seconds: seconds() };
    },
    settle: async () => {},
    async dispose() {
      for (const step of steps.values()) await step.dispose();
    },
  };
}
