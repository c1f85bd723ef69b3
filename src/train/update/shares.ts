/** @file How batches count towards one step. */
import type { Batch } from "../step.ts";

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

/** Each batch with its share of the weight of all rows; shares sum to 1. */
export function sharesOf(batches: readonly Batch[]): { batch: Batch; share: number }[] {
  const total = batches.reduce((all, { weights }) => all + sum(weights), 0);
  return batches.map((batch) => ({ batch, share: sum(batch.weights) / total }));
}
