/** @file What charts of scores need: ROC curves and calibration by bin. */
import { wilson } from "../uncertainty/intervals.ts";
import type { Curves } from "../report.ts";
import { binsOf } from "./bins.ts";
import { sorted } from "./order.ts";
import { type ScoreTable, type ScoreView } from "./table.ts";

const POINTS = 200; // of a ROC curve; more are not seen

type Point = Curves["roc"][number];

/**
 * The curves of every group, in the order of the groups.
 * @param group of every row, or -1, [M]
 * @param level of the intervals
 */
export function curvesOf(
  table: ScoreTable,
  group: Int32Array,
  groups: number,
  level: number,
): Curves[] {
  const { weight, outside } = table;
  const [view] = table.views;
  if (!view) return [];
  const { items, starts } = sorted(view.order, group, groups);
  const bins = outside > 0 ? [] : binsOf(view, table, group, groups);
  return Array.from({ length: groups }, (_, g) => {
    const rows = items.subarray(starts[g], starts[g + 1]);
    return {
      roc: rocOf(view, rows, weight),
      calibration: (bins[g] ?? []).map(({ rows: n, meanScore, meanOutcome, effective }) => ({
        meanScore,
        meanOutcome,
        interval: wilson(meanOutcome, effective, level),
        rows: n,
      })),
    };
  });
}

/**
 * The corners of the curve: points on straight lines between others are left out. Of too many corners, those nearest to
 * equal steps along the curve, so that it is nowhere off by more than a hundredth.
 * @param rows by descending score
 */
function rocOf({ tie, outcome }: ScoreView, rows: Int32Array, weight: Float64Array): Point[] {
  const x = new Float64Array(rows.length + 1); // weight of the negatives at or above a score
  const y = new Float64Array(rows.length + 1); // of the positives
  let last = 0;
  let [negatives, positives] = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    const r = rows[i]!;
    if (outcome[r] === 1) positives += weight[r]!;
    else negatives += weight[r]!;
    if (i + 1 < rows.length && tie[rows[i + 1]!] === tie[r]) continue;
    const [dx, dy] = [negatives - x[last]!, positives - y[last]!];
    if (dx === 0 && dy === 0) continue; // rows that weigh nothing
    const [ex, ey] = last > 0 ? [x[last]! - x[last - 1]!, y[last]! - y[last - 1]!] : [0, 0];
    const straight = last > 0 && Math.abs(ex * dy - ey * dx) < 1e-9 * (ex + ey) * (dx + dy);
    if (!straight) last++;
    x[last] = negatives;
    y[last] = positives;
  }
  if (negatives === 0 || positives === 0) return [];
  const point = (i: number): Point => [x[i]! / negatives, y[i]! / positives];
  if (last < POINTS) return Array.from({ length: last + 1 }, (_, i) => point(i));
  const kept: Point[] = [];
  for (let i = 0; i <= last; i++) {
    const [fpr, tpr] = point(i);
    if (((fpr + tpr) / 2) * (POINTS - 1) >= kept.length - 1e-9) kept.push([fpr, tpr]);
  }
  return kept;
}
