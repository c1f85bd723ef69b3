/** @file What a table is read as, whatever its format: the columns asked for, some rows at a time. */

export interface Batch {
  readonly rows: number;
  /** [columns][rows], in the order asked for. Texts in CSV; numbers, booleans, null, ... where the format has them. */
  readonly columns: readonly ArrayLike<unknown>[];
  /** Line of each row, [rows]; null where a format has no lines. */
  readonly lines: ArrayLike<number> | null;
  /** Share of the file that is behind. */
  readonly done: number;
}

/** Told the names of the columns that there are, says which are wanted; throws UsageError when one is not there. */
export type Select = (names: readonly string[]) => readonly string[];

/** Reads a table. Throws UsageError with the line for what is not of the format. */
export type Format = (path: string, select: Select) => AsyncIterable<Batch>;
