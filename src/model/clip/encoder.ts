/** @file The transformer that both towers share, over sequence-first rows [T * batch, D]. */
import { add, gelu, quickGelu } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import { attention } from "./attention.ts";
import type { TowerConfig } from "./config.ts";
import { type Layers, norm } from "./layers.ts";

/** Which rows a block computes, and what they may attend to. */
export interface View {
  /** Picks the rows that queries are made from. */
  readonly pick: (rows: Node) => Node;
  /** Added to the scores of those rows; none lets every row see every other. */
  readonly mask?: Node;
}

export interface Encoded {
  /**
   * The input of every block that is run and the output of the last one: each [T * batch, D].
   * Nodes that nobody asks for are never run, so the last costs nothing where only `pooled` is used.
   */
  readonly hiddenStates: readonly Node[];
  /** The picked rows of the last output, computed for these rows alone. */
  readonly pooled: Node;
}

/** What a tower gives. */
export interface TowerOutput {
  /** In the shared space, not normalised: [B, projectionDim]. */
  readonly embeds: Node;
  /** The pooled row after the final norm: [B, D]. */
  readonly pooled: Node;
  /** The input of every block that is run and the last output: each [T * B, D], row t * B + b; none of a convolutional tower. */
  readonly hiddenStates: readonly Node[];
}

const activations = { quick_gelu: quickGelu, gelu };

/** A pre-norm block. Keys and values are made from all rows, the rest from the picked ones. */
function block(
  config: TowerConfig,
  layers: Layers,
  module: string,
  x: Node,
  batch: number,
  { pick, mask }: View,
): Node {
  const keys = norm(layers, `${module}.layer_norm1`, x, config.layerNormEps);
  const mixed = attention(
    layers,
    `${module}.self_attn`,
    { queries: pick(keys), keys, mask },
    { batch, heads: config.numAttentionHeads },
  );
  const attended = add(pick(x), mixed);
  const inner = norm(layers, `${module}.layer_norm2`, attended, config.layerNormEps);
  const activate = activations[config.hiddenAct];
  const wide = activate(layers.linear(`${module}.mlp.fc1`, inner)); // [rows, 4 D]
  return add(attended, layers.linear(`${module}.mlp.fc2`, wide));
}

/**
 * Runs the blocks on hidden rows.
 * @param module `vision_model` or `text_model`.
 * @param hidden the input of block `first`: [T * batch, D].
 * @param views how rows see each other: all of them, and the pooled ones.
 */
export function encode(
  config: TowerConfig,
  layers: Layers,
  module: string,
  hidden: Node,
  batch: number,
  views: { readonly all: View; readonly pooled: View },
  first: number,
): Encoded {
  const step = (x: Node, index: number, view: View): Node =>
    block(config, layers, `${module}.encoder.layers.${index}`, x, batch, view);
  const hiddenStates = [hidden];
  for (let i = first; i < config.numHiddenLayers; i++)
    hiddenStates.push(step(hiddenStates.at(-1)!, i, views.all));
  return {
    hiddenStates,
    pooled: step(hiddenStates.at(-2)!, config.numHiddenLayers - 1, views.pooled),
  };
}
