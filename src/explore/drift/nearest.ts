/** @file Which age the neutral prompt is nearest to, counted over activities and held against equal shares. */
import { AGES, type Age, type PairValues } from "./similarities.ts";

export interface Nearest {
  /** Activities whose neutral prompt is nearest to each age. */
  readonly counts: Readonly<Record<Age, number>>;
  /** Activities that two ages are equally near to; they are in none of the counts. */
  readonly ties: number;
  /** Pearson's statistic against a third each; null without a count. */
  readonly chi2: number | null;
  /** Chance of so large a statistic when all ages are equally often nearest; null without a count. */
  readonly pValue: number | null;
  /** Over all outcomes; false for the chi-square distribution, beyond 2,000 activities. */
  readonly isExact: boolean;
  readonly reason?: string;
}

const EXACT_UP_TO = 2000;

/** @param values of each quadruplet; those without all three similarities of the neutral prompt are left out */
export function nearestCounts(values: readonly PairValues[]): Nearest {
  const counts = { young: 0, middle: 0, older: 0 };
  let ties = 0;
  for (const pairs of values) {
    const near = AGES.flatMap((_, pair) => pairs[pair] ?? []);
    if (near.length < AGES.length) continue;
    const most = Math.max(...near);
    if (near.indexOf(most) === near.lastIndexOf(most)) counts[AGES[near.indexOf(most)]!]++;
    else ties++;
  }
  const all = AGES.map((age) => counts[age]);
  const n = all.reduce((sum, count) => sum + count, 0);
  if (n === 0)
    return {
      counts,
      ties,
      chi2: null,
      pValue: null,
      isExact: true,
      reason: "no activity has a nearest age",
    };
  const squares = all.reduce((sum, count) => sum + count ** 2, 0);
  const chi2 = (AGES.length / n) * squares - n;
  const isExact = n <= EXACT_UP_TO;
  // two degrees of freedom: the distribution's tail is an exponential
  return {
    counts,
    ties,
    chi2,
    pValue: isExact ? exactTail(n, squares) : Math.exp(-chi2 / 2),
    isExact,
  };
}

/** P(sum of squared counts >= squares) for n draws, each of three with equal chances; whole numbers, so no rounding. */
function exactTail(n: number, squares: number): number {
  const logFactorial = new Float64Array(n + 1);
  for (let k = 1; k <= n; k++) logFactorial[k] = logFactorial[k - 1]! + Math.log(k);
  const all = logFactorial[n]! - n * Math.log(AGES.length);
  let tail = 0;
  for (let a = 0; a <= n; a++)
    for (let b = 0; b <= n - a; b++) {
      const c = n - a - b;
      if (a * a + b * b + c * c >= squares)
        tail += Math.exp(all - logFactorial[a]! - logFactorial[b]! - logFactorial[c]!);
    }
  return Math.min(1, tail);
}
