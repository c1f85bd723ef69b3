/** @file The training step: one program for the loss and the gradients of everything that trains. */
import type { Engine, Tensor } from "../engine/engine.ts";
import { grad } from "../graph/autodiff.ts";
import { input } from "../graph/build.ts";
import { sizeOf } from "../graph/node.ts";
import { imageTower } from "../model/clip/vision.ts";
import { type Network, trainedWeights } from "./network.ts";
import type { Objective } from "./objective.ts";

export interface Batch {
  /** Rows of the data set, B of them. */
  readonly rows: readonly number[];
  /** [B, 3, S, S] */
  readonly pixelValues: Float32Array;
  /** [B]; 0 for a row that only fills the batch. */
  readonly weights: Float32Array;
}

export interface Step {
  /** The loss of a batch; afterwards `gradients` holds its gradients. */
  run(batch: Batch): Promise<number>;
  /** By parameter name; overwritten by every run. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  dispose(): Promise<void>;
}

const GRADIENT = "grad:";

/** Compiles forward, loss and gradients as one graph for batches of `batchSize`. */
export async function createStep(
  engine: Engine,
  network: Network,
  objective: Objective,
  batchSize: number,
): Promise<Step> {
  const { config, layers, weights } = network;
  const { imageSize, numChannels } = config.vision;
  const shape = [batchSize, numChannels, imageSize, imageSize];
  const pixels = input("pixelValues", shape);
  const images = imageTower(config, layers, pixels).embeds; // [B, D]
  const loss = objective.loss(network, images, input("weights", [batchSize]));

  const trained = trainedWeights(network);
  const names = [...trained.keys()];
  const gradients = grad(loss, names.map(layers.param));
  const outputs = Object.fromEntries(names.map((name, i) => [GRADIENT + name, gradients[i]!]));
  const program = await engine.compile({ loss, ...outputs });
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
    async run({ rows, pixelValues, weights: rowWeights }) {
      const result = await program.run(
        {
          ...Object.fromEntries(weights),
          ...objective.feeds(rows),
          pixelValues: { shape, data: pixelValues },
          weights: { shape: [batchSize], data: rowWeights },
        },
        into,
      );
      return result["loss"]!.data[0]!;
    },
    dispose: () => program.dispose(),
  };
}
