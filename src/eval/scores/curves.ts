/** @file What charts of scores need: ROC curves and calibration by bin. */
import { wilson } from "../intervals.ts";
import type { Curves } from "../report.ts";
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
  return Array.from({ length: groups }, (_, g) => {
    const rows = items.subarray(starts[g], starts[g + 1]);
    return {
      roc: rocOf(view, rows, weight),
      calibration: outside > 0 ? [] : calibrationOf(view, rows, table, level),
    };
  });
}

/**
 * The corners of the curve: points on straight lines between others are left out. Of too many corners, those nearest to
 * equal steps along the curve, so that it is nowhere off by more than a hundredth.
 * @param rows by descending score
 */
function rocOf({ tie, positive }: ScoreView, rows: Int32Array, weight: Float64Array): Point[] {
  const x = new Float64Array(rows.length + 1); // weight of the negatives at or above a score
  const y = new Float64Array(rows.length + 1); // of the positives
  let last = 0;
  let [negatives, positives] = [0, 0];
  for (let i = 0; i < rows.length; i++) {
    const r = rows[i]!;
    if (positive[r] === 1) positives += weight[r]!;
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

/** @param rows by descending score, so that those of a bin lie side by side */
function calibrationOf(
  { score, positive, bin }: ScoreView,
  rows: Int32Array,
  table: ScoreTable,
  level: number,
): Curves["calibration"] {
  const { weight } = table;
  const bins: Curves["calibration"] = [];
  for (let start = 0, end = 0; start < rows.length; start = end) {
    let [all, scores, positives] = [0, 0, 0];
    for (; end < rows.length && bin[rows[end]!] === bin[rows[start]!]; end++) {
      const r = rows[end]!;
      all += weight[r]!;
      scores += weight[r]! * score[r]!;
      positives += weight[r]! * positive[r]!;
    }
    if (all === 0) continue; // rows that weigh nothing
    const meanOutcome = Math.min(1, positives / all);
    const effective = effectiveRows(rows.subarray(start, end), meanOutcome, positive, table);
    bins.unshift({
      meanScore: scores / all,
      meanOutcome,
      interval: wilson(meanOutcome, effective, level),
      rows: end - start,
    });
  }
  return bins;
}

/** The n of a binomial interval, as `EffectiveRows` has it for cells: Kish 1965, Korn and Graubard 1998. */
function effectiveRows(
  rows: Int32Array,
  share: number,
  positive: Uint8Array,
  { weight, cluster }: ScoreTable,
): number {
  let [all, squares] = [0, 0];
  const units = new Map<number, { all: number; positives: number }>();
  for (const r of rows) {
    const w = weight[r]!;
    all += w;
    squares += w * w;
    if (!cluster) continue;
    const unit = units.get(cluster[r]!) ?? { all: 0, positives: 0 };
    units.set(cluster[r]!, unit);
    unit.all += w;
    unit.positives += w * positive[r]!;
  }
  const kish = all ** 2 / squares;
  if (!cluster) return kish;
  let [variance, together] = [0, 0];
  for (const unit of units.values()) {
    variance += (unit.positives - share * unit.all) ** 2;
    together += unit.all ** 2;
  }
  const worth = variance > 0 ? (share * (1 - share) * all ** 2) / variance : all ** 2 / together;
  return Math.min(kish, worth);
}
