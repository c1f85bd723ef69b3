/** @file Student's t and the corrected resampled t-test: against scipy, and what they promise. */
import { expect, test } from "vitest";
import { random } from "../../src/run/random.ts";
import { resampledT, spread } from "../../src/eval/uncertainty/resampled.ts";
import { twoSidedQuantile, twoSidedT } from "../../src/eval/uncertainty/student-t.ts";

/** scipy 1.17.1: t.ppf(q, df) for q = 0.95, 0.975, 0.995, then 2 * t.sf(x, df) for x = 0.5, 2.5, 12. */
const SCIPY = [
  [1, [6.313751514675037, 12.706204736174694, 63.656741162871526]],
  [2, [2.9199855803537242, 4.302652729749462, 9.924843200918287]],
  [3, [2.3533634348018233, 3.1824463052837078, 5.840909309733355]],
  [4, [2.1318467863266495, 2.7764451051977934, 4.604094871349992]],
  [9, [1.833112932656237, 2.262157162798205, 3.249835541592126]],
  [30, [1.697260886593957, 2.0422724563012378, 2.7499956535672254]],
] as const;
const TAILS = [
  [1, [0.7048327646991335, 0.24223788318168682, 0.052929352119179755]],
  [2, [0.6666666666666667, 0.12961172022151082, 0.00687293367715846]],
  [3, [0.651447964848151, 0.08770664700806556, 0.0012450158007893362]],
  [4, [0.6433299631818633, 0.06676654481198814, 0.000276428548502973]],
  [9, [0.6290712998260263, 0.033861827682985735, 7.699886222985653e-7]],
  [30, [0.6207230048851272, 0.01811564906806669, 5.580185415199261e-13]],
] as const;

test.each(SCIPY)("quantiles of t with %i degrees of freedom are scipy's", (df, expected) => {
  [0.9, 0.95, 0.99].forEach((level, i) =>
    expect(twoSidedQuantile(level, df) / expected[i]!).toBeCloseTo(1, 11),
  );
});

test.each(TAILS)("tails of t with %i degrees of freedom are scipy's", (df, expected) => {
  [0.5, -2.5, 12].forEach((t, i) => expect(twoSidedT(t, df)).toBeCloseTo(expected[i]!, 14));
});

test("the corrected test by hand, with scipy's quantile", () => {
  // scipy 1.17.1: d = [...]; v = (1/5 + 0.5) * d.var(ddof=1); d.mean() +- t.ppf(0.975, 4) * v ** 0.5
  const changes = [-0.021, -0.034, -0.012, -0.055, 0.004];
  const { interval, pValue } = resampledT(changes, 0.5, 0.95);
  expect(interval[0]).toBeCloseTo(-0.07550615917716325, 12);
  expect(interval[1]).toBeCloseTo(0.02830615917716325, 12);
  expect(pValue).toBeCloseTo(0.27540380081968896, 12);
  expect(spread(changes).sd).toBeCloseTo(0.02234502181695064, 14);
  expect(spread([0.5])).toEqual({ mean: 0.5, sd: null });
});

/**
 * How often two methods that do the same on average are told apart: on each of 300 rows the change is -1, 0 or 1 by
 * chance, and five random thirds of the rows are tested.
 */
function alarms(ratio: number, effect: number, pools: number): number {
  const found = Array.from({ length: pools }, (_, pool) => {
    const draw = random("pool", pool);
    const change = Array.from({ length: 300 }, () => draw.int(3) - 1);
    const changes = Array.from({ length: 5 }, () => {
      const tested = draw.shuffle(change).slice(200);
      return tested.reduce((sum, value) => sum + value, 0) / tested.length + effect;
    });
    return resampledT(changes, ratio, 0.95).pValue < 0.05;
  });
  return found.filter(Boolean).length / pools;
}

test("splits of the same rows raise no more false alarms than they may; without the correction they do", () => {
  expect(alarms(100 / 200, 0, 2_000)).toBeLessThan(0.06);
  expect(alarms(0, 0, 2_000)).toBeGreaterThan(0.1);
});

test("a planted difference of five standard errors of one split is found", () => {
  expect(alarms(100 / 200, 0.4, 500)).toBeGreaterThan(0.9);
});
