/** @file The training step: one program for the loss and the gradients of everything that trains. */
import type { Engine, Tensor } from "../engine/engine.ts";
import { grad } from "../graph/autodiff.ts";
import { input } from "../graph/build.ts";
import { sizeOf } from "../graph/node.ts";
import { type Trainee, trainedWeights } from "./network.ts";
import type { Objective } from "./objective.ts";

export interface Batch {
  /** Rows of the data set, B of them. */
  readonly rows: readonly number[];
  /** What the rows are fed as: [B, 3, S, S], or [B, D]. */
  readonly inputs: Float32Array;
  /** [B]; 0 for a row that only fills the batch. */
  readonly weights: Float32Array;
}

export interface Step {
  /** The loss of a batch; afterwards `gradients` holds its gradients, and what steps remember is replaced. */
  run(batch: Batch): Promise<number>;
  /** By parameter name; overwritten by every run. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  dispose(): Promise<void>;
}

const GRADIENT = "grad:";
const STATE = "state:";
const named = <T>(prefix: string, of: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [prefix + name, value]));

/** Compiles forward, loss and gradients as one graph for batches of `batchSize`. */
export async function createStep<N extends Trainee>(
  engine: Engine,
  network: N,
  objective: Objective<N>,
  batchSize: number,
): Promise<Step> {
  const { param, weights } = network;
  const shape = [batchSize, ...network.rowShape];
  const features = network.features(input("inputs", shape)); // [B, D]
  const found = objective.loss(network, features, input("weights", [batchSize]));
  const loss = found.value;

  const trained = trainedWeights(network);
  const names = [...trained.keys()];
  const gradients = grad(loss, names.map(param));
  const outputs = Object.fromEntries(names.map((name, i) => [name, gradients[i]!]));
  const program = await engine.compile({
    loss,
    ...named(GRADIENT, outputs),
    ...named(STATE, found.state),
  });
  const buffers = new Map(
    [...trained].map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))]),
  );
  const into: Record<string, Tensor> = Object.fromEntries(
    [...trained].map(([name, t]) => [
      GRADIENT + name,
      { shape: t.shape, data: buffers.get(name)! },
    ]),
  );

  return {
    gradients: buffers,
    async run({ rows, inputs, weights: rowWeights }) {
      const result = await program.run(
        {
          ...Object.fromEntries(weights),
          ...objective.feeds(rows, rowWeights),
          inputs: { shape, data: inputs },
          weights: { shape: [batchSize], data: rowWeights },
        },
        into,
      );
      for (const name of Object.keys(found.state))
        weights.get(name)!.data.set(result[STATE + name]!.data);
      return result["loss"]!.data[0]!;
    },
    dispose: () => program.dispose(),
  };
}
