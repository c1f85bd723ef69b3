/** @file CLIP's image tower: pixels -> image embeddings. */
import { add, broadcast, concat, matmul, reshape, slice, transpose } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import { trunkGraph } from "../cnn/graph.ts";
import { type ClipConfig, type VitConfig, imageTokens, towerConfig } from "./config.ts";
import { type TowerOutput, encode } from "./encoder.ts";
import { type Layers, norm, projection } from "./layers.ts";

/** Pixels [B, C, H, W] -> the input of block 0 [T * B, D], row t * B + b; row b (t = 0) is the class token. */
function imageHidden(vision: VitConfig, layers: Layers, pixelValues: Node): Node {
  const { hiddenSize, patchSize, numChannels } = vision;
  const batch = pixelValues.shape[0]!;
  const grid = vision.imageSize / patchSize;
  const tokens = imageTokens(vision);
  const embeddings = "vision_model.embeddings";
  const tiles = reshape(pixelValues, [batch, numChannels, grid, patchSize, grid, patchSize]);
  const patches = reshape(
    transpose(tiles, [2, 4, 0, 1, 3, 5]), // [grid, grid, B, C, patch, patch]
    [grid * grid * batch, numChannels * patchSize * patchSize],
  );
  const kernel = layers.param(`${embeddings}.patch_embedding.weight`); // [D, C, patch, patch]
  const embedded = matmul(patches, reshape(kernel, [hiddenSize, patches.shape[1]!]), { b: true });
  const classes = broadcast(layers.param(`${embeddings}.class_embedding`), [batch, hiddenSize]);
  const positions = layers.param(`${embeddings}.position_embedding.weight`); // [T, D]
  const placed = add(
    reshape(concat([classes, embedded], 0), [tokens, batch, hiddenSize]),
    reshape(positions, [tokens, 1, hiddenSize]),
  );
  const rows = reshape(placed, [tokens * batch, hiddenSize]);
  return norm(layers, "vision_model.pre_layrnorm", rows, vision.layerNormEps);
}

/** The image tower. @param pixelValues [B, C, H, W], as the image processor makes them. */
export function imageTower(config: ClipConfig, layers: Layers, pixelValues: Node): TowerOutput {
  const { vision } = config;
  if (vision.kind === "vit") {
    const hidden = imageHidden(vision, layers, pixelValues);
    return imageBlocks(config, layers, hidden, pixelValues.shape[0]!, 0);
  }
  const param = (name: string): Node => layers.param(`vision_model.${name}`);
  const vectors = trunkGraph(vision.trunk, param, pixelValues); // [B, D]
  return { ...imageEnd(config, layers, vectors), hiddenStates: [] };
}

/** A vision transformer from block `first` on. @param hidden the input of that block: [T * batch, D]. */
export function imageBlocks(
  config: ClipConfig,
  layers: Layers,
  hidden: Node,
  batch: number,
  first: number,
): TowerOutput {
  const views = {
    all: { pick: (rows: Node) => rows },
    pooled: { pick: (rows: Node) => slice(rows, 0, 0, batch) },
  };
  const transformer = towerConfig(config, "image");
  const encoded = encode(transformer, layers, "vision_model", hidden, batch, views, first);
  return {
    ...imageEnd(config, layers, encoded.pooled),
    hiddenStates: encoded.hiddenStates,
  };
}

/** What is the same of all towers: the final norm of vectors [B, D], and the projection. */
function imageEnd({ vision }: ClipConfig, layers: Layers, vectors: Node) {
  const pooled = norm(layers, "vision_model.post_layernorm", vectors, vision.layerNormEps);
  return { embeds: projection(layers, "visual_projection", pooled), pooled };
}
