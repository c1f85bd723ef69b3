/** @file CLIP's towers as whole graphs, inputs and parameters included. */
import { input, param, slice } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { Weights } from "../weights.ts";
import type { ClipConfig } from "./config.ts";
import { type Layers, plainLayers } from "./layers.ts";
import type { TowerOutput } from "./encoder.ts";
import { textTower } from "./text.ts";
import { imageTower } from "./vision.ts";

/** Layers whose parameters are fed by name. Towers of one graph share them: a name stands for one node. */
export function fedLayers(weights: Weights): Layers {
  const nodes = new Map([...weights].map(([name, { shape }]) => [name, param(name, shape)]));
  return plainLayers((name) => nodes.get(name)!);
}

function imageOutput(config: ClipConfig, layers: Layers, batch: number): TowerOutput {
  const { imageSize, numChannels } = config.vision;
  const pixels = input("pixel_values", [batch, numChannels, imageSize, imageSize]);
  return imageTower(config, layers, pixels);
}

/** Embeddings [batch, P], not normalised, of the input `pixel_values` [batch, C, H, W]. */
export const imageEmbeds = (config: ClipConfig, layers: Layers, batch: number): Node =>
  imageOutput(config, layers, batch).embeds;

/** Class tokens [batch, D] after the first `block` blocks, of the input `pixel_values` [batch, C, H, W]. */
export const imageClassTokens = (
  config: ClipConfig,
  layers: Layers,
  batch: number,
  block: number,
): Node => slice(imageOutput(config, layers, batch).hiddenStates[block]!, 0, 0, batch);

/** Embeddings [batch, P], not normalised, of the inputs `ids` int [batch, length] and `eos_rows` int [batch] (see `eosRows`). */
export function textEmbeds(
  config: ClipConfig,
  layers: Layers,
  [batch, length]: readonly [batch: number, length: number],
): Node {
  const ids = input("ids", [batch, length], "int");
  return textTower(config, layers, ids, input("eos_rows", [batch], "int")).embeds;
}
