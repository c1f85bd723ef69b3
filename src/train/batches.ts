/** @file How an epoch's rows are cut into steps of equal batches. */
import { UsageError } from "../run/errors.ts";
import type { Objective } from "./objective.ts";

export interface PlannedBatch {
  /** The first `count` are real, those that fill it up repeat the first row and weigh nothing. */
  readonly rows: readonly number[];
  readonly count: number;
  /** In its epoch. */
  readonly index: number;
}

/**
 * The steps of an epoch, each a list of up to `accumulate` batches.
 * @param rest what becomes of a last partial batch; a single row makes no batch of its own.
 * Throws UsageError when nothing is left.
 */
export function planBatches(
  order: readonly number[],
  batchSize: number,
  accumulate: number,
  rest: Objective["rest"],
): PlannedBatch[][] {
  const batches: PlannedBatch[] = [];
  for (let from = 0; from < order.length; from += batchSize) {
    const rows = order.slice(from, from + batchSize);
    const count = rows.length;
    if (count < batchSize && rest === "dropped") break;
    if (count === 1 && batchSize > 1 && rest === "own") break;
    const filling = rest === "filled" ? batchSize - count : 0;
    batches.push({
      rows: [...rows, ...Array<number>(filling).fill(rows[0]!)],
      count,
      index: batches.length,
    });
  }
  if (batches.length === 0)
    throw new UsageError(
      `train.batchSize: ${batchSize} rows a batch, but the train split has ${order.length}; a contrastive batch must be whole: lower it`,
    );
  return Array.from({ length: Math.ceil(batches.length / accumulate) }, (_, i) =>
    batches.slice(i * accumulate, (i + 1) * accumulate),
  );
}
