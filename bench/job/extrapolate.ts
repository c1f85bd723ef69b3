/** @file What a long job takes, from three short ones. */

/** A job, from the start of its process to the end. */
export interface Measured {
  readonly seconds: number;
  /** Of its last epoch, training and validation, as it says itself. */
  readonly lastEpoch: number;
}

/** The same job on `rows` rows for one epoch, for two, and on twice the rows for one. */
export interface ShortJobs {
  readonly rows: number;
  readonly short: Measured;
  readonly long: Measured;
  readonly wide: Measured;
}

/** What the parts cost, in seconds. */
export interface Costs {
  /** Whatever the rows and epochs: starting, loading, reporting. */
  readonly once: number;
  /** Of each row, however many epochs: decoding it, and what lies below the trained part. */
  readonly row: number;
  /** Of each row in each epoch. */
  readonly visit: number;
  /** Of each epoch, whatever the rows: checkpoints. */
  readonly epoch: number;
}

/** once + rows row + epochs (rows visit + epoch), solved for its parts; what noise makes negative is 0. */
export function costsOf({ rows, short, long, wide }: ShortJobs): Costs {
  const visited = long.lastEpoch;
  const epoch = Math.max(0, long.seconds - short.seconds - visited);
  const few = short.seconds - epoch - visited; // once + rows * row
  const many = wide.seconds - epoch - 2 * visited; // once + 2 * rows * row
  const row = Math.max(0, (many - few) / rows);
  return { once: Math.max(0, few - rows * row), row, visit: visited / rows, epoch };
}

export const wholeJob = (
  { once, row, visit, epoch }: Costs,
  { rows, epochs }: { readonly rows: number; readonly epochs: number },
): number => once + rows * row + epochs * (rows * visit + epoch);
