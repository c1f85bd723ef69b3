/** @file What a model's numbers look like in memory. */
import type { Shape } from "../graph/node.ts";

/** A tensor as a weight file stores it: 16- and 32-bit floats widened to 32, doubles kept, integers as 32 bits. */
export interface StoredTensor {
  readonly shape: Shape;
  readonly data: Float32Array | Float64Array | Int32Array;
}

/** A trainable parameter, row-major. */
export interface Weight {
  readonly shape: Shape;
  /** Moved once, to where updates change it in place, when training begins. */
  data: Float32Array;
}

/** Parameters by Hugging Face name: `text_model.embeddings.token_embedding.weight`. */
export type Weights = Map<string, Weight>;
