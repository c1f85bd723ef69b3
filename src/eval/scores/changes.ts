/** @file What changed in score metrics between two models that judged the same rows, which are resampled together. */
import { uniform } from "../uncertainty/binomial.ts";
import type { Column } from "../counts/cells.ts";
import { type GapPair, independentInterval, settleGapChanges } from "../uncertainty/gap-change.ts";
import { definedSamples, normalQuantile } from "../uncertainty/intervals.ts";
import { makersOfChange } from "../uncertainty/makers.ts";
import type { MeasuredGaps } from "../groups/paired-changes.ts";
import { noteUndefined, Resampling } from "../uncertainty/pending.ts";
import type { Plan } from "../groups/plan.ts";
import type { Predictions } from "../predictions.ts";
import type { Change } from "../report/comparison.ts";
import type { Estimate } from "../report/values.ts";
import { resample, type Sampler } from "../uncertainty/resample.ts";
import { SCORE_NAMES } from "../metrics/scores.ts";
import type { SpreadOf } from "../groups/extent.ts";
import { bindScores, bindScoreView } from "./bind.ts";
import { centreOf, isCalibration } from "./gap-interval.ts";
import { ScoreRates } from "./rates.ts";
import { affordable, rowSampler } from "./sampler.ts";
import { ScoreSheet } from "./sheet.ts";
import { deviationOf } from "./spread.ts";
import { scoreTable, type ScoreTable } from "./table.ts";

export interface ScoreChanges {
  /** By group, then by metric; without those that are undefined. */
  readonly groups: Readonly<Record<string, Readonly<Record<string, Estimate>>>>;
  readonly gaps: Readonly<Record<string, Estimate>>;
}

/** One model's scores by the groups of a column. */
interface Model {
  readonly table: ScoreTable;
  readonly group: Int32Array; // [M]
  readonly sheet: ScoreSheet;
  readonly spreadOf: SpreadOf;
}

/**
 * Calibration errors are raised by chance, of two models not by as much, and resamples raise them once more: where there
 * is a change, its interval is put together from the models' own, as if they had judged different rows.
 * @param view index of the class measured against the rest, or null for all of them
 * @param measured the gaps of each model, with their intervals
 * @returns null when a model has no scores, or not of the same rows
 */
