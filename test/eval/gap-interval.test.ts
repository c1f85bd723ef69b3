/** @file Intervals of gaps: where percentiles of resampled gaps fail, and what stands in their place. */
import { expect, test } from "vitest";
import { binomial, uniform } from "../../src/eval/uncertainty/binomial.ts";
import { gapInterval, type Made } from "../../src/eval/uncertainty/gap-interval.ts";
import { wilson } from "../../src/eval/uncertainty/intervals.ts";
import { sumInterval } from "../../src/eval/uncertainty/mover.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { fromRows } from "./tables.ts";

const share = (k: number, n: number) => ({
  value: k / n,
  spread: (level: number) => wilson(k / n, n, level),
});
const difference = (...shares: readonly (readonly [number, number])[]): Made => ({
  kind: "difference",
  rates: shares.map(([k, n]) => share(k, n)),
});

test("two groups: Newcombe's hybrid score interval, of whichever is larger", () => {
  // Newcombe (1998), table II, method 10: 56/70 - 48/80 has [0.0524, 0.3339]
  const interval = gapInterval(difference([48, 80], [56, 70]), 0.95)!;
  expect(interval[0]).toBeCloseTo(0.0524, 4);
  expect(interval[1]).toBeCloseTo(0.3339, 4);
});

test("a group far from all others decides alone; groups that may be the lowest are corrected for", () => {
  const [high, low] = [share(90, 100), share(30, 100)];
  const alone = gapInterval(difference([90, 100], [30, 100], [70, 100]), 0.95)!;
  const ends = (of: ReturnType<typeof share>, level: number) => ({
    value: of.value,
    interval: of.spread(level),
  });
  const pair = (level: number) =>
    sumInterval([
      [1, ends(high, level)],
      [-1, ends(low, level)],
    ]);
  expect(alone).toEqual(pair(0.95));
  // three groups that may be the lowest, one the highest: 1 + 3 - 1 comparisons
  const tied = gapInterval(difference([90, 100], [30, 100], [31, 100], [32, 100]), 0.95)!;
  expect(tied[0]).toBeCloseTo(pair(1 - 0.05 / 3)[0], 12);
  expect(tied[1]).toBe(pair(0.95)[1]);
});

test("sums take independent gaps together, the mean over classes assumes nothing", () => {
  const [a, b] = [difference([80, 100], [60, 100]), difference([20, 100], [10, 100])];
  const [left, right] = [gapInterval(a, 0.95)!, gapInterval(b, 0.95)!];
  const width = ([low, high]: readonly number[]): number => high! - low!;
  const sum = gapInterval({ kind: "sum", of: [a, b] }, 0.95)!;
  expect(width(sum)).toBeLessThan(width(left) + width(right));
  const half = gapInterval({ kind: "mean", of: [a, b] }, 0.95)!;
  expect(half[1]).toBeCloseTo(sum[1] / 2, 12);
  const macro = gapInterval({ kind: "macro", of: [a, b] }, 0.95)!;
  expect(width(macro)).toBeCloseTo((width(left) + width(right)) / 2, 12);
});

test("a rate without an interval leaves the gap without one", () => {
  const rates = [share(9, 10), { value: 0.5, spread: () => null }];
  expect(gapInterval({ kind: "difference", rates }, 0.95)).toBeNull();
});

/** Shares of runs in which the interval lies above the truth, and below it. */
function missed(
  groups: readonly (readonly [string, number, number])[],
  truth: number,
  gaps: "contrast" | "percentile",
  runs: number,
): { readonly above: number; readonly below: number } {
  const next = uniform("missed", gaps);
  let [above, below] = [0, 0];
  for (let run = 0; run < runs; run++) {
    const rows = groups.flatMap(([name, n, rate]) => {
      const k = binomial(n, rate, next);
      return Array.from({ length: n }, (_, i): [string, number, number] => [
        name,
        1,
        i < k ? 1 : 0,
      ]);
    });
    const { interval } = evaluate(fromRows(["0", "1"], rows), {
      positive: "1",
      uncertainty: { replicates: 300, seed: run, gaps },
    }).attributes["group"]!.gaps["eopp"]!;
    if (interval![0] > truth + 1e-12) above += 1 / runs;
    if (interval![1] < truth - 1e-12) below += 1 / runs;
  }
  return { above, below };
}

const fair = ["a", "b", "c", "d", "e"].map((name) => [name, 100, 0.85] as const);

test("a fair model of five groups: percentiles never hold its gap of 0, contrasts do", () => {
  expect(missed(fair, 0, "percentile", 60).above).toBeGreaterThan(0.9);
  expect(missed(fair, 0, "contrast", 200).above).toBeLessThan(0.07);
});

test("an unfair model: the truth lies within about 95% of the time, on either side", () => {
  const rates = [0.95, 0.9, 0.9, 0.85, 0.7];
  const groups = fair.map(([name], g) => [name, 200, rates[g]!] as const);
  const { above, below } = missed(groups, 0.25, "contrast", 200);
  expect(above).toBeLessThan(0.065);
  expect(below).toBeLessThan(0.065);
});
