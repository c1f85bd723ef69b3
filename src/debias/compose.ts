/** @file Several concepts erased one after the other. */
import { transpose } from "../run/linalg/products.ts";
import type { Embeddings, Train } from "./embeddings.ts";
import { apply, type Eraser } from "./eraser.ts";

/** Applies erasers in order. */
export const applyEach = (erasers: readonly Eraser[], embeddings: Embeddings): Embeddings =>
  erasers.reduce((rows, eraser) => apply(eraser, rows), embeddings);

/**
 * Fits one eraser per concept, each on what the ones before it left. Class means that one made equal stay equal,
 * because the next moves all rows by one affine map.
 */
export function fitEach(
  fit: (train: Train, concept: number) => Eraser,
  embeddings: Embeddings,
  concepts: readonly Int32Array[],
): Eraser[] {
  let rows = embeddings;
  return concepts.map((labels, concept) => {
    const eraser = fit({ ...rows, labels }, concept);
    rows = apply(eraser, rows);
    return eraser;
  });
}

/** Erasers one after the other as one map x' = matrix x + bias, matrix [D, D] acting on column vectors, bias [D]. */
export function toAffineEach(
  erasers: readonly Eraser[],
  d: number,
): { matrix: Float64Array; bias: Float64Array } {
  const units = new Float64Array(d * d);
  for (let i = 0; i < d; i++) units[i * d + i] = 1;
  const bias = Float64Array.from(applyEach(erasers, { x: new Float64Array(d), n: 1, d }).x);
  const columns = applyEach(erasers, { x: units, n: d, d }).x.map((v, i) => v - bias[i % d]!);
  return { matrix: transpose(Float64Array.from(columns), d), bias };
}
