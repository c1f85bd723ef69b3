/** @file The score from which on a row is predicted positive, chosen on rows that are not measured. */
import { UsageError } from "../../run/errors.ts";

interface Counts {
  readonly tp: number;
  readonly fp: number;
  readonly positives: number;
  readonly negatives: number;
}

const RULES = {
  accuracy: ({ tp, fp, positives, negatives }: Counts) =>
    (tp + negatives - fp) / (positives + negatives),
  balancedAccuracy: ({ tp, fp, positives, negatives }: Counts) =>
    (tp / positives + 1 - fp / negatives) / 2,
  f1: ({ tp, fp, positives }: Counts) => (2 * tp) / (tp + fp + positives),
} as const;

export type ThresholdRule = keyof typeof RULES;
export const THRESHOLD_RULES = Object.keys(RULES) as ThresholdRule[];

/**
 * The score that makes the rule best when rows from it on are predicted positive; of several, the highest. Every score
 * that occurs is tried, and one above all of them, which predicts nobody positive.
 * @param rows their true classes, [N], and which of them is the positive one
 * @param scores finite, [N]
 * @param weights [N]; 1 each when absent
 * @throws UsageError where the rule is undefined: no truly positive row, or no truly negative one
 */
export function chooseThreshold(
  rule: ThresholdRule,
  rows: { readonly truth: Int32Array; readonly positive: number },
  scores: Float64Array,
  weights?: Float64Array,
): number {
  const order = new Uint32Array(scores.length)
    .map((_, row) => row)
    .sort((a, b) => scores[b]! - scores[a]!);
  const weightOf = (row: number): number => weights?.[row] ?? 1;
  const isPositive = (row: number): boolean => rows.truth[row] === rows.positive;
  const total = (positive: boolean): number =>
    order.reduce((sum, row) => sum + (isPositive(row) === positive ? weightOf(row) : 0), 0);
  const [positives, negatives] = [total(true), total(false)];
  const value = RULES[rule];
  if (Number.isNaN(value({ tp: 0, fp: 0, positives, negatives })))
    throw new UsageError(
      `the threshold that is best for ${rule} is undefined: there are no truly ${positives === 0 ? "positive" : "negative"} rows to choose it on`,
    );
  let [tp, fp] = [0, 0];
  let best = {
    threshold: above(scores[order[0]!]!),
    value: value({ tp, fp, positives, negatives }),
  };
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if (isPositive(row)) tp += weightOf(row);
    else fp += weightOf(row);
    if (i + 1 < order.length && scores[order[i + 1]!] === scores[row]) continue; // ties go together
    const here = value({ tp, fp, positives, negatives });
    if (here > best.value) best = { threshold: scores[row]!, value: here };
  }
  return best.threshold;
}

/** The next larger double. */
function above(value: number): number {
  const bits = new BigInt64Array(1);
  const double = new Float64Array(bits.buffer);
  double[0] = value === 0 ? 0 : value; // not -0
  bits[0]! += value < 0 ? -1n : 1n;
  return double[0];
}
