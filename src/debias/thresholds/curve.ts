/** @file What one group reaches with each threshold. */

/** Decisions `score > threshold[i]`: from nobody to everybody, one point for each distinct score. */
export interface Curve {
  readonly positives: number;
  readonly negatives: number;
  /** Infinity, mid-points between neighbouring scores, -Infinity; descending. [T] */
  readonly threshold: Float64Array;
  /** True positives. [T] */
  readonly tp: Float64Array;
  /** False positives. [T] */
  readonly fp: Float64Array;
}

/** Of the `rows` that are one group. @param truth 1 for the positive class, 0 for the other. */
export function curveOf(
  rows: readonly number[],
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
): Curve {
  const order = rows.toSorted((a, b) => scores[b]! - scores[a]!);
  const [threshold, tp, fp] = [[Infinity], [0], [0]];
  let hits = 0;
  order.forEach((row, i) => {
    hits += truth[row]!;
    const score = scores[row]!;
    const next = i + 1 < order.length ? scores[order[i + 1]!]! : -Infinity;
    if (next === score) return; // rows of equal score are decided alike
    threshold.push(between(score, next));
    tp.push(hits);
    fp.push(i + 1 - hits);
  });
  return {
    positives: hits,
    negatives: order.length - hits,
    threshold: Float64Array.from(threshold),
    tp: Float64Array.from(tp),
    fp: Float64Array.from(fp),
  };
}

/** A number below `high` and not below `low`: half-way, unless the two are neighbours among doubles. */
function between(high: number, low: number): number {
  const middle = (high + low) / 2;
  return middle < high ? middle : low;
}
