/** @file The interval of the change of a gap, from the groups that may make the gap before and after. */
import { uniform } from "./binomial.ts";
import type { BoundGap } from "../groups/bound-gap.ts";
import { definedSamples, type Interval, percentileInterval } from "./intervals.ts";
import { type Makers, makersOfChange } from "./makers.ts";
import { type Estimated, sumInterval } from "./mover.ts";
import { noteUndefined, setInterval, type Uncertainty } from "./pending.ts";
import type { Change } from "../report/comparison.ts";
import type { Estimate } from "../report/values.ts";
import { resample, type Sampler } from "./resample.ts";

/** The gap of one model and of another, over the same rows. */
export interface GapPair {
  readonly change: Change;
  readonly before: BoundGap;
  readonly after: BoundGap;
  /** The groups that make both, as measured. */
  readonly makers: Makers;
  /** The interval if the rows were not the same, from those of the two gaps. */
  readonly independent: Interval | null;
}

/** The interval of a difference of two estimates of different rows (Zou and Donner 2008). */
export const independentInterval = (before: Estimate, after: Estimate): Interval | null =>
  isSure(before) && isSure(after)
    ? sumInterval([
        [1, after],
        [-1, before],
      ])
    : null;

const isSure = (estimate: Estimate): estimate is Estimate & Estimated =>
  estimate.value !== null && estimate.interval !== null;

/** Resamples that tell which groups may make the gaps. */
const TRIED = 500;
/** Share of them that is accounted for. */
const SHARE = 0.75;
/** As many are followed at most; more make the interval no wider to speak of. */
const MOST = 12;
/** Resamples of each, which are enough for intervals that are wide rather than short. */
const FOLLOWED = 2000;

/** The makers of a gap pair in most of the resamples that are tried, those measured first. */
function likely({ before, after, makers }: GapPair): { try: () => void; found: () => Makers[] } {
  const measured = { n: 0, of: makers };
  const seen = new Map([[makers.key, measured]]);
  let tried = 0;
  return {
    try: () => {
      const of = makersOfChange(before, after);
      const entry = seen.get(of.key) ?? { n: 0, of };
      seen.set(of.key, entry);
      entry.n++;
      tried++;
    },
    found: () => {
      const others = [...seen.values()].slice(1).toSorted((a, b) => b.n - a.n);
      let missing = SHARE * tried - measured.n;
      const needed = others.slice(0, MOST - 1).filter(({ n }) => {
        const wanted = missing > 0;
        missing -= n;
        return wanted;
      });
      return [makers, ...needed.map(({ of }) => of)];
    },
  };
}

/**
 * Gives the changes of gaps their intervals. A gap is the most extreme of many contrasts, and resampling it adds the
 * bias of a maximum once more: more of it where the model is fair, so that the change from a fair model to an unfair
 * one is biased too, and percentiles of it miss the truth in up to two cases of five (docs/coverage.md). The change of
 * the contrast between given groups has no such bias. So each choice of groups is followed that makes the gaps before
 * and after in three quarters of the resamples, and the interval reaches from the lowest end of theirs to the highest;
 * but no further than that of independent rows, which is too wide for the same rows.
 */
export function settleGapChanges(
  pairs: readonly GapPair[],
  sampler: Sampler,
  { replicates, seed, level }: Uncertainty,
  ...stream: readonly string[]
): void {
  if (pairs.length === 0 || replicates === 0) return;
  const draw = sampler("data", uniform(seed, ...stream, "gaps"));
  const all = pairs.map(likely);
  for (let r = 0; r < Math.min(TRIED, replicates); r++) {
    draw();
    for (const one of all) one.try();
  }
  const followed = all.map(({ found }) => found());
  const reads = followed.flatMap((makers) => makers.map(({ read }) => read));
  const samples = resample(draw, Math.min(FOLLOWED, replicates), reads).values();
  pairs.forEach(({ change, independent }, i) => {
    const intervals = followed[i]!.flatMap((_, nth) => {
      const drawn = samples.next().value!;
      const defined = definedSamples(drawn);
      if (nth === 0) noteUndefined(change, defined.length, drawn.length);
      const interval = percentileInterval(defined, level);
      return interval === null ? [] : [interval];
    });
    if (intervals.length > 0) setInterval(change, within(hull(intervals), independent));
  });
}

const hull = (intervals: readonly Interval[]): Interval => [
  Math.min(...intervals.map(([low]) => low)),
  Math.max(...intervals.map(([, high]) => high)),
];

/** What two intervals of one number have in common; the first where there is nothing. */
function within(interval: Interval, other: Interval | null): Interval {
  if (other === null) return interval;
  const [low, high] = [Math.max(interval[0], other[0]), Math.min(interval[1], other[1])];
  return low <= high ? [low, high] : interval;
}
