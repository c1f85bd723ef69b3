/** @file Intervals of gaps in scores. */
import type { BoundGap } from "../groups/bound-gap.ts";
import type { SpreadOf } from "../groups/extent.ts";
import type { Made, Spread } from "../uncertainty/gap-interval.ts";
import type { AnyRate } from "../metrics/gaps.ts";
import { contrastInterval } from "../groups/grouping.ts";
import type { Uncertainty } from "../uncertainty/pending.ts";
import type { Gap } from "../report/values.ts";
import { SCORE_RATES, type ScoreName, type ScoreRateDefinition } from "../metrics/scores.ts";

/** Whether chance raises a metric. */
export const isCalibration = (name: AnyRate): boolean => {
  const definition: ScoreRateDefinition = SCORE_RATES[name as ScoreName];
  return definition.scale === "calibration";
};

/**
 * That of any gap. But chance raises calibration errors, more so in small groups, and a gap between them is off by as
 * much: there contrasts are between the errors that would as often have been measured larger as smaller.
 */
export function scoreGapInterval(
  gap: Gap,
  bound: BoundGap,
  spreadOf: SpreadOf,
  uncertainty: Uncertainty,
): void {
  if (!bound.metric.rates.some(isCalibration)) {
    contrastInterval(gap, bound, spreadOf, uncertainty);
    return;
  }
  const unbiased: BoundGap = { ...bound, made: (of) => recentred(bound.made(of)) };
  contrastInterval(gap, unbiased, spreadOf, uncertainty);
  if (gap.interval === null || gap.value === null) return;
  const [low, high] = gap.interval;
  gap.interval = [Math.min(low, gap.value), Math.max(high, gap.value)];
}

/** The error that would as often have been measured larger as smaller: the interval of level 0 begins there. */
export const centreOf = (spread: Spread): number => spread(0)?.[0] ?? Number.NaN;

const recentred = (made: Made): Made =>
  "rates" in made
    ? { ...made, rates: made.rates.map(({ spread }) => ({ value: centreOf(spread), spread })) }
    : { ...made, of: made.of.map(recentred) };