export function scoreChanges(
  before: Predictions,
  after: Predictions,
  column: Column,
  plan: Plan,
  view: number | null,
  measured: MeasuredGaps,
  ...stream: readonly string[]
): ScoreChanges | null {
  const [was, is] = [modelOf(before, column, plan), modelOf(after, column, plan)];
  const sampler = was && is && samplerOf(was, is, before.truth.length);
  if (!sampler) return null;
  const { uncertainty } = plan;
  const replicates = affordable(uncertainty, was.table);

  const [from, to] = [was.sheet, is.sheet].map((sheet) =>
    view === null ? sheet.whole : sheet.byView[view]!,
  ) as [ScoreSheet["whole"], ScoreSheet["whole"]];
  const rates = SCORE_NAMES.flatMap((name) =>
    column.values.flatMap((_, g) => {
      const read = (): number => to[name]!.read()[g]! - from[name]!.read()[g]!;
      const value = from[name] && to[name] ? read() : Number.NaN;
      return Number.isNaN(value)
        ? []
        : [{ name, g, read, change: { value, interval: null } as Estimate }];
    }),
  );
  const [gapsBefore, gapsAfter] = [was.sheet, is.sheet].map((sheet) =>
    view === null ? bindScores(sheet) : bindScoreView(sheet.byView[view]!),
  ) as [ReturnType<typeof bindScores>, ReturnType<typeof bindScores>];
  const pairs = [...gapsBefore].flatMap(([name, gap]): (GapPair & { name: string })[] => {
    const other = gapsAfter.get(name);
    if (!other || gap.reason !== null || other.reason !== null) return [];
    const makers = makersOfChange(gap, other);
    const change: Change = { value: makers.read(), interval: null, verdict: "unclear" };
    const [a, b] = [measured.before[name], measured.after[name]];
    const independent = a && b ? independentInterval(a, b) : null;
    return [{ name, change, before: gap, after: other, makers, independent }];
  });

  if (replicates > 0) {
    const draw = sampler("data", uniform(uncertainty.seed, ...stream, "scores"));
    const samples = resample(
      draw,
      replicates,
      rates.map(({ read }) => read),
    );
    rates.forEach(({ name, g, change }, i) => {
      settle(change, samples[i]!, uncertainty.level);
      if (!isCalibration(name) || isNone(change)) return;
      const [a, b] = [was.spreadOf(from[name]!, g), is.spreadOf(to[name]!, g)];
      const interval = independentInterval(
        { value: centreOf(a), interval: a(uncertainty.level) },
        { value: centreOf(b), interval: b(uncertainty.level) },
      );
      const value = change.value!;
      change.interval = interval && [Math.min(interval[0], value), Math.max(interval[1], value)];
    });
    settleGapChanges(pairs, sampler, { ...uncertainty, replicates }, ...stream, "scores");
    for (const { name, change, before: gap } of pairs) {
      if (!gap.metric.rates.some(isCalibration) || isNone(change)) continue;
      const [a, b] = [measured.before[name]?.interval, measured.after[name]?.interval];
      change.interval = a && b ? [b[0] - a[1], b[1] - a[0]] : null;
    }
  }
  return {
    groups: Object.fromEntries(
      column.values.map((group, at) => [
        group,
        Object.fromEntries(
          rates.filter(({ g }) => g === at).map(({ name, change }) => [name, change]),
        ),
      ]),
    ),
    gaps: Object.fromEntries(pairs.map(({ name, change }) => [name, change])),
  };
}

function modelOf(predictions: Predictions, { values, codes }: Column, plan: Plan): Model | null {
  const table = scoreTable(predictions, plan);
  if (!table) return null;
  const group = table.rows.map((row) => codes[row]!);
  const sheet = new ScoreSheet(table, group, values.length);
  const resampling = new Resampling(plan.uncertainty.level); // never settled: calibration errors need none
  const rates = new ScoreRates(table, sheet, { values, codes }, plan, resampling);
  values.forEach((_, g) => {
    rates.whole(g);
    sheet.byView.forEach((__, v) => rates.view(v, g));
  });
  return { table, group, sheet, spreadOf: rates.spreadOf };
}

/** Whether no resample shows a change either. */
const isNone = ({ interval }: Estimate): boolean =>
  interval !== null && interval[1] - interval[0] < 1e-12;

/** Draws the same rows for both, whose tables have them in other orders; null when they do not have the same. */
function samplerOf(was: Model, is: Model, rows: number): Sampler | null {
  const place = new Int32Array(rows).fill(-1); // of each row of the predictions in the first table
  was.table.rows.forEach((row, r) => (place[row] = r));
  const from = is.table.rows.map((row) => place[row]!);
  if (from.length !== was.table.rows.length || from.includes(-1)) return null;
  const other = new Float64Array(from.length);
  return rowSampler(was.table, was.group, {
    arrange: (group) => {
      was.sheet.arrange(group);
      is.sheet.arrange(is.group);
    },
    update: (mass) => {
      was.sheet.update(mass);
      for (let r = 0; r < other.length; r++) other[r] = mass[from[r]!]!;
      is.sheet.update(other);
    },
  });
}

/** The difference of two score metrics is about normal (DeLong, DeLong and Clarke-Pearson 1988 for the AUC). */
function settle(change: Estimate, samples: Float64Array, level: number): void {
  const defined = definedSamples(samples);
  noteUndefined(change, defined.length, samples.length);
  if (change.value === null || defined.length < 2) return;
  const half = normalQuantile((1 + level) / 2) * deviationOf(defined);
  change.interval = [change.value - half, change.value + half];
}
