/** @file The threshold that is chosen is the best one, on rows that are not measured. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { TableColumns } from "../../../src/eval/table/columns.ts";
import { readPredictionTable, type TableOptions } from "../../../src/eval/table/read.ts";
import {
  chooseThreshold,
  THRESHOLD_RULES,
  type ThresholdRule,
} from "../../../src/eval/table/threshold.ts";
import { csv, type Rows, temporaryFiles } from "./files.ts";

/** What the rule is worth with a threshold, straight from its definition. */
function worth(
  rule: ThresholdRule,
  rows: readonly (readonly [positive: boolean, score: number, weight: number])[],
  threshold: number,
): number {
  const sum = (positive: boolean, predicted: boolean): number =>
    rows
      .filter(([truth, score]) => truth === positive && score >= threshold === predicted)
      .reduce((total, [, , weight]) => total + weight, 0);
  const [tp, fn, fp, tn] = [sum(true, true), sum(true, false), sum(false, true), sum(false, false)];
  if (rule === "accuracy") return (tp + tn) / (tp + fn + fp + tn);
  if (rule === "f1") return (2 * tp) / (2 * tp + fp + fn);
  return (tp / (tp + fn) + tn / (tn + fp)) / 2;
}

const row = fc.tuple(
  fc.boolean(),
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, min: -1e300, max: 1e300 })),
  fc.integer({ min: 0, max: 3 }),
);

test.each(THRESHOLD_RULES)(
  "no other threshold has a better %s, ties and weights and all",
  (rule) => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
        const held = [true, false].map((of) => rows.some(([truth, , w]) => truth === of && w > 0));
        fc.pre(held[0]! && held[1]!);
        const chosen = chooseThreshold(
          rule,
          { truth: Int32Array.from(rows, ([truth]) => (truth ? 1 : 0)), positive: 1 },
          Float64Array.from(rows, ([, score]) => score),
          Float64Array.from(rows, ([, , weight]) => weight),
        );
        const best = worth(rule, rows, chosen);
        for (const threshold of [...rows.map(([, score]) => score), Infinity]) {
          const other = worth(rule, rows, threshold);
          expect(other).toBeLessThanOrEqual(best + 1e-12);
          // of several, the highest
          if (threshold > chosen && threshold < Infinity) expect(other).toBeLessThan(best + 1e-12);
        }
        expect(Number.isFinite(chosen)).toBe(true);
      }),
    );
  },
);

test("of equal scores, both or neither; nobody, where that is best", () => {
  const choose = (truth: readonly number[], scores: readonly number[]): number =>
    chooseThreshold(
      "accuracy",
      { truth: Int32Array.from(truth), positive: 1 },
      Float64Array.from(scores),
    );
  expect(choose([1, 1, 0, 0], [0.9, 0.4, 0.4, 0.1])).toBe(0.9);
  const nobody = choose([0, 0, 0, 1], [1, 0.5, 0.5, 0.5]);
  expect(nobody).toBeGreaterThan(1);
  expect(nobody).toBeCloseTo(1, 12);
  expect(choose([0, 0, 1], [-2, -2, -3])).toBeGreaterThan(-2);
});

const file = temporaryFiles();
let files = 0;
const COLUMNS: TableColumns = { truth: "y", score: "s", split: "fold", groups: ["g"] };
const ROWS: Rows = {
  y: [1, 0, 1, 0, 1, 0, 1, 0, 1],
  s: [0.9, 0.2, 0.6, 0.55, 0.7, 0.1, 0.3, 0.7, 0.99],
  fold: ["val", "val", "val", "val", "test", "test", "test", "test", "train"],
  g: ["a", "b", "a", "b", "a", "b", "a", "b", "c"],
};
const read = (options: TableOptions, columns: Partial<TableColumns> = {}, rows = ROWS) =>
  readPredictionTable(file(`${files++}.csv`, csv(rows)), { ...COLUMNS, ...columns }, options);

test("chosen on one split, measured on another; the rest is left out and told", async () => {
  const { predictions, source } = await read({
    threshold: "accuracy",
    splits: { threshold: "val" },
  });
  expect(source.threshold).toEqual({ value: 0.6, rule: "accuracy", split: "val", rows: 4 });
  expect(predictions.predicted).toEqual(Int32Array.of(1, 0, 0, 1));
  expect(predictions.score).toEqual(Float64Array.of(0.7, 0.1, 0.3, 0.7));
  // a group that is only among other rows is none of these
  expect(predictions.groups["g"]!.values).toEqual(["a", "b"]);
  expect(source).toMatchObject({
    rows: 9,
    leftOut: [{ column: "fold", reason: "split is not test", rows: 1, first: ["line 10"] }],
  });
});

test("given: a score of exactly that is positive, and every row is measured", async () => {
  const { predictions, source } = await read({ threshold: 0.7 }, { split: undefined });
  expect(source.threshold).toEqual({ value: 0.7, rule: "given", split: null, rows: 0 });
  expect([...predictions.predicted]).toEqual(ROWS["s"]!.map((s) => (Number(s) >= 0.7 ? 1 : 0)));
  const words = { ...ROWS, y: ROWS["y"]!.map((y) => (y === 1 ? "bad" : "good")) };
  const named = await read({ threshold: 0.7, positive: "bad" }, { split: undefined }, words);
  expect(named.predictions.classes).toEqual(["bad", "good"]);
  expect([...named.predictions.predicted]).toEqual(
    ROWS["s"]!.map((s) => (Number(s) >= 0.7 ? 0 : 1)),
  );
  const one = { ...ROWS, y: ROWS["y"]!.map(() => "bad") };
  const alone = await read({ threshold: 0.7, positive: "bad" }, { split: undefined }, one);
  expect(alone.predictions.classes).toEqual(["bad", "not bad"]);
});

test.each<[string, TableOptions, Partial<TableColumns>, Rows, RegExp]>([
  [
    "no such split",
    { threshold: "f1" },
    {},
    ROWS,
    /has the split validation; there are val, test, train$/,
  ],
  [
    "the same rows",
    { threshold: "f1", splits: { threshold: "test" } },
    {},
    ROWS,
    /may not be chosen/,
  ],
  ["no score", { threshold: 0.5 }, { score: undefined }, ROWS, /--threshold needs .*--score/],
  ["two answers", { threshold: 0.5 }, { predicted: "y" }, ROWS, /leave out one/],
  [
    "three classes",
    { threshold: 0.5 },
    {},
    { ...ROWS, y: [0, 1, 2, 0, 1, 2, 0, 1, 2] },
    /for two classes/,
  ],
  [
    "one class to choose on",
    { threshold: "balancedAccuracy", splits: { threshold: "val" } },
    {},
    { ...ROWS, y: [1, 1, 1, 1, 1, 0, 1, 0, 1] },
    /no truly negative rows to choose it on/,
  ],
])("refused: %s", async (_, options, columns, rows, message) => {
  await expect(read(options, columns, rows)).rejects.toThrow(message);
});
