/** @file The samplers against the distributions they claim. */
import { expect, test } from "vitest";
import { binomial, multinomial, uniform } from "../../src/eval/uncertainty/binomial.ts";

/** Probabilities of 0..n successes. */
function distribution(n: number, p: number): number[] {
  let logs = n * Math.log1p(-p);
  return Array.from({ length: n + 1 }, (_, k) => {
    const mass = Math.exp(logs);
    logs += Math.log((n - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
    return mass;
  });
}

test.each([
  [1, 0.3],
  [7, 0.5],
  [15, 0.9],
  [1000, 0.002],
  [24, 0.5], // just above the change of algorithm
  [40, 0.26],
  [1000, 0.37],
  [5000, 0.985],
])("binomial(%i, %f): chi-square over 200,000 draws", (n, p) => {
  const next = uniform(n, p, "chi-square");
  const draws = 200_000;
  const counts = new Float64Array(n + 1);
  for (let i = 0; i < draws; i++) counts[binomial(n, p, next)]! += 1;
  // neighbours are pooled until 20 are expected
  let [chi, freedom, seen, expected] = [0, -1, 0, 0];
  distribution(n, p).forEach((mass, k) => {
    seen += counts[k]!;
    expected += mass * draws;
    if (expected >= 20) {
      chi += (seen - expected) ** 2 / expected;
      freedom++;
      [seen, expected] = [0, 0];
    }
  });
  // 4 standard deviations of a chi-square
  expect(chi).toBeLessThan(freedom + 4 * Math.sqrt(2 * freedom) + 4);
});

test("the ends are exact", () => {
  const next = uniform("ends");
  expect([binomial(0, 0.5, next), binomial(9, 0, next), binomial(9, 1, next)]).toEqual([0, 0, 9]);
});

test("multinomial: totals are kept, means and covariances are right", () => {
  const next = uniform("multinomial");
  const weights = Float64Array.of(50, 0, 3, 20, 27);
  const drawn = new Float64Array(5);
  const draws = 20_000;
  const sums = new Float64Array(5);
  let wrong = 0;
  let product = 0; // of the first and the last outcome
  for (let i = 0; i < draws; i++) {
    multinomial(100, weights, [0, 5], drawn, next);
    if (drawn.reduce((a, b) => a + b, 0) !== 100) wrong++;
    drawn.forEach((value, m) => (sums[m]! += value));
    product += (drawn[0]! - 50) * (drawn[4]! - 27);
  }
  expect(wrong).toBe(0);
  weights.forEach((weight, m) => expect(Math.abs(sums[m]! / draws - weight)).toBeLessThan(0.15));
  expect(product / draws).toBeCloseTo(-100 * 0.5 * 0.27, -0.5);
});

test("a stream is named by its keys", () => {
  const take = (...keys: string[]): number[] => {
    const next = uniform(...keys);
    return Array.from({ length: 5 }, next);
  };
  expect(take("a", "b")).toEqual(take("a", "b"));
  expect(take("a", "b")).not.toEqual(take("ab"));
});
