/** @file Probabilities, decisions and the loss of a linear classifier. */
import { expect, test } from "vitest";
import { argmaxRows, crossEntropy, probabilities } from "../../src/train/classifier.ts";

test("probabilities are a softmax over classes, and survive logits that exp cannot", () => {
  const weight = Float32Array.of(1, 0, 0, 1, -1, 0); // [3, 2]
  const classifier = { weight, bias: null, scale: 1000, classes: 3, width: 2 };
  const scores = probabilities(classifier, Float32Array.of(1, 0, 0.6, 0.6));
  expect([...scores]).toEqual([1, 0, 0, 0.5, 0.5, 0]);
  expect([...argmaxRows(scores, 3)]).toEqual([0, 0]);
});

test("the loss weighs rows", () => {
  const scores = Float32Array.of(0.5, 0.5, 0.25, 0.75, 1, 0);
  const truth = Int32Array.of(0, 0, 1);
  const loss = (...weights: number[]): number =>
    crossEntropy(scores, truth, Float64Array.from(weights), 2);
  expect(loss(1, 1, 0)).toBeCloseTo((Math.log(2) + Math.log(4)) / 2, 12);
  expect(loss(3, 1, 0)).toBeCloseTo((3 * Math.log(2) + Math.log(4)) / 4, 12);
  expect(loss(0, 0, 5)).toBeCloseTo(-Math.log(1e-12), 9);
});
