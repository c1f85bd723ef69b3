/** @file The training step: one graph for the loss and the gradients of everything that trains, and its program on the host. */
import type { Engine, Tensor, Tensors } from "../engine/engine.ts";
import { grad } from "../graph/autodiff.ts";
import { input, mul } from "../graph/build.ts";
import { type Node, sizeOf } from "../graph/node.ts";
import { type Trainee, trainedWeights } from "./network.ts";
import type { Objective } from "./objective.ts";
import { rowSums, tableGradient } from "./table-gradient.ts";

export interface Batch {
  /** Rows of the data set, B of them. */
  readonly rows: readonly number[];
  /** What the rows are fed as: [B, 3, S, S], or [B, D]. */
  readonly inputs: Float32Array;
  /** [B]; 0 for a row that only fills the batch. */
  readonly weights: Float32Array;
  /** What the objective drew for it. */
  readonly drawn?: Tensors | undefined;
}

export interface StepGraph {
  readonly loss: Node;
  /** Of the loss times `lossScale`, by parameter name. */
  readonly gradients: Readonly<Record<string, Node>>;
  /** What the tensors that steps remember become, by their name. */
  readonly state: Readonly<Record<string, Node>>;
  /** What is fed beside the network's weights. @param lossScale 1 where none was asked for. */
  readonly feeds: (batch: Batch, lossScale: number) => Tensors;
}

export const scalar = (value: number): Tensor => ({ shape: [], data: Float32Array.of(value) });

/** Forward, loss and gradients for batches of `batchSize`. @param scaled whether a factor of the loss is fed. */
export function stepGraph<N extends Trainee>(
  network: N,
  objective: Objective<N>,
  batchSize: number,
  scaled: boolean,
): StepGraph {
  const shape = [batchSize, ...network.rowShape];
  const features = network.features(input("inputs", shape)); // [B, D]
  const { value: loss, state } = objective.loss(network, features, input("weights", [batchSize]));
  const names = [...trainedWeights(network).keys()];
  const differentiated = scaled ? mul(loss, input("lossScale", [])) : loss;
  const gradients = grad(differentiated, names.map(network.param));
  return {
    loss,
    gradients: Object.fromEntries(names.map((name, i) => [name, gradients[i]!])),
    state,
    feeds: ({ rows, inputs, weights, drawn }, lossScale) => ({
      ...objective.feeds(rows, weights),
      ...drawn,
      inputs: { shape, data: inputs },
      weights: { shape: [batchSize], data: weights },
      lossScale: scalar(lossScale),
    }),
  };
}

export interface Step {
  /** The loss of a batch; afterwards `gradients` holds its gradients, and what steps remember is replaced. */
  run(batch: Batch, lossScale?: number): Promise<number>;
  /** By parameter name, times the loss scale; overwritten by every run. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  dispose(): Promise<void>;
}

const GRADIENT = "grad:";
const STATE = "state:";
/** A record's values under prefixed names. */
export const named = <T>(prefix: string, of: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [prefix + name, value]));

const gradientBuffers = (network: Trainee): ReadonlyMap<string, Float32Array> =>
  new Map(
    [...trainedWeights(network)].map(([name, { data }]) => [name, new Float32Array(data.length)]),
  );

/**
 * Compiles a step whose weights and gradients are in the host's memory.
 * @param scaled see `stepGraph`
 * @param buffers that gradients are written to, by parameter name; new ones by default
 */
export async function createStep<N extends Trainee>(
  engine: Engine,
  network: N,
  objective: Objective<N>,
  batchSize: number,
  scaled = false,
  buffers = gradientBuffers(network),
): Promise<Step> {
  const { weights } = network;
  const graph = stepGraph(network, objective, batchSize, scaled);
  const gradients = Object.entries(graph.gradients).map(([name, gradient]) => {
    const buffer = buffers.get(name)!;
    const table = tableGradient(gradient);
    if (!table) return { name, node: gradient, data: buffer, settle: null };
    const data = new Float32Array(sizeOf(table.rows.shape));
    const set = rowSums(buffer, table.rows.shape.at(-1)!);
    const settle = (feeds: Tensors): void => set(feeds[table.ids]!.data as Int32Array, data);
    return { name, node: table.rows, data, settle };
  });
  const program = await engine.compile({
    loss: graph.loss,
    ...Object.fromEntries(gradients.map(({ name, node }) => [GRADIENT + name, node])),
    ...named(STATE, graph.state),
  });
  const into: Record<string, Tensor> = Object.fromEntries(
    gradients.map(({ name, node, data }) => [GRADIENT + name, { shape: node.shape, data }]),
  );

  return {
    gradients: buffers,
    async run(batch, lossScale = 1) {
      const feeds = graph.feeds(batch, lossScale);
      const result = await program.run({ ...Object.fromEntries(weights), ...feeds }, into);
      for (const { settle } of gradients) settle?.(feeds);
      for (const name of Object.keys(graph.state))
        weights.get(name)!.data.set(result[STATE + name]!.data);
      return result["loss"]!.data[0]!;
    },
    dispose: () => program.dispose(),
  };
}
