/** @file Averages of weights. */
import { expect, test } from "vitest";
import type { Weights } from "../../src/model/weights.ts";
import { interpolate, updateAverage } from "../../src/train/average.ts";

const weights = (...values: number[]): Weights =>
  new Map([["w", { shape: [values.length], data: Float32Array.from(values) }]]);
const valuesOf = (w: Weights): number[] => [...w.get("w")!.data];

test("an average moves towards the weights by 1 - decay a step", () => {
  const average = weights(0, 8);
  updateAverage(average, weights(4, 8), 0.75);
  expect(valuesOf(average)).toEqual([1, 8]);
  updateAverage(average, weights(5, 0), 0.75);
  expect(valuesOf(average)).toEqual([2, 6]);
});

test("interpolation starts at one model, ends at the other, and changes neither", () => {
  const [from, to] = [weights(1, 2), weights(3, 6)];
  expect(valuesOf(interpolate(from, to, 0))).toEqual([1, 2]);
  expect(valuesOf(interpolate(from, to, 0.25))).toEqual([1.5, 3]);
  expect(valuesOf(interpolate(from, to, 1))).toEqual([3, 6]);
  expect([valuesOf(from), valuesOf(to)]).toEqual([
    [1, 2],
    [3, 6],
  ]);
});
