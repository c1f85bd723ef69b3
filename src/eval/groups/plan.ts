/** @file What is measured, the same for every attribute of a report. */
import type { Uncertainty } from "../uncertainty/pending.ts";

export interface Plan {
  readonly classes: readonly string[];
  /** Indices of the classes measured one against the rest: the positive one, or all. */
  readonly views: readonly number[];
  readonly minSupport: number;
  readonly uncertainty: Uncertainty;
}
