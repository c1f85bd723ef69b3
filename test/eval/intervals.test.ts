/** @file Wilson's interval against scipy and statsmodels; quantiles against sorting. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  definedSamples,
  normalQuantile,
  quantile,
  wilson,
} from "../../src/eval/uncertainty/intervals.ts";
import { hasReference } from "../golden.ts";
import { goldenJson } from "./tables.ts";

interface Golden {
  readonly k: number;
  readonly n: number;
  readonly level: number;
  readonly wilson: readonly [number, number];
}

describe.skipIf(!hasReference)("goldens", () => {
  test("wilson", () => {
    for (const { k, n, level, wilson: expected } of goldenJson<readonly Golden[]>("intervals"))
      wilson(k / n, n, level).forEach((end, i) =>
        expect(Math.abs(end - expected[i]!), `${k}/${n} at ${level}`).toBeLessThan(1e-9),
      );
  });
});

test("normal quantile", () => {
  expect(normalQuantile(0.5)).toBe(0);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 13);
  expect(normalQuantile(0.9995)).toBeCloseTo(3.2905267314919255, 12);
});

test("quantile is the linear one of the sorted values", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.constantFrom(0, 1)), {
        minLength: 1,
      }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, p) => {
        const sorted = values.toSorted((a, b) => a - b);
        const at = (values.length - 1) * p;
        const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
        const expected = low + (at - Math.floor(at)) * (high - low);
        expect(quantile(Float64Array.from(values), p)).toBeCloseTo(expected, 12);
      },
    ),
  );
});

test("undefined samples are left out", () => {
  expect([...definedSamples(Float64Array.of(NaN, 2, NaN, 1))].sort()).toEqual([1, 2]);
});
