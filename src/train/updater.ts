/** @file One update of the trained parameters: gradients summed over batches, clipped, stepped, averaged. */
import type { Engine } from "../engine/engine.ts";
import type { Weights } from "../model/weights.ts";
import { updateAverage } from "./average.ts";
import { clipFactor, globalNorm } from "./clip-gradients.ts";
import type { Snapshot } from "./loop-state.ts";
import { type Trainee, trainedWeights, withWeights } from "./network.ts";
import type { Objective } from "./objective.ts";
import { type OptimizerConfig, createOptimizer } from "./optimizer.ts";
import { type Batch, createStep } from "./step.ts";

export interface UpdateSettings {
  readonly batchSize: number;
  /** Batches whose gradients are summed. */
  readonly accumulate: number;
  readonly optimizer: OptimizerConfig;
  /** Largest global gradient norm, or null. */
  readonly clipNorm: number | null;
  /** Largest exp(logit_scale), or null. */
  readonly maxLogitScale: number | null;
  /** Decay of the averaged weights that are validated and kept, or null. */
  readonly ema: number | null;
}

/** What an update found and what it took, in seconds. */
export interface Update {
  /** Mean over the rows of all batches, by weight. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradNorm: number;
  readonly seconds: { readonly step: number; readonly optimizer: number };
}

/** What an updater remembers, for a checkpoint. */
export type UpdaterState = Pick<Snapshot<unknown>, "optimizer" | "ema">;

export interface Updater<N extends Trainee> {
  /** The network that is validated and kept: the live weights, or their average. */
  readonly kept: N;
  readonly state: () => UpdaterState;
  /**
   * Computes loss and gradients of `batches`, lets `check` look at them, then changes the weights.
   * @param lr learning rate. @param check throws to leave the weights as they are.
   */
  readonly update: (
    batches: readonly Batch[],
    lr: number,
    check: (found: Omit<Update, "seconds">) => void,
  ) => Promise<Update>;
  readonly dispose: () => Promise<void>;
}

const copied = (weights: Weights): Weights =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

/** Makes `network` trainable. @param saved what an updater of the same network remembered. */
export async function createUpdater<N extends Trainee>(
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
    dispose: () => step.dispose(),
  };
}
