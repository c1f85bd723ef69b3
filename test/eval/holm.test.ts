/** @file Holm's correction: against statsmodels, and what it promises. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import { holm } from "../../src/eval/uncertainty/holm.ts";
import { fromRows } from "./tables.ts";

test("statsmodels' multipletests(method='holm')", () => {
  const close = (p: readonly number[], expected: readonly number[]): void =>
    holm(p).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
  close([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]);
  close([0.2, 0.001, 0.5, 0.02, 0.02], [0.4, 0.005, 0.5, 0.08, 0.08]);
  close([], []);
});

test("never below the p-value, at most Bonferroni's, in the same order", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (p) => {
      const adjusted = holm(p);
      adjusted.forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(p[i]!);
        expect(value).toBeLessThanOrEqual(Math.min(1, p.length * p[i]!) + 1e-12);
        p.forEach((other, j) => {
          if (other < p[i]!) expect(adjusted[j]).toBeLessThanOrEqual(value);
        });
      });
    }),
  );
});

test("the smallest p-values of more tests are corrected as among all", () => {
  const all = [0.001, 0.9, 0.003, 0.8, 0.7, 1];
  const few = holm([0.003, 0.001], all.length);
  expect(few).toEqual([holm(all)[2], holm(all)[0]]);
});

test("all gaps of a report are one family", () => {
  const rows = Array.from({ length: 200 }, (_, i): [string, number, number] => [
    i % 2 ? "a" : "b",
    (i >> 1) % 2,
    (i >> 2) % 3 === 0 ? 1 : 0,
  ]);
  const { attributes } = evaluate(fromRows(["0", "1"], rows), {
    positive: "1",
    uncertainty: { replicates: 200 },
  });
  const tested = Object.values(attributes["group"]!.gaps).flatMap(({ fair }) => fair ?? []);
  expect(tested.length).toBeGreaterThan(15);
  expect(tested.map(({ pHolm }) => pHolm)).toEqual(holm(tested.map(({ pValue }) => pValue)));
});
