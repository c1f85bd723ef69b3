/**
 * @file Where the part of a tower that never trains ends. What lies below makes the same of an input in every step, so it is
 * computed once; a network starts from what it made.
 */
import { reshape, transpose } from "../../graph/build.ts";
import type { Node, Shape } from "../../graph/node.ts";
import { type ClipConfig, type Tower, pooledSize, towerConfig } from "./config.ts";
import type { TowerOutput } from "./encoder.ts";
import { type Layers, projection } from "./layers.ts";
import { textBlocks, textTower } from "./text.ts";
import type { Trainable } from "./trainable.ts";
import { imageBlocks, imageTower } from "./vision.ts";

export type Cut =
  /** The input of a block: [T, D] of each image or text. */
  | { readonly at: "block"; readonly block: number }
  /** The pooled row after the final norm: [D]. */
  | { readonly at: "pooled" }
  /** The embedding, not normalised: [P]. */
  | { readonly at: "embeds" };

/** Nothing of the tower trains. */
export const WHOLE: Cut = { at: "embeds" };

/** The cut of a tower; null where it trains from its first block on. */
export function cutOf(config: ClipConfig, trainable: Trainable, tower: Tower): Cut | null {
  switch (trainable.kind) {
    case "full":
      return null;
    case "blocks": {
      if (trainable[tower] === 0) return WHOLE;
      const block = towerConfig(config, tower).numHiddenLayers - trainable[tower];
      return block > 0 ? { at: "block", block } : null;
    }
    case "head":
      return { at: "pooled" };
    case "lora":
      return trainable.towers.includes(tower) ? null : WHOLE;
    case "probe":
      return WHOLE;
  }
}

/** What is kept of each image or text. @param tokens T */
export function cutShape(config: ClipConfig, tower: Tower, { at }: Cut, tokens: number): Shape {
  const width = pooledSize(config, tower);
  return { block: [tokens, width], pooled: [width], embeds: [config.projectionDim] }[at];
}

/** [T * B, D] -> [B, T, D] */
const byItem = (hidden: Node, batch: number): Node => {
  const [rows, width] = hidden.shape as [number, number];
  return transpose(reshape(hidden, [rows / batch, batch, width]), [1, 0, 2]);
};
/** [B, T, D] -> [T * B, D] */
const byToken = (kept: Node): Node => {
  const [batch, tokens, width] = kept.shape as [number, number, number];
  return reshape(transpose(kept, [1, 0, 2]), [tokens * batch, width]);
};

const kept = (cut: Cut, { hiddenStates, pooled, embeds }: TowerOutput, batch: number): Node =>
  cut.at === "block" ? byItem(hiddenStates[cut.block]!, batch) : { pooled, embeds }[cut.at];

/** What lies below the cut makes of pixels [B, C, H, W]: [B, ...cutShape]. */
export const imageBelow = (config: ClipConfig, layers: Layers, cut: Cut, pixels: Node): Node =>
  kept(cut, imageTower(config, layers, pixels), pixels.shape[0]!);

/** Embeddings [B, P] of what lies below the cut made. */
export function imageAbove(config: ClipConfig, layers: Layers, cut: Cut, features: Node): Node {
  switch (cut.at) {
    case "block":
      return imageBlocks(config, layers, byToken(features), features.shape[0]!, cut.block).embeds;
    case "pooled":
      return projection(layers, "visual_projection", features);
    case "embeds":
      return features;
  }
}

/** What lies below the cut makes of ids int [B, T]: [B, ...cutShape]. @param rows int [B]: `eosRows` of the texts. */
export const textBelow = (
  config: ClipConfig,
  layers: Layers,
  cut: Cut,
  ids: Node,
  rows: Node,
): Node => kept(cut, textTower(config, layers, ids, rows), ids.shape[0]!);

/** Embeddings [B, P] of what lies below the cut made. @param rows `eosRows`, which only blocks look at. */
export function textAbove(
  config: ClipConfig,
  layers: Layers,
  cut: Cut,
  features: Node,
  rows: () => Node,
): Node {
  switch (cut.at) {
    case "block":
      return textBlocks(config, layers, byToken(features), rows(), cut.block).embeds;
    case "pooled":
      return projection(layers, "text_projection", features);
    case "embeds":
      return features;
  }
}
