/** @file The selected model on rows it was not selected on: as trained, and after each method. */
import { compare } from "../eval/compare.ts";
import { type EvaluateOptions, evaluate } from "../eval/evaluate.ts";
import type { Predictions } from "../eval/predictions.ts";
import type { Comparison } from "../eval/report/comparison.ts";
import type { Report } from "../eval/report.ts";
import { EquiclipError } from "../run/errors.ts";
import { leakageOf } from "./leakage.ts";
import type { Embedded } from "./trained.ts";
import { type Original, type Variant, answerOf, predictOriginal } from "./variants/variant.ts";

/** What was measured, and the predictions it was measured on: `before`, and by method. */
export interface Assessment {
  readonly result: Report | Comparison;
  readonly before: Predictions;
  readonly after: Readonly<Record<string, Predictions>>;
}

/**
 * Measures the classifier on rows, as it is and after each method; the comparisons are paired. `failed` names methods
 * that cannot classify these rows, and why: thresholds do not know every group.
 * @param removed attributes that a probe looks for in the embeddings
 */
export async function assess(
  original: Original,
  split: Embedded,
  variants: ReadonlyMap<string, Variant>,
  options: EvaluateOptions,
  removed: readonly string[],
): Promise<{ assessment: Assessment; failed: ReadonlyMap<string, string> }> {
  const before = predictOriginal(original, split);
  const probed = (x: Float32Array) => leakageOf(split.rows, x, removed, options.uncertainty);
  const after: Record<string, Predictions> = {};
  const leakage: Record<string, ReturnType<typeof probed>> = {};
  const failed = new Map<string, string>();
  for (const [method, variant] of variants) {
    try {
      const { predictions, embeddings } = await answerOf(variant, original, split);
      after[method] = predictions;
      if (embeddings) leakage[method] = probed(embeddings);
    } catch (error) {
      if (!(error instanceof EquiclipError)) throw error;
      failed.set(method, error.message);
    }
  }
  if (Object.keys(after).length === 0)
    return { assessment: { result: evaluate(before, options), before, after }, failed };
  const result = {
    ...compare(before, after, options),
    leakage: { before: probed(split.embeddings), after: leakage },
  };
  return { assessment: { result, before, after }, failed };
}
