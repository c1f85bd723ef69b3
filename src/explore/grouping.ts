/** @file An attribute of rows, read from labels or told by a model. */
import type { Column } from "../eval/counts/cells.ts";

/** How often a model takes one label for another, counted on labelled rows that it was not trained on. */
export interface PredictedBy {
  readonly model: string;
  /** Rows it was counted on. */
  readonly rows: number;
  /** [truth, predicted], row-major; counts, in the order of the values. */
  readonly confusion: Float64Array;
  /**
   * Explored rows with the names of rows that it was trained on or chosen by: of these it knows more than its errors say.
   */
  readonly seen: number;
}

export interface Grouping extends Column {
  readonly name: string;
  /** Null for labels of the data. */
  readonly predicted: PredictedBy | null;
}
