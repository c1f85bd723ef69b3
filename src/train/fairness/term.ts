/** @file A term of a classifier's loss: mean cross-entropy, or what fairness adds to it or puts in its place. */
import type { Tensors } from "../../engine/engine.ts";
import type { Node } from "../../graph/node.ts";
import type { Params } from "../../model/clip/layers.ts";
import type { ParamSpec } from "../../model/param-spec.ts";
import { crossEntropy } from "../losses.ts";

/** A batch as a classifier answers it. */
export interface Classified {
  /** [B, C] */
  readonly logits: Node;
  /** One-hot. [B, C] */
  readonly targets: Node;
  /** Of rows, >= 0; a row of weight 0 does not count. [B] */
  readonly weights: Node;
  readonly param: Params;
}

/** A scalar to be minimised, and what the tensors that steps remember become. */
export interface Loss {
  readonly value: Node;
  readonly state: Readonly<Record<string, Node>>;
}

export interface LossTerm {
  /** Parameters that train along with the model, and are no part of it. */
  readonly params: readonly ParamSpec[];
  /** Tensors that every step reads and then replaces. */
  readonly state: readonly ParamSpec[];
  readonly loss: (batch: Classified) => Loss;
  /** The inputs that `loss` made. @param rows of the data set [B]. @param weights [B]. */
  readonly feeds: (rows: readonly number[], weights: Float32Array) => Tensors;
}

/** A group for every row of a data set. */
export interface Groups {
  /** From 0 to `count` - 1; -1 for a row of no known group. [N] */
  readonly codes: Int32Array;
  readonly count: number;
}

/** A term that neither trains nor remembers anything. */
export const plainTerm = (
  value: (batch: Classified) => Node,
  feeds: LossTerm["feeds"],
): LossTerm => ({
  params: [],
  state: [],
  loss: (batch) => ({ value: value(batch), state: {} }),
  feeds,
});

/** The mean cross-entropy of the true class. */
export const meanCrossEntropy: LossTerm = plainTerm(
  ({ logits, targets, weights }) => crossEntropy(logits, targets, weights),
  () => ({}),
);
