/** @file How an epoch's rows are cut into steps of equal batches. */
import { UsageError } from "../run/errors.ts";

export interface PlannedBatch {
  /** Exactly `batchSize` rows; the first `count` are real, the rest repeat the first row and weigh nothing. */
  readonly rows: readonly number[];
  readonly count: number;
}

/**
 * The steps of an epoch, each a list of up to `accumulate` batches.
 * @param padding fill the last batch up; else a partial one is dropped.
 * Throws UsageError when nothing is left.
 */
export function planBatches(
  order: readonly number[],
  batchSize: number,
  accumulate: number,
  padding: boolean,
): PlannedBatch[][] {
  const batches: PlannedBatch[] = [];
  for (let from = 0; from < order.length; from += batchSize) {
    const rows = order.slice(from, from + batchSize);
    const count = rows.length;
    if (count < batchSize && !padding) break;
    batches.push({ rows: [...rows, ...Array<number>(batchSize - count).fill(rows[0]!)], count });
  }
  if (batches.length === 0)
    throw new UsageError(
      `train.batchSize: ${batchSize} rows a batch, but the train split has ${order.length}; a contrastive batch must be whole: lower it`,
    );
  return Array.from({ length: Math.ceil(batches.length / accumulate) }, (_, i) =>
    batches.slice(i * accumulate, (i + 1) * accumulate),
  );
}
