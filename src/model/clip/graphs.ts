/** @file CLIP's towers as whole graphs, inputs and parameters included. */
import { input, param } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { Weights } from "../weights.ts";
import type { ClipConfig } from "./config.ts";
import { type Layers, plainLayers } from "./layers.ts";
import { textTower } from "./text.ts";
import { imageTower } from "./vision.ts";

/** Layers whose parameters are fed by name. Towers of one graph share them: a name stands for one node. */
export function fedLayers(weights: Weights): Layers {
  const nodes = new Map([...weights].map(([name, { shape }]) => [name, param(name, shape)]));
  return plainLayers((name) => nodes.get(name)!);
}

/** Embeddings [batch, P], not normalised, of the input `pixel_values` [batch, C, H, W]. */
export function imageEmbeds(config: ClipConfig, layers: Layers, batch: number): Node {
  const { imageSize, numChannels } = config.vision;
  const pixels = input("pixel_values", [batch, numChannels, imageSize, imageSize]);
  return imageTower(config, layers, pixels).embeds;
}

/** Embeddings [batch, P], not normalised, of the inputs `ids` int [batch, length] and `eos_rows` int [batch] (see `eosRows`). */
export function textEmbeds(
  config: ClipConfig,
  layers: Layers,
  [batch, length]: readonly [batch: number, length: number],
): Node {
  const ids = input("ids", [batch, length], "int");
  return textTower(config, layers, ids, input("eos_rows", [batch], "int")).embeds;
}
