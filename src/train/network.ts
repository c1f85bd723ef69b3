/** @file The classifier in training: its parameters, which of them train, and how graphs reach them. */
import { param } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import { EquiclipError } from "../run/errors.ts";
import type { ClipConfig } from "../model/clip/config.ts";
import { type Layers, plainLayers } from "../model/clip/layers.ts";
import { loraLayers, mergeLora } from "../model/clip/lora.ts";
import { initialize } from "../model/clip/params.ts";
import { type Trainable, type TrainedParams, trainedParams } from "../model/clip/trainable.ts";
import type { Weight, Weights } from "../model/weights.ts";

export interface Network {
  readonly config: ClipConfig;
  readonly trainable: Trainable;
  readonly trained: TrainedParams;
  /** Every parameter, adapters and probe included. Training writes into the trained ones. */
  readonly weights: Weights;
  /** Layers over these parameters, for building graphs. */
  readonly layers: Layers;
}

/**
 * A network on a model's weights.
 * @param classes number of target classes, for the probe.
 * @param seed of the parameters that training adds.
 * Throws UsageError when nothing would train.
 */
export function createNetwork(
  config: ClipConfig,
  weights: Weights,
  trainable: Trainable,
  classes: number,
  seed: number,
): Network {
  const trained = trainedParams(config, trainable, classes);
  const all: Weights = new Map([...weights, ...initialize(trained.added, seed)]);
  return { config, trainable, trained, weights: all, layers: layersOf(config, all, trainable) };
}

/** The same network on other values of the same parameters. */
export const withWeights = (network: Network, weights: Weights): Network => ({
  ...network,
  weights,
});

function layersOf(config: ClipConfig, weights: Weights, trainable: Trainable): Layers {
  const nodes = new Map<string, Node>();
  const base = plainLayers((name) => {
    const known = nodes.get(name);
    if (known) return known;
    const weight = weights.get(name);
    if (!weight) throw new EquiclipError(`the model has no tensor ${name}`);
    const node = param(name, weight.shape);
    nodes.set(name, node);
    return node;
  });
  return trainable.kind === "lora" ? loraLayers(base, config, trainable) : base;
}

/** The parameters as a Hugging Face folder holds them: adapters merged, the probe left out. */
export function plainWeights({ config, trainable, trained, weights }: Network): Weights {
  const merged =
    trainable.kind === "lora" ? mergeLora(weights, config, trainable) : new Map(weights);
  for (const { name } of trained.added) merged.delete(name);
  return merged;
}

/** The trained parameters, by name, in a fixed order. */
export const trainedWeights = ({ trained, weights }: Network): Map<string, Weight> =>
  new Map([...trained.names].toSorted().map((name) => [name, weights.get(name)!]));
