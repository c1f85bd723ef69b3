/** @file A head refitted on balanced rows, on embeddings where the attribute goes with the class. */
import { describe, expect, test } from "vitest";
import { random } from "../../src/run/random.ts";
import { argmaxRows, probabilities } from "../../src/train/classifier.ts";
import { encode, intersect } from "../../src/eval/counts/cells.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { type DfrRows, fitDfr } from "../../src/train/dfr.ts";
import { predictionsOf, truthOf } from "../../src/train/predict.ts";
import { plantedFaces, task } from "./fairness/planted.ts";

const D = 4;

/** Class on axis 0, attribute on axis 1 and louder; they agree in `share` of the rows. Cells are class x attribute. */
function spurious(n: number, share: number, seed: number): DfrRows {
  const rng = random("dfr test", seed);
  const truth = Int32Array.from({ length: n }, () => rng.int(2));
  const attribute = truth.map((y) => (rng.uniform() < share ? y : 1 - y));
  const x = Float32Array.from({ length: n * D }, (_, i) => {
    const row = Math.floor(i / D);
    const signal = [2 * truth[row]! - 1, 3 * (2 * attribute[row]! - 1)][i % D] ?? 0;
    return signal + rng.normal();
  });
  return { x, n, d: D, truth, cells: truth.map((y, row) => 2 * y + attribute[row]!) };
}

/** Accuracy of the worst cell. */
function worst(rows: DfrRows, classifier: ReturnType<typeof fitDfr>): number {
  const predicted = argmaxRows(probabilities(classifier, Float32Array.from(rows.x)), 2);
  const shares = [0, 1, 2, 3].map((cell) => {
    const of = [...rows.cells.keys()].filter((row) => rows.cells[row] === cell);
    return of.filter((row) => predicted[row] === rows.truth[row]).length / of.length;
  });
  return Math.min(...shares);
}

describe("fitDfr", () => {
  const unseen = spurious(2000, 0.5, 99);
  const options = { classes: 2, C: 1, seed: 0 };

  test.each([1, 2, 3])("helps the worst group, train rows of seed %i", (seed) => {
    const train = spurious(1500, 0.95, seed);
    const plain = fitDfr({ ...train, cells: new Int32Array(train.n) }, { ...options, draws: 1 });
    const balanced = fitDfr(train, options);
    expect(worst(unseen, plain)).toBeLessThan(0.6);
    expect(worst(unseen, balanced)).toBeGreaterThan(worst(unseen, plain) + 0.15);
  });

  test("is the same for the same seed, and another for another", () => {
    const train = spurious(300, 0.8, 4);
    expect(fitDfr(train, options)).toEqual(fitDfr(train, options));
    expect(fitDfr(train, options).weight).not.toEqual(
      fitDfr(train, { ...options, seed: 1 }).weight,
    );
  });

  test("rows that are balanced already are all used: every draw is the same fit", () => {
    const train = spurious(240, 0.8, 6);
    const even = { ...train, cells: Int32Array.from({ length: train.n }, (_, row) => row % 4) };
    const [one, many] = [1, 5].map((draws) => fitDfr(even, { ...options, draws }));
    many!.weight.forEach((value, i) => expect(value).toBeCloseTo(one!.weight[i]!, 4));
  });

  test("a class without train rows is never predicted", () => {
    const train = spurious(200, 0.7, 5);
    const three = fitDfr(train, { ...options, classes: 3 });
    const scores = probabilities(three, Float32Array.from(train.x));
    for (let row = 0; row < train.n; row++) expect(scores[row * 3 + 2]).toBe(0);
  });

  test("nothing to fit on is refused", () => {
    const none = {
      x: new Float32Array(0),
      n: 0,
      d: D,
      truth: new Int32Array(0),
      cells: new Int32Array(0),
    };
    expect(() => fitDfr(none, options)).toThrow(/dfr: expected rows/);
  });
});

test("drawn faces whose style goes with their tone in train: the gap shrinks over seeds", async () => {
  const tested = await Promise.all(
    [0, 1, 2].map(async (seed) => {
      const { train, test } = await plantedFaces(seed);
      const { rows, x, d } = train;
      const codes = ["style", "tone"].map((name) =>
        encode(rows.map(({ labels }) => labels[name]!)),
      );
      const all = { x, n: rows.length, d, truth: truthOf(task, rows) };
      const measured = (cells: Int32Array, draws: number) => {
        const head = fitDfr({ ...all, cells }, { classes: 2, C: 1, draws, seed });
        const scores = probabilities(head, test.x);
        const report = evaluate(predictionsOf(task, test.rows, scores), {
          positive: "rounded",
          uncertainty: { replicates: 0 },
        });
        return [
          report.attributes["tone"]!.gaps["eo.max"]!.value!,
          report.overall.accuracy.value!,
        ] as const;
      };
      return {
        plain: measured(new Int32Array(rows.length), 1),
        balanced: measured(intersect(codes).codes, 10),
      };
    }),
  );
  const mean = (of: "plain" | "balanced", at: 0 | 1) =>
    tested.reduce((sum, one) => sum + one[of][at], 0) / tested.length;
  expect(mean("plain", 0)).toBeGreaterThan(0.2);
  expect(mean("balanced", 0)).toBeLessThan(mean("plain", 0) - 0.08);
  // a draw of balanced rows is a third of 400 faces, and their pixels are 192 numbers: that costs some accuracy
  expect(mean("balanced", 1)).toBeGreaterThan(mean("plain", 1) - 0.06);
}, 60_000);
