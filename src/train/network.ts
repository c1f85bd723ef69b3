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

/** Parameters, and the layers over them that graphs are built of: enough to embed and to classify. */
export interface Towers {
  readonly config: ClipConfig;
  /** Every parameter, adapters and probe included. */
  readonly weights: Weights;
  readonly layers: Layers;
}

/** Towers of which a part trains. Training writes into the weights of that part. */
export interface Network extends Towers {
  readonly trainable: Trainable;
  readonly trained: TrainedParams;
}

/** Towers that nothing trains. @param weights of the model, and of the probe where there is one. */
export const createTowers = (config: ClipConfig, weights: Weights): Towers => ({
  config,
  weights,
  layers: plainLayers(paramNodes(weights)),
});

/**
 * A network on a model's weights, which it shares.
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
  const towers = createTowers(config, all);
  const layers =
    trainable.kind === "lora" ? loraLayers(towers.layers, config, trainable) : towers.layers;
  return { ...towers, layers, trainable, trained };
}

/** The same network on other values of the same parameters. */
export const withWeights = (network: Network, weights: Weights): Network => ({
  ...network,
  weights,
});

/** One node for each parameter, made when it is first asked for. */
function paramNodes(weights: Weights): (name: string) => Node {
  const nodes = new Map<string, Node>();
  return (name) => {
    const known = nodes.get(name);
    if (known) return known;
    const weight = weights.get(name);
    if (!weight) throw new EquiclipError(`the model has no tensor ${name}`);
    const node = param(name, weight.shape);
    nodes.set(name, node);
    return node;
  };
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
