/** @file Predictions with scores for tests, and their metrics by definition, slowly. */
import fc from "fast-check";
import { encode } from "../../src/eval/counts/cells.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import type { ScoreName } from "../../src/eval/metrics/scores.ts";

/** One row of a binary target. */
export interface Scored {
  readonly group: string | null;
  readonly truth: number;
  readonly score: number;
  readonly weight?: number;
  readonly predicted?: number;
}

/** Class "1" is the positive one; it is predicted from 0.5 on unless a row says otherwise. */
export function fromScores(
  rows: readonly Scored[],
  clusters?: readonly number[],
): Predictions & Required<Pick<Predictions, "score">> {
  return {
    classes: ["0", "1"],
    truth: Int32Array.from(rows, ({ truth }) => truth),
    predicted: Int32Array.from(rows, ({ predicted, score }) => predicted ?? Number(score >= 0.5)),
    score: Float64Array.from(rows, ({ score }) => score),
    groups: {
      group: encode(
        rows.map(({ group }) => group),
        GROUPS,
      ),
    },
    ...(rows.some(({ weight }) => weight !== undefined) && {
      weights: Float64Array.from(rows, ({ weight }) => weight ?? 1),
    }),
    ...(clusters && { clusters: Int32Array.from(clusters) }),
  };
}
export const GROUPS = ["a", "b", "c"];

/** Scores with many ties, 0 and 1 and the ends of bins among them; groups of all sizes, some rows without one. */
export const scoredRows = (weight: fc.Arbitrary<number> = fc.constantFrom(0, 0.1, 0.3, 1, 2.5)) =>
  fc.array(
    fc.record({
      group: fc.constantFrom(...GROUPS, null),
      truth: fc.nat({ max: 1 }),
      score: fc.oneof(
        fc.constantFrom(0, 1 / 15, 0.2, 0.4, 0.5, 0.6, 0.8, 14 / 15, 1),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      weight,
      predicted: fc.nat({ max: 1 }),
    }),
    { minLength: 1, maxLength: 40 },
  );

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Every score metric by its definition; NaN where undefined. */
export function byDefinition(rows: readonly Scored[]): Record<ScoreName, number> {
  const all = rows.map(({ truth: y, score: s, weight: w = 1, predicted }) => ({
    y,
    s,
    w,
    yes: predicted ?? Number(s >= 0.5),
  }));
  const mean = (of: (row: (typeof all)[number]) => number): number =>
    sum(all.map((row) => row.w * of(row))) / sum(all.map(({ w }) => w));
  const [positives, negatives] = [all.filter(({ y }) => y === 1), all.filter(({ y }) => y === 0)];
  const weigh = (of: typeof all): number => sum(of.map(({ w }) => w));
  const pairs = positives.flatMap((p) =>
    negatives.map((n) => p.w * n.w * (p.s > n.s ? 1 : p.s === n.s ? 0.5 : 0)),
  );
  const recallAt = (t: number): number =>
    weigh(positives.filter(({ s }) => s >= t)) / weigh(positives);
  const thresholds = [...new Set(all.map(({ s }) => s))].sort((a, b) => b - a);
  const steps = thresholds.map((t, i) => {
    const above = weigh(all.filter(({ s }) => s >= t));
    const precision = weigh(positives.filter(({ s }) => s >= t)) / above;
    const gained = recallAt(t) - (i === 0 ? 0 : recallAt(thresholds[i - 1]!));
    return above === 0 || gained === 0 ? 0 : gained * precision;
  });
  const ece = (s: (row: (typeof all)[number]) => number, y: typeof s): number => {
    const bins = Array.from({ length: 15 }, (_, b) =>
      all.filter((row) => Math.max(0, Math.ceil(15 * s(row)) - 1) === b),
    );
    return (
      sum(bins.map((bin) => Math.abs(sum(bin.map((row) => row.w * (y(row) - s(row))))))) /
      weigh(all)
    );
  };
  const clip = (s: number): number => Math.min(1 - 1e-12, Math.max(1e-12, s));
  return {
    auc: sum(pairs) / (weigh(positives) * weigh(negatives)),
    averagePrecision: weigh(positives) === 0 ? Number.NaN : sum(steps),
    brier: mean(({ s, y }) => (s - y) ** 2),
    logLoss: mean(({ s, y }) => -Math.log(clip(y === 1 ? s : 1 - s))),
    ece: ece(
      ({ s }) => s,
      ({ y }) => y,
    ),
    eceConfidence: ece(
      ({ s, yes }) => (yes === 1 ? s : 1 - s),
      ({ y, yes }) => Number(y === yes),
    ),
    meanScore: mean(({ s }) => s),
    calibrationBias: mean(({ s, y }) => s - y),
  };
}
