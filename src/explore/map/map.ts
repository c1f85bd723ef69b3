/** @file Points of an embedding space in few dimensions: what every kind of map gives. */
import type { Embeddings } from "../../run/linalg/embeddings.ts";

export interface FittedMap {
  /** [n, dimensions], row-major. */
  readonly coordinates: Float64Array;
  readonly dimensions: number;
  /** What was not done as asked, such as a perplexity that was cut; one line each. */
  readonly notes: readonly string[];
  /** Share of the variance that each axis holds; null for maps without axes. */
  readonly explained: Float64Array | null;
  /** KL divergence of t-SNE's similarities; null elsewhere. */
  readonly kl: number | null;
  /** Coordinates [m, dimensions] of further points; null where a map has no place for them. */
  readonly place: ((points: Embeddings) => Promise<Float64Array>) | null;
}
