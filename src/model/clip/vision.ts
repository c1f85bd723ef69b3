/** @file CLIP's image tower: pixels -> image embeddings. */
import { add, broadcast, concat, matmul, reshape, slice, transpose } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import { type ClipConfig, imageTokens } from "./config.ts";
import { type TowerOutput, encode } from "./encoder.ts";
import { type Layers, norm, projection } from "./layers.ts";

/** Pixels [B, C, H, W] -> the input of block 0 [T * B, D], row t * B + b; row b (t = 0) is the class token. */
function imageHidden(config: ClipConfig, layers: Layers, pixelValues: Node): Node {
  const { vision } = config;
  const { hiddenSize, patchSize, numChannels } = vision;
  const batch = pixelValues.shape[0]!;
  const grid = vision.imageSize / patchSize;
  const tokens = imageTokens(config);
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
export const imageTower = (config: ClipConfig, layers: Layers, pixelValues: Node): TowerOutput =>
  imageBlocks(config, layers, imageHidden(config, layers, pixelValues), pixelValues.shape[0]!, 0);

/** The tower from block `first` on. @param hidden the input of that block: [T * batch, D]. */
export function imageBlocks(
  config: ClipConfig,
  layers: Layers,
  hidden: Node,
  batch: number,
  first: number,
): TowerOutput {
  const { vision } = config;
  const views = {
    all: { pick: (rows: Node) => rows },
    pooled: { pick: (rows: Node) => slice(rows, 0, 0, batch) },
  };
  const encoded = encode(vision, layers, "vision_model", hidden, batch, views, first);
  const pooled = norm(layers, "vision_model.post_layernorm", encoded.pooled, vision.layerNormEps);
  const embeds = projection(layers, "visual_projection", pooled);
  return { embeds, pooled, hiddenStates: encoded.hiddenStates };
}
