/** @file Whose rows come first in a ranking by class probabilities. */
import { expect, test } from "vitest";
import { skewsOf } from "../../src/compare/skew.ts";
import { encode } from "../../src/eval/counts/cells.ts";
import type { ScoredPredictions } from "../../src/train/predict.ts";
import { TASK } from "./planted.ts";

const ROWS = 20;
const UNCERTAINTY = { level: 0.95, replicates: 0, seed: 0 };

/** The first half of the rows is group a, the other group b; all are so sure that float32 has their probability as 1. */
function sure(logitOf: (group: string) => number): ScoredPredictions {
  const group = Array.from({ length: ROWS }, (_, i) => (i < ROWS / 2 ? "a" : "b"));
  const rest = group.map((of, i) => Math.exp(-logitOf(of) - i / 100));
  return {
    ids: group.map((_, i) => `row-${i}`),
    classes: TASK.classes,
    truth: new Int32Array(ROWS),
    predicted: new Int32Array(ROWS).fill(1),
    scores: Float32Array.from(rest.flatMap((p) => [p, 1 - p])),
    groups: { concept: encode(group) },
    weights: new Float64Array(ROWS).fill(1),
  };
}

test.each(["a", "b"])("scores that round to 1 are told apart: group %s comes first", (first) => {
  const predictions = sure((group) => (group === first ? 30 : 20));
  expect(new Set(predictions.scores.filter((_, i) => i % 2 === 1))).toEqual(new Set([1]));
  const { concept } = skewsOf({ ...TASK, k: ROWS / 2 - 1 }, predictions, UNCERTAINTY);
  // all of the first k, and half of all rows
  expect(concept).toMatchObject({ value: Math.log(2), groups: [first] });
});
