/** @file Updates where the engine computes in the host's memory: weights change in place. */
import type { Engine } from "../../engine/engine.ts";
import type { Weights } from "../../model/weights.ts";
import { type Trainee, trainedWeights, withWeights } from "../network.ts";
import type { Objective } from "../objective.ts";
import { type Batch, createStep } from "../step.ts";
import { updateAverage } from "./average.ts";
import { clipFactor, globalNorm } from "./clip-gradients.ts";
import { createOptimizer } from "./optimizer.ts";
import type { UpdateSettings, Updater, UpdaterState } from "./updater.ts";

const copied = (weights: Weights): Weights =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

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
  const ema = decay === null ? null : (saved?.ema ?? copied(parameters));
  const step = await createStep(engine, network, objective, settings.batchSize);
  const summed =
    accumulate > 1
      ? new Map([...step.gradients].map(([name, g]) => [name, new Float32Array(g.length)]))
      : null;
  const logitScale = parameters.get("logit_scale");

  /** Leaves the gradients of all batches together in `summed`, or in the step's own buffers for a single one. */
  async function backward(batches: readonly Batch[]): Promise<number> {
    const total = batches.reduce((all, { weights }) => all + sum(weights), 0);
    let loss = 0;
    for (const buffer of summed?.values() ?? []) buffer.fill(0);
    for (const batch of batches) {
      const share = sum(batch.weights) / total;
      loss += share * (await step.run(batch));
      for (const [name, buffer] of summed ?? []) {
        const gradient = step.gradients.get(name)!;
        for (let i = 0; i < buffer.length; i++) buffer[i]! += share * gradient[i]!;
      }
    }
    return loss;
  }

  return {
    kept: ema ? withWeights(network, new Map([...network.weights, ...ema])) : network,
    state: () => ({ optimizer: optimizer.state(), ema }),
    async update(batches, lr, check) {
      const begun = performance.now();
      const loss = await backward(batches);
      const computed = performance.now();
      const gradients = summed ?? step.gradients;
      const gradNorm = globalNorm(gradients.values());
      check({ loss, gradNorm });
      optimizer.update(gradients, lr, clipNorm === null ? 1 : clipFactor(gradNorm, clipNorm));
      if (logitScale && maxLogitScale !== null)
        logitScale.data[0] = Math.min(logitScale.data[0]!, Math.log(maxLogitScale));
      if (ema && decay !== null) updateAverage(ema, network.weights, decay);
      const seconds = {
        step: (computed - begun) / 1000,
        optimizer: (performance.now() - computed) / 1000,
      };
      return { loss, gradNorm, seconds };
    },
    settle: async () => {},
    dispose: () => step.dispose(),
  };
}
