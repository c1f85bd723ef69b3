/** @file Tests of paired differences, and a bootstrap interval of their mean. */
import {
  type Interval,
  percentileInterval,
  twoSidedNormal,
} from "../../eval/uncertainty/intervals.ts";
import { twoSidedQuantile } from "../../eval/uncertainty/student-t.ts";
import type { Random } from "../../run/random.ts";

export interface PairedTest {
  readonly statistic: number;
  /** Two-sided. */
  readonly pValue: number;
  /** Over all assignments of signs; false for an approximation. */
  readonly isExact: boolean;
}

/** Ranks of sizes, equal ones sharing the mean of their places, doubled so that they are whole; and their tied runs. */
function doubledRanks(sizes: readonly number[]): { ranks: number[]; tied: number[] } {
  const order = [...sizes.keys()].sort((a, b) => sizes[a]! - sizes[b]!);
  const ranks = sizes.map(() => 0);
  const tied: number[] = [];
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && sizes[order[to]!] === sizes[order[from]!]) to++;
    for (let i = from; i < to; i++) ranks[order[i]!] = from + 1 + to;
    tied.push(to - from);
    from = to;
  }
  return { ranks, tied };
}

const EXACT_RANKS = 50;

/**
 * Wilcoxon's signed-rank test (1945). Zeros are left out. Exact up to 50 differences, with ties too (the distribution over
 * all signs of the ranks that are there); beyond, the normal approximation with Lehmann's correction for ties. Without
 * ties as scipy's `wilcoxon`.
 * @returns statistic: the sum of ranks of positive differences; null when all are zero
 */
export function signedRank(differences: readonly number[]): PairedTest | null {
  const some = differences.filter((value) => value !== 0);
  const n = some.length;
  if (n === 0) return null;
  const { ranks, tied } = doubledRanks(some.map(Math.abs));
  const positive = ranks.reduce((sum, rank, i) => (some[i]! > 0 ? sum + rank : sum), 0);
  const statistic = positive / 2;
  if (n <= EXACT_RANKS) return { statistic, pValue: rankTail(ranks, positive), isExact: true };
  const ties = tied.reduce((sum, t) => sum + t ** 3 - t, 0);
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1) - ties / 2) / 24);
  const z = (statistic - (n * (n + 1)) / 4) / deviation;
  return { statistic, pValue: twoSidedNormal(z), isExact: false };
}

/** Twice the smaller tail of the sum of ranks with random signs; `ranks` and `sum` doubled. */
function rankTail(ranks: readonly number[], sum: number): number {
  const most = ranks.reduce((total, rank) => total + rank, 0);
  const share = new Float64Array(most + 1); // of sign patterns with this sum
  share[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let at = reached; at >= 0; at--)
      share[at] = 0.5 * (share[at]! + (at >= rank ? share[at - rank]! : 0));
  }
  const least = Math.min(sum, most - sum); // the distribution is symmetric
  let tail = 0;
  for (let at = 0; at <= least; at++) tail += share[at]!;
  return Math.min(1, 2 * tail);
}

const EXACT_FLIPS = 16;

/**
 * The sign-flip permutation test of the mean (Fisher 1935): under the null hypothesis each difference may as well have
 * the other sign. All patterns up to 16 differences that are not zero; beyond, `draws` random ones, with the observed
 * one counted among them, so that the p-value is never 0 (Phipson and Smyth 2010).
 * @returns statistic: the mean; null when all are zero
 */
export function signFlip(
  differences: readonly number[],
  draws: number,
  next: Random,
): PairedTest | null {
  const sizes = differences.map(Math.abs).filter((size) => size > 0);
  if (sizes.length === 0) return null;
  const sum = differences.reduce((total, value) => total + value, 0);
  const isExact = sizes.length <= EXACT_FLIPS;
  // sums that are equal but for rounding count as reached
  const bound = Math.abs(sum) - 1e-12 * sizes.reduce((total, size) => total + size, 0);
  const patterns = isExact ? 2 ** sizes.length : draws;
  let reached = 0;
  for (let pattern = 0; pattern < patterns; pattern++) {
    let [flipped, bits] = [0, pattern];
    for (let i = 0; i < sizes.length; i++) {
      if (!isExact && i % BITS === 0) bits = next.int(2 ** BITS);
      flipped += bits & 1 ? -sizes[i]! : sizes[i]!;
      bits >>= 1;
    }
    if (Math.abs(flipped) >= bound) reached++;
  }
  return {
    statistic: sum / differences.length,
    pValue: isExact ? reached / patterns : (reached + 1) / (patterns + 1),
    isExact,
  };
}
const BITS = 30;

/**
 * Bootstrap interval of a mean: the expanded percentile interval (Hesterberg 2015, 5.3), whose ends are further out than
 * those of the plain one by what a t interval is wider than a normal one with n in the variance. The plain one covers too
 * little for few values.
 * @returns null for fewer than two values
 */
export function meanInterval(
  values: readonly number[],
  level: number,
  replicates: number,
  next: Random,
): Interval | null {
  const n = values.length;
  if (n < 2) return null;
  const means = new Float64Array(replicates);
  for (let r = 0; r < replicates; r++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[next.int(n)]!;
    means[r] = sum / n;
  }
  return percentileInterval(means, expandedLevel(level, n));
}

/** The level whose percentile interval of n values covers about `level`. */
const expandedLevel = (level: number, n: number): number =>
  1 - twoSidedNormal(Math.sqrt(n / (n - 1)) * twoSidedQuantile(level, n - 1));
