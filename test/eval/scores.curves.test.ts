/** @file Curves of scores: they tell what the metrics tell. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { uniform } from "../../src/eval/uncertainty/binomial.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { wilson } from "../../src/eval/uncertainty/intervals.ts";
import type { Curves } from "../../src/eval/report.ts";
import type { Group } from "../../src/eval/report/values.ts";
import { fromScores, GROUPS, scoredRows, type Scored } from "./scored.ts";
import { POINT_ONLY } from "./tables.ts";

/** By group. */
function measured(rows: readonly Scored[]): (readonly [Group, Curves])[] {
  const report = evaluate(fromScores(rows), { positive: "1", ...POINT_ONLY });
  const { groups, curves } = report.attributes["group"]!;
  return GROUPS.map((name) => [groups[name]!, curves![name]!]);
}

const areaUnder = (roc: Curves["roc"]): number =>
  roc.slice(1).reduce((area, [x, y], i) => area + ((x - roc[i]![0]) * (y + roc[i]![1])) / 2, 0);

test("the area under a ROC curve is the AUC, and no corner of it lies on a line", () => {
  fc.assert(
    fc.property(
      scoredRows().filter((rows) => rows.some(({ weight = 1 }) => weight > 0)),
      (rows) => {
        for (const [{ scores }, { roc }] of measured(rows)) {
          const { value } = scores!.auc!;
          if (value === null) {
            expect(roc).toEqual([]);
            continue;
          }
          expect(areaUnder(roc)).toBeCloseTo(value, 9);
          expect([roc[0], roc.at(-1)]).toEqual([
            [0, 0],
            [1, 1],
          ]);
          for (let i = 2; i < roc.length; i++) {
            const [a, b, c] = [roc[i - 2]!, roc[i - 1]!, roc[i]!];
            const turn = (b[0] - a[0]) * (c[1] - b[1]) - (c[0] - b[0]) * (b[1] - a[1]);
            expect(Math.abs(turn)).toBeGreaterThan(0);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("200 points are enough for a curve of thousands of corners", () => {
  const next = uniform("roc");
  const rows = Array.from({ length: 20_000 }, (): Scored => {
    const score = next();
    return { group: "a", score, truth: Number(next() < score) };
  });
  const [[{ scores }, { roc, calibration }]] = measured(rows) as [readonly [Group, Curves]];
  expect(roc.length).toBeGreaterThan(190);
  expect(roc.length).toBeLessThanOrEqual(200);
  expect(roc.at(-1)).toEqual([1, 1]);
  expect(Math.abs(areaUnder(roc) - scores!.auc!.value!)).toBeLessThan(1e-3);
  for (let i = 1; i < roc.length; i++) {
    const step = roc[i]![0] - roc[i - 1]![0] + roc[i]![1] - roc[i - 1]![1];
    expect(step).toBeLessThan(0.021);
  }
  expect(calibration).toHaveLength(15);
});

test("calibration bins: their deviations make the calibration error, their outcomes the base rate", () => {
  fc.assert(
    fc.property(scoredRows(fc.constant(1)), (rows) => {
      measured(rows).forEach(([{ scores, count }, { calibration }], g) => {
        const n = calibration.reduce((sum, { rows: of }) => sum + of, 0);
        expect(n).toBe(count);
        if (n === 0) return;
        const mean = (of: (bin: Curves["calibration"][number]) => number): number =>
          calibration.reduce((sum, bin) => sum + (bin.rows * of(bin)) / n, 0);
        expect(mean(({ meanScore, meanOutcome }) => Math.abs(meanScore - meanOutcome))).toBeCloseTo(
          scores!.ece!.value!,
          9,
        );
        const own = rows.filter(({ group }) => group === GROUPS[g]);
        const positives = own.filter(({ truth }) => truth === 1).length;
        expect(mean(({ meanOutcome }) => meanOutcome)).toBeCloseTo(positives / n, 9);
        const means = calibration.map(({ meanScore }) => meanScore);
        expect(means).toEqual(means.toSorted((a, b) => a - b));
        for (const { meanOutcome, interval, rows: of } of calibration)
          wilson(meanOutcome, of, 0.95).forEach((end, i) =>
            expect(interval![i]).toBeCloseTo(end, 9),
          );
      });
    }),
  );
});

test("no calibration without probabilities, no curve of several classes", () => {
  const rows = [0.2, 3, -1, 0.4].map((score, i) => ({ group: "a", score, truth: i % 2 }));
  const [, curves] = measured(rows)[0]!;
  expect(curves.calibration).toEqual([]);
  expect(curves.roc.length).toBeGreaterThan(2);
  const several = evaluate(
    {
      classes: ["x", "y", "z"],
      truth: Int32Array.of(0, 1, 2),
      predicted: Int32Array.of(0, 1, 1),
      scores: Float32Array.of(0.5, 0.25, 0.25, 0, 1, 0, 0, 0.5, 0.5),
      groups: { group: { values: ["a"], codes: new Int32Array(3) } },
    },
    POINT_ONLY,
  );
  expect(several.attributes["group"]!.curves).toBeUndefined();
  expect(several.perClass["x"]!.attributes["group"]!.curves).toBeUndefined();
});
