/** @file The selected model on rows it was not selected on: as trained, and after each method. */
import { compare } from "../eval/compare.ts";
import { type EvaluateOptions, evaluate } from "../eval/evaluate.ts";
import type { Predictions } from "../eval/predictions.ts";
import type { Comparison } from "../eval/report/comparison.ts";
import type { Report } from "../eval/report.ts";
import { EquiclipError } from "../run/errors.ts";
import type { Embedded } from "./trained.ts";
import {
  type Original,
  type Variant,
  predictOriginal,
  predictVariant,
} from "./variants/variant.ts";

/** What was measured, and the predictions it was measured on: `before`, and by method. */
export interface Assessment {
  readonly result: Report | Comparison;
  readonly before: Predictions;
  readonly after: Readonly<Record<string, Predictions>>;
}

/**
 * Measures the classifier on rows, as it is and after each method; the comparisons are paired. `failed` names methods
 * that cannot classify these rows, and why: thresholds do not know every group.
 */
export async function assess(
  original: Original,
  split: Embedded,
  variants: ReadonlyMap<string, Variant>,
  options: EvaluateOptions,
): Promise<{ assessment: Assessment; failed: ReadonlyMap<string, string> }> {
  const before = predictOriginal(original, split);
  const after: Record<string, Predictions> = {};
  const failed = new Map<string, string>();
  for (const [method, variant] of variants) {
    try {
      after[method] = await predictVariant(variant, original, split);
    } catch (error) {
      if (!(error instanceof EquiclipError)) throw error;
      failed.set(method, error.message);
    }
  }
  const compared = Object.keys(after).length > 0;
  const result = compared ? compare(before, after, options) : evaluate(before, options);
  return { assessment: { result, before, after }, failed };
}
