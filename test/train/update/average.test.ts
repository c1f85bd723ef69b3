/** @file The average of weights. */
import { expect, test } from "vitest";
import type { Weights } from "../../../src/model/weights.ts";
import { updateAverage } from "../../../src/train/update/average.ts";

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
