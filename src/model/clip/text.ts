/** @file CLIP's text tower: token ids -> text embeddings. */
import { add, broadcast, constant, gather, reshape, slice, transpose } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { ClipConfig } from "./config.ts";
import { type TowerOutput, encode } from "./encoder.ts";
import { type Layers, norm, projection } from "./layers.ts";

/** Far below every score, yet finite, so that no engine meets infinity minus infinity. */
const MASKED = -1e9;

/**
 * Where each text is pooled: at its first end-of-text id or, for configs whose `eosTokenId` is 2, at its first largest id.
 * A text without the id is pooled at its first token, as transformers does.
 * @param texts token ids, one row per text.
 */
export const eosPositions = ({ text }: ClipConfig, texts: readonly ArrayLike<number>[]): number[] =>
  texts.map((ids) => {
    const row = Array.from(ids);
    if (text.eosTokenId !== 2) return Math.max(0, row.indexOf(text.eosTokenId));
    return row.indexOf(row.reduce((largest, id) => Math.max(largest, id), -1));
  });

/** `eosPositions` as the row numbers that `textTower` takes: row position * B + b of its [T * B, D] rows. */
export const eosRows = (config: ClipConfig, texts: readonly ArrayLike<number>[]): Int32Array =>
  Int32Array.from(eosPositions(config, texts), (position, b) => position * texts.length + b);

/** Token ids int [B, T] -> the input of block 0 [T * B, D], row t * B + b. T may be below maxPositionEmbeddings. */
function textHidden({ text }: ClipConfig, layers: Layers, inputIds: Node): Node {
  const [batch, length] = inputIds.shape as [number, number];
  const embeddings = "text_model.embeddings";
  const tokens = gather(layers.param(`${embeddings}.token_embedding.weight`), inputIds); // [B, T, D]
  const table = layers.param(`${embeddings}.position_embedding.weight`);
  const positions = reshape(slice(table, 0, 0, length), [length, 1, text.hiddenSize]);
  const placed = add(transpose(tokens, [1, 0, 2]), positions); // [T, B, D]
  return reshape(placed, [length * batch, text.hiddenSize]);
}

/**
 * The text tower. Attention is causal, so what follows the pooled token never matters.
 * @param inputIds int [B, T]. @param rows int [B]: `eosRows` of the texts.
 */
export const textTower = (
  config: ClipConfig,
  layers: Layers,
  inputIds: Node,
  rows: Node,
): TowerOutput => textBlocks(config, layers, textHidden(config, layers, inputIds), rows, 0);

/** The tower from block `first` on. @param hidden the input of that block: [T * B, D]. @param rows int [B]. */
export function textBlocks(
  config: ClipConfig,
  layers: Layers,
  hidden: Node,
  rows: Node,
  first: number,
): TowerOutput {
  const { text } = config;
  const batch = rows.shape[0]!;
  const length = hidden.shape[0]! / batch;
  const heads = text.numAttentionHeads;
  const causal = constant(
    Array.from({ length: length * length }, (_, i) =>
      i % length > Math.floor(i / length) ? MASKED : 0,
    ),
    [length, 1, length],
  );
  const perRow = reshape(broadcast(causal, [length, batch, length]), [length * batch, length]);
  const pooledMask = reshape(gather(perRow, rows), [batch, 1, length]);
  const views = {
    all: { pick: (x: Node) => x, mask: reshape(causal, [length, length]) },
    pooled: {
      pick: (x: Node) => gather(x, rows),
      mask: reshape(broadcast(pooledMask, [batch, heads, length]), [batch * heads, 1, length]),
    },
  };
  const encoded = encode(text, layers, "text_model", hidden, batch, views, first);
  const pooled = norm(layers, "text_model.final_layer_norm", encoded.pooled, text.layerNormEps);
  const embeds = projection(layers, "text_projection", pooled);
  return { embeds, pooled, hiddenStates: encoded.hiddenStates };
}
