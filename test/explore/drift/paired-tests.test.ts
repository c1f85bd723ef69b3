/** @file Paired tests against scipy, sums by hand, and what an interval promises. */
import { expect, test } from "vitest";
import { meanInterval, signedRank, signFlip } from "../../../src/explore/drift/paired-tests.ts";
import { random } from "../../../src/run/random.ts";

/** sin(1), sin(4), sin(9), ... moved by `shift`. */
const waves = (n: number, shift: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.sin((i + 1) ** 2) + shift);

/**
 * scipy 1.17.1: wilcoxon(d) (exact up to 50, else approx without continuity correction), statistic of
 * alternative="greater"; permutation_test(d, mean, permutation_type="samples"), all patterns up to 12, else 999,999.
 */
const SCIPY = [
  [3, 0.5, 5, 0.5, 0.5],
  [6, 0.9, 20, 0.0625, 0.0625],
  [10, 0.2, 26, 0.921875, 0.970703125],
  [25, 0.2, 178, 0.6915188431739807, 0.549872],
  [50, 0.1, 645, 0.9466061989829431, 0.889924],
  [80, 0.25, 2213, 0.004452332802887856, 0.002584],
  [300, 0.05, 24592, 0.17981857601629936, 0.377484],
] as const;

test.each(SCIPY)("%i differences about %d: scipy's tests", (n, shift, statistic, rankP, flipP) => {
  const differences = waves(n, shift);
  const ranks = signedRank(differences)!;
  expect(ranks).toMatchObject({ statistic, isExact: n <= 50 });
  expect(ranks.pValue).toBeCloseTo(rankP, 12);
  const flips = signFlip(differences, 20_000, random("scipy", n))!;
  expect(flips.statistic).toBeCloseTo(differences.reduce((a, b) => a + b) / n, 12);
  expect(flips.isExact).toBe(n <= 16);
  if (n <= 12) expect(flips.pValue).toBeCloseTo(flipP, 12);
  else
    expect(Math.abs(flips.pValue - flipP)).toBeLessThan(
      4 * Math.sqrt((flipP * (1 - flipP)) / 20_000),
    );
});

test("ties and zeros: exact over the signs of the ranks that are there, and scipy's approximation", () => {
  // scipy 1.17.1: wilcoxon(d, method=PermutationMethod(n_resamples=inf))
  const few = signedRank([0, 0, 1, 1, -1, 2, 2, 3, -2, 1])!;
  expect(few).toMatchObject({ statistic: 27.5, isExact: true });
  expect(few.pValue).toBeCloseTo(0.2421875, 12);
  // wilcoxon(d, method="approx", correction=False)
  const many = signedRank(waves(120, 0).map((value) => Math.round(3 * value + 1)))!;
  expect(many.statistic).toBe(4041);
  expect(many.pValue).toBeCloseTo(5.924464923337225e-6, 15);
});

test("by hand: three differences, eight patterns", () => {
  // their sums with any signs: 7, 5, 3, 1 and the opposites
  expect(signFlip([1, 2, -4], 9, random(1))).toEqual({
    statistic: -1 / 3,
    pValue: 1,
    isExact: true,
  });
  expect(signFlip([1, 2, 4], 9, random(1))!.pValue).toBe(2 / 8);
  expect(signFlip([0.1, 0.2, 0.3, 0], 9, random(1))!.pValue).toBe(2 / 8);
});

test("nothing but zeros: no test", () => {
  expect(signedRank([0, 0])).toBeNull();
  expect(signFlip([], 9, random(1))).toBeNull();
});

test("with more than 30 differences, every sign is drawn", () => {
  // only the last is large: its sign decides, so that half of all patterns reach the observed sum or its opposite
  const differences = [...Array.from({ length: 40 }, () => 1e-6), 1];
  expect(signFlip(differences, 4000, random(3))!.pValue).toBeLessThan(0.01);
  const even = Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 1 : -1));
  expect(signFlip(even, 4000, random(3))!.pValue).toBe(1);
});

test("the interval of a mean: none of one value, a point where all are equal", () => {
  expect(meanInterval([1], 0.95, 100, random(1))).toBeNull();
  expect(meanInterval([2, 2, 2], 0.95, 100, random(1))).toEqual([2, 2]);
});

test.each([
  [10, "normal"],
  [25, "normal"],
  [25, "skewed"],
] as const)("the 95 percent interval of %i %s values covers about so often", (n, kind) => {
  const next = random("coverage", n, kind);
  const draw = { normal: () => next.normal(), skewed: () => -Math.log(1 - next.uniform()) - 1 };
  const rounds = 400;
  let covered = 0;
  for (let round = 0; round < rounds; round++) {
    const values = Array.from({ length: n }, draw[kind]);
    const [low, high] = meanInterval(values, 0.95, 1000, next)!;
    if (low <= 0 && 0 <= high) covered++;
  }
  // of 4,000 rounds: 0.945, 0.948, 0.931; the plain percentile interval: 0.906, 0.935, 0.917
  expect(covered / rounds).toBeGreaterThan(kind === "normal" ? 0.92 : 0.89);
  expect(covered / rounds).toBeLessThan(0.98);
});
