/** @file The verdict on a method: is it fairer than the undebiased model, and what became of accuracy. */

/** By Holm's p-value; nothing less is evidence. */
export type Verdict = "better" | "worse" | "no evidence";

/** What the verdict on a method rests on. */
interface Judged {
  readonly metric: string;
  readonly change: {
    readonly interval: readonly [number, number] | null;
    readonly verdict: Verdict;
  } | null;
}

/** Accuracy that may be lost and still be called kept. */
export const MARGIN = 0.01;

export type Outcome =
  | "fairer, accuracy kept"
  | "fairer, accuracy unclear"
  | "fairer, accuracy lost"
  | "fairer and less fair"
  | "no evidence"
  | "worse";

/**
 * By `eo.max` of every attribute and the accuracy. Fairer: a gap is better and none is worse. Accuracy is kept when
 * the interval of its change ends above -MARGIN, lost when the change is evidence of a loss, else unclear. Worse: a gap
 * is worse and none is better, or accuracy is lost and no gap is better.
 */
export function outcomeOf(numbers: readonly Judged[]): Outcome {
  const gaps = numbers.flatMap(({ metric, change }) =>
    metric === "eo.max" ? (change?.verdict ?? []) : [],
  );
  const accuracy = numbers.find(({ metric }) => metric === "accuracy")?.change;
  const isBetter = gaps.includes("better");
  const isWorse = gaps.includes("worse");
  if (isBetter && isWorse) return "fairer and less fair";
  if (isWorse || (!isBetter && accuracy?.verdict === "worse")) return "worse";
  if (!isBetter) return "no evidence";
  if (accuracy?.interval && accuracy.interval[0] >= -MARGIN) return "fairer, accuracy kept";
  return accuracy?.verdict === "worse" ? "fairer, accuracy lost" : "fairer, accuracy unclear";
}
