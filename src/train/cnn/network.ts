/** @file A convolutional network in training. */
import type { CnnConfig } from "../../model/cnn/config.ts";
import { cnnBuffers, cnnParams } from "../../model/cnn/params.ts";
import { initialize } from "../../model/param-spec.ts";
import type { Weights } from "../../model/weights.ts";
import { type Companions, type Kept, accompanied, paramNodes, without } from "../network.ts";

/**
 * A network on a model's weights, which it shares.
 * @param config of what trains: the trunk and some heads. @param companions what its objective adds. @param seed of what is added.
 */
export function createCnnNetwork(
  config: CnnConfig,
  weights: Weights,
  companions: Companions,
  seed: number,
): Kept {
  const own = { names: new Set(cnnParams(config).map(({ name }) => name)), added: [] };
  const trained = accompanied(own, companions);
  const all: Weights = new Map([...weights, ...initialize(trained.added, seed)]);
  const { size, channels } = config.input;
  return {
    weights: all,
    param: paramNodes(all),
    trained,
    remembered: cnnBuffers(config).map(({ name }) => name),
    beside: [],
    plain: (of) => without(of, trained.added),
    rowShape: [channels, size, size],
    features: (pixels) => pixels,
  };
}
