/** @file Updates where the engine computes in the host's memory: weights change in place. */
import type { Engine } from "../../engine/engine.ts";
import { type Trainee, trainedWeights, withWeights } from "../network.ts";
import type { Objective } from "../objective.ts";
import { type Batch, createStep } from "../step.ts";
import { startAverage, updateAverage } from "./average.ts";
import { clipFactor, globalNorm } from "./clip-gradients.ts";
import { createLossScaler } from "./loss-scale.ts";
import { createOptimizer } from "./optimizer.ts";
import { sharesOf } from "./shares.ts";
import type { UpdateSettings, Updater, UpdaterState } from "./updater.ts";

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
  const optimizer = createOptimizer(settings.optimizer, parameters, saved?.optimizer);
  const ema = decay === null ? null : (saved?.ema ?? startAverage(parameters));
  const scaler = createLossScaler(engine.precision, saved?.lossScale);
  const scaled = scaler.state() !== null;
  const step = await createStep(engine, network, objective, settings.batchSize, scaled);
  const summed =
    accumulate > 1
      ? new Map([...step.gradients].map(([name, g]) => [name, new Float32Array(g.length)]))
      : null;
  const logitScale = parameters.get("logit_scale");

  /** Leaves the gradients of all batches together, of the scaled loss, in `summed`, or in the step's own buffers for a single one. */
  async function backward(batches: readonly Batch[]): Promise<number> {
    let loss = 0;
    for (const buffer of summed?.values() ?? []) buffer.fill(0);
    for (const { batch, share } of sharesOf(batches)) {
      loss += share * (await step.run(batch, scaler.scale()));
      for (const [name, buffer] of summed ?? []) {
        const gradient = step.gradients.get(name)!;
        for (let i = 0; i < buffer.length; i++) buffer[i]! += share * gradient[i]!;
      }
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
      const gradients = summed ?? step.gradients;
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
    dispose: () => step.dispose(),
  };
}
