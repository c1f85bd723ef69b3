/** @file What can be read off a method's embeddings: the concepts that should be gone, and what should have stayed. */
import type { Part } from "./recipe.ts";
import type { DoneCell } from "./result.ts";
import type { TaskReport } from "./tasks.ts";

export interface ProbeSettings {
  /** Of the cross-validation on test rows. */
  readonly folds: number;
  /** A small non-linear probe too. */
  readonly nonlinear: boolean;
}

/** @param x embeddings of the test rows after a method [N, D] */
export function probesOf(
  _task: TaskReport,
  _test: Part,
  _x: Float32Array,
  _settings: ProbeSettings,
): Pick<DoneCell, "leakage" | "utility"> {
  return { leakage: null, utility: null };
}
