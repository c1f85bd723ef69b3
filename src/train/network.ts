/** @file The classifier in training: its parameters, which of them train, and how graphs reach them. */
import { param } from "../graph/build.ts";
import type { Node, Shape } from "../graph/node.ts";
import { EquiclipError } from "../run/errors.ts";
import { type ClipConfig, imageTokens } from "../model/clip/config.ts";
import { type Cut, cutShape, imageAbove } from "../model/clip/cut.ts";
import { type Layers, type Params, plainLayers } from "../model/clip/layers.ts";
import { loraLayers, mergeLora } from "../model/clip/lora.ts";
import { type ParamSpec, initialize } from "../model/param-spec.ts";
import { type Trainable, type TrainedParams, trainedParams } from "../model/clip/trainable.ts";
import { imageTower } from "../model/clip/vision.ts";
import type { Weight, Weights } from "../model/weights.ts";

/** What a network makes of a batch of rows. */
interface Features {
  /** What is fed for one row: pixels [3, S, S], what a frozen part made of them, or an embedding [D]. */
  readonly rowShape: Shape;
  /** What a classifier sees of fed rows [B, ...rowShape]: [B, D]. */
  readonly features: (rows: Node) => Node;
}

/** Parameters, and the layers over them that graphs are built of: enough to embed and to classify. */
export interface Towers extends Features {
  readonly config: ClipConfig;
  /** Every parameter, adapters and probe included. */
  readonly weights: Weights;
  readonly layers: Layers;
}

/** Parameters of which a part trains, and what features they make of a batch. */
export interface Trainee extends Features {
  /** Every parameter, and every tensor that steps replace. Training writes into them. */
  readonly weights: Weights;
  readonly param: Params;
  /** Names that get gradients and updates. */
  readonly trained: Pick<TrainedParams, "names">;
}

/** A trainee that checkpoints keep. */
export interface Kept extends Trainee {
  /** Names that train, and what training added to the model. */
  readonly trained: TrainedParams;
  /** Tensors of the model that steps replace without training them: running statistics. */
  readonly remembered: readonly string[];
  /** Of what was added, what is kept with the selected weights: a probe. */
  readonly beside: readonly ParamSpec[];
  /** Of all weights, those of the model as its folder holds them. */
  readonly plain: (weights: Weights) => Weights;
}

/** Towers of which a part trains. */
export interface Network extends Towers, Kept {
  readonly trainable: Trainable;
}

/** What training adds beside the model: saved to go on from, but no part of what is kept. */
export interface Companions {
  /** They train along: an adversary's. */
  readonly params: readonly ParamSpec[];
  /** Steps replace them: weights of groups. */
  readonly state: readonly ParamSpec[];
}
const alone: Companions = { params: [], state: [] };

/** Trained names and added parameters, companions among them. */
export const accompanied = (
  { names, added }: TrainedParams,
  { params, state }: Companions,
): TrainedParams => ({
  names: new Set([...names, ...params.map(({ name }) => name)]),
  added: [...added, ...params, ...state],
});

/** Weights without those of some names. */
export const without = (weights: Weights, specs: readonly ParamSpec[]): Weights => {
  const kept = new Map(weights);
  for (const { name } of specs) kept.delete(name);
  return kept;
};

/** Towers that nothing trains. @param weights of the model, and of the probe where there is one. */
export const createTowers = (config: ClipConfig, weights: Weights): Towers =>
  withLayers(config, weights, plainLayers(paramNodes(weights)));

const withLayers = (config: ClipConfig, weights: Weights, layers: Layers): Towers => ({
  config,
  weights,
  layers,
  ...fedAt(config, layers, null),
});

function fedAt(config: ClipConfig, layers: Layers, cut: Cut | null): Features {
  const { imageSize, numChannels } = config.vision;
  return cut === null
    ? {
        rowShape: [numChannels, imageSize, imageSize],
        features: (pixels) => imageTower(config, layers, pixels).embeds,
      }
    : {
        rowShape: cutShape(config, "image", cut, imageTokens(config.vision)),
        features: (rows) => imageAbove(config, layers, cut, rows),
      };
}

/** The same towers, fed what lies below a cut of the image tower made; null: pixels. */
export const fromCut = <T extends Towers>(towers: T, cut: Cut | null): T => ({
  ...towers,
  ...fedAt(towers.config, towers.layers, cut),
});

/**
 * A network on a model's weights, which it shares.
 * @param classes number of target classes, for the probe.
 * @param seed of the parameters that training adds.
 * @param companions what its objective adds.
 * Throws UsageError when nothing would train.
 */
export function createNetwork(
  config: ClipConfig,
  weights: Weights,
  trainable: Trainable,
  classes: number,
  seed: number,
  companions: Companions = alone,
): Network {
  const own = trainedParams(config, trainable, classes);
  const trained = accompanied(own, companions);
  const all: Weights = new Map([...weights, ...initialize(trained.added, seed)]);
  const plain = plainLayers(paramNodes(all));
  const layers = trainable.kind === "lora" ? loraLayers(plain, config, trainable) : plain;
  return {
    ...withLayers(config, all, layers),
    param: layers.param,
    trainable,
    trained,
    remembered: [],
    beside: trainable.kind === "probe" ? own.added : [],
    plain: (of) =>
      without(trainable.kind === "lora" ? mergeLora(of, config, trainable) : of, trained.added),
  };
}

/** The same network on other values of the same parameters. */
export const withWeights = <N extends Trainee>(network: N, weights: Weights): N => ({
  ...network,
  weights,
});

/** One node for each parameter, made when it is first asked for. */
export function paramNodes(weights: Weights): (name: string) => Node {
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

/** The trained parameters, by name, in a fixed order. */
export const trainedWeights = ({ trained, weights }: Trainee): Map<string, Weight> =>
  new Map([...trained.names].toSorted().map((name) => [name, weights.get(name)!]));
