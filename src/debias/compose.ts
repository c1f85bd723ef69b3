/** @file Several concepts erased one after the other. */
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
  fit: (train: Train) => Eraser,
  embeddings: Embeddings,
  concepts: readonly Int32Array[],
): Eraser[] {
  let rows = embeddings;
  return concepts.map((labels) => {
    const eraser = fit({ ...rows, labels });
    rows = apply(eraser, rows);
    return eraser;
  });
}
