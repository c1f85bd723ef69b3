/** @file Is what the summary shows more than chance? Paired differences per activity, with intervals and tests. */
import { holm } from "../../eval/uncertainty/holm.ts";
import type { Interval } from "../../eval/uncertainty/intervals.ts";
import { spread } from "../../eval/uncertainty/resampled.ts";
import { random } from "../../run/random.ts";
import { meanInterval, type PairedTest, signedRank, signFlip } from "./paired-tests.ts";
import {
  type Age,
  AGES,
  PAIRS,
  type PairValues,
  type Similarities,
  type SpaceSimilarities,
} from "./similarities.ts";
import type { Space } from "./spaces.ts";
import type { Group } from "./templates.ts";

/** Which two ages the neutral prompt stands between. */
export const COMPARISONS = [
  ["young", "older"],
  ["young", "middle"],
  ["middle", "older"],
] as const satisfies readonly (readonly [Age, Age])[];

export interface Test extends PairedTest {
  /** Corrected for all tests of its kind in its list (Holm). */
  readonly pHolm: number;
}

/** Is the neutral prompt nearer to the first age than to the second? */
export interface Comparison {
  readonly space: Space;
  readonly ages: readonly [Age, Age];
  /** Null for all activities. */
  readonly category: string | null;
  /** Activities with both similarities. */
  readonly n: number;
  /** Of those, how many are nearer to the first, and to the second; the rest are equally near. */
  readonly nearer: readonly [number, number];
  /** Mean of similarity to the first minus similarity to the second; null without an activity. */
  readonly mean: number | null;
  /** Of the mean; null where there are fewer than two to draw from. */
  readonly interval: Interval | null;
  /** Mean over standard deviation of the differences (Cohen's d_z); null where that is zero or unknown. */
  readonly effect: number | null;
  /** Rank sum for the first minus that for the second, over all ranks (Kerby 2014); null when all are equally near. */
  readonly rankBiserial: number | null;
  readonly signedRank: Test | null;
  readonly signFlip: Test | null;
  /** The mean in standard errors of its resamples: where faces are drawn, not activities. */
  readonly resampled: Test | null;
}

/** How alike two groups are on average: the scale that drift is to be seen on. */
export interface PairMean {
  readonly space: Space;
  readonly groups: readonly [Group, Group];
  readonly n: number;
  readonly mean: number | null;
  readonly interval: Interval | null;
}

export interface DriftStatistics {
  readonly level: number;
  readonly replicates: number;
  readonly seed: number;
  /** What was drawn again and again. */
  readonly resampled: "activities" | "faces";
  /** Three a space that has values. */
  readonly comparisons: readonly Comparison[];
  /** The same of each category; empty where there are not two. */
  readonly byCategory: readonly Comparison[];
  /** Six a space that has values. */
  readonly pairs: readonly PairMean[];
}

export interface StatisticsOptions {
  readonly level?: number;
  /** Resamples, and random patterns of signs. */
  readonly replicates?: number;
  readonly seed?: number;
}

/** Activities are drawn as if they were a sample of all that people do; pictures and encoder are as they are. */
export function driftStatistics(
  { quadruplets, spaces }: Similarities,
  { level = 0.95, replicates = 10_000, seed = 123 }: StatisticsOptions = {},
): DriftStatistics {
  const there = spaces.filter(({ reason }) => reason === null);
  const compare = ({ space, values }: SpaceSimilarities, category: string | null) =>
    COMPARISONS.map((ages): Uncorrected => {
      const chosen = values.filter(
        (_, q) => category === null || quadruplets[q]!.category === category,
      );
      const differences = differencesOf(chosen, ages);
      const next = random(seed, "drift", space.key, ...ages, category ?? "");
      const flips = signFlip(differences, replicates, next);
      return {
        space,
        ages,
        category,
        ...describe(differences),
        interval: meanInterval(differences, level, replicates, next),
        signedRank: signedRank(differences),
        signFlip: flips,
        resampled: null,
      };
    });
  const named = [...new Set(quadruplets.flatMap(({ category }) => category ?? []))];
  const categories = named.length > 1 ? named : [];
  return {
    level,
    replicates,
    seed,
    resampled: "activities",
    comparisons: corrected(there.flatMap((of) => compare(of, null))),
    byCategory: corrected(
      there.flatMap((of) => categories.flatMap((category) => compare(of, category))),
    ),
    pairs: there.flatMap(({ space, values }) =>
      PAIRS.map((groups, pair): PairMean => {
        const defined = values.flatMap((pairs) => pairs[pair] ?? []);
        const next = random(seed, "drift pairs", space.key, ...groups);
        return {
          space,
          groups,
          n: defined.length,
          mean: defined.length === 0 ? null : spread(defined).mean,
          interval: meanInterval(defined, level, replicates, next),
        };
      }),
    ),
  };
}

/** Similarity of the neutral prompt to one age minus that to the other, where both are known. */
export const differencesOf = (
  values: readonly PairValues[],
  [first, second]: readonly [Age, Age],
): number[] =>
  values.flatMap((pairs) => {
    const [one, other] = [pairs[AGES.indexOf(first)]!, pairs[AGES.indexOf(second)]!];
    return one === null || other === null ? [] : [one - other];
  });

/** What needs no resampling. */
export function describe(
  differences: readonly number[],
): Pick<Comparison, "n" | "nearer" | "mean" | "effect" | "rankBiserial"> {
  const n = differences.length;
  const { mean, sd } = spread(differences);
  const ranks = signedRank(differences);
  const used = differences.filter((value) => value !== 0).length;
  return {
    n,
    nearer: [
      differences.filter((value) => value > 0).length,
      differences.filter((value) => value < 0).length,
    ],
    mean: n === 0 ? null : mean,
    effect: sd ? mean / sd : null,
    rankBiserial: ranks && (4 * ranks.statistic) / (used * (used + 1)) - 1,
  };
}

const TESTS = ["signedRank", "signFlip", "resampled"] as const;
/** A comparison before correction. */
export type Uncorrected = Omit<Comparison, (typeof TESTS)[number]> &
  Readonly<Record<(typeof TESTS)[number], PairedTest | null>>;

/** Corrects the p-values of each kind of test for the number of them. */
export function corrected(comparisons: readonly Uncorrected[]): Comparison[] {
  const [ranks, flips, resampled] = TESTS.map((kind) => {
    const p = holm(comparisons.flatMap((of) => of[kind]?.pValue ?? []));
    let at = 0;
    return comparisons.map((of) => of[kind] && { ...of[kind], pHolm: p[at++]! });
  });
  return comparisons.map((of, i) => ({
    ...of,
    signedRank: ranks![i]!,
    signFlip: flips![i]!,
    resampled: resampled![i]!,
  }));
}
