/** @file Passes over rows: every score metric of every group, for one weighting of the rows. */
import { SCORE_NAMES, type ScoreName } from "../metrics/scores.ts";
import type { Sorted } from "./order.ts";
import { BINS, type Foretold } from "./bins.ts";
import type { ScoreView } from "./table.ts";

type ViewName = Exclude<ScoreName, "eceConfidence">;
/** The metrics of one class against the rest. */
export const VIEW_NAMES = SCORE_NAMES.filter((name) => name !== "eceConfidence");
/** A number per group, [G]; NaN where undefined. */
export type ViewValues = Readonly<Record<ViewName, Float64Array>>;

/**
 * Reads every group's rows once, from the largest score down; what a tie or a bin adds up to is settled where it ends.
 * @param ranked rows by group, and in a group by descending score
 * @param mass weight of every row, [M]
 */
export function passView(
  view: ScoreView,
  { items, starts }: Sorted,
  mass: Float64Array,
  out: ViewValues,
): void {
  const { tie, outcome, score, logLoss, bin } = view;
  for (let g = 0; g + 1 < starts.length; g++) {
    const end = starts[g + 1]!;
    let positives = 0; // weight at all larger scores
    let negatives = 0;
    let tiedPositives = 0; // at this score
    let tiedNegatives = 0;
    let pairs = 0; // in the right order
    let precision = 0;
    let residual = 0; // of this bin
    let residuals = 0; // in size, over the bins
    let scores = 0;
    let squares = 0;
    let losses = 0;
    for (let i = starts[g]!; i < end; i++) {
      const r = items[i]!;
      const x = mass[r]!;
      const s = score[r]!;
      let off = -s;
      if (outcome[r] === 1) {
        off = 1 - s;
        tiedPositives += x;
      } else tiedNegatives += x;
      const weighed = x * off;
      residual += weighed;
      squares += weighed * off;
      scores += x * s;
      losses += x * logLoss[r]!;
      const next = i + 1 < end ? items[i + 1]! : -1;
      if (next >= 0 && tie[next] === tie[r]) continue;
      pairs += tiedNegatives * (positives + tiedPositives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
      if (tiedPositives > 0) precision += (tiedPositives * positives) / (positives + negatives);
      tiedPositives = 0;
      tiedNegatives = 0;
      if (next >= 0 && bin[next] === bin[r]) continue;
      residuals += Math.abs(residual);
      residual = 0;
    }
    const all = positives + negatives;
    // rounding must not carry a perfect value beyond 1
    out.auc[g] = Math.min(1, pairs / (positives * negatives));
    out.averagePrecision[g] = Math.min(1, precision / positives);
    out.brier[g] = Math.min(1, squares / all);
    out.logLoss[g] = losses / all;
    out.ece[g] = Math.min(1, residuals / all);
    out.meanScore[g] = Math.min(1, scores / all);
    out.calibrationBias[g] = (scores - positives) / all;
  }
}

/**
 * The calibration error of the confidence.
 * @param group of every row, or -1
 * @param cells scratch, [G, BINS]
 * @param out a number per group, [G]; NaN where undefined
 */
export function passConfidence(
  { score, outcome, bin }: Foretold,
  group: Int32Array,
  mass: Float64Array,
  cells: Float64Array,
  out: Float64Array,
): void {
  cells.fill(0);
  out.fill(0); // the weight of the group until it is divided by
  for (let r = 0; r < group.length; r++) {
    const g = group[r]!;
    if (g < 0) continue;
    out[g]! += mass[r]!;
    cells[g * BINS + bin[r]!]! += mass[r]! * (outcome[r]! - score[r]!);
  }
  for (let g = 0; g < out.length; g++) {
    let residuals = 0;
    for (let b = 0; b < BINS; b++) residuals += Math.abs(cells[g * BINS + b]!);
    out[g] = Math.min(1, residuals / out[g]!);
  }
}
