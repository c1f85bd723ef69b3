/** @file What must hold for the score metrics of every table. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluate, type EvaluateOptions } from "../../src/eval/evaluate.ts";
import { SCORE_GAPS } from "../../src/eval/metrics/gaps.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { Report } from "../../src/eval/report.ts";
import { type Group } from "../../src/eval/report/values.ts";
import { SCORE_NAMES, SCORE_RATES, type ScoreName } from "../../src/eval/metrics/scores.ts";
import { byDefinition, fromScores, GROUPS, scoredRows, type Scored } from "./scored.ts";
import { POINT_ONLY } from "./tables.ts";

const OPTIONS: EvaluateOptions = { positive: "1", ...POINT_ONLY };
const weighs = (rows: readonly Scored[]): boolean => rows.some(({ weight = 1 }) => weight > 0);
const measure = (predictions: Predictions): Report => evaluate(predictions, OPTIONS);
const groupsOf = (report: Report): Record<string, Group> => report.attributes["group"]!.groups;

/** NaN for null, so that one comparison serves both. */
const valuesOf = (group: Group): number[] =>
  SCORE_NAMES.map((name) => group.scores![name]!.value ?? Number.NaN);

function expectClose(received: readonly number[], expected: readonly number[], what = ""): void {
  received.forEach((value, i) => {
    const name = `${what} ${SCORE_NAMES[i]}`;
    if (Number.isNaN(expected[i])) expect(value, name).toBeNaN();
    else expect(Math.abs(value - expected[i]!), name).toBeLessThan(1e-9);
  });
}

test("every metric is what its definition says, weights and ties included", () => {
  fc.assert(
    fc.property(scoredRows().filter(weighs), (rows) => {
      const report = measure(fromScores(rows));
      const expected = (of: readonly Scored[]): number[] => {
        const values = byDefinition(of);
        return SCORE_NAMES.map((name) => values[name]);
      };
      expectClose(valuesOf(report.overall), expected(rows), "overall");
      for (const name of GROUPS)
        expectClose(
          valuesOf(groupsOf(report)[name]!),
          expected(rows.filter(({ group }) => group === name)),
          name,
        );
    }),
    { numRuns: 300 },
  );
});

test("a group's numbers are those of the group evaluated alone", () => {
  fc.assert(
    fc.property(scoredRows(fc.constantFrom(1, 2)), (rows) => {
      const groups = groupsOf(measure(fromScores(rows)));
      for (const name of GROUPS) {
        const own = rows.filter(({ group }) => group === name);
        if (own.length > 0)
          expectClose(valuesOf(groups[name]!), valuesOf(measure(fromScores(own)).overall));
      }
    }),
  );
});

test("the order of the rows does not matter", () => {
  fc.assert(
    fc.property(scoredRows().filter(weighs), fc.integer(), (rows, seed) => {
      const shuffled = rows
        .map((row, i) => [Math.sin(seed + i), row] as const)
        .toSorted(([a], [b]) => a - b)
        .map(([, row]) => row);
      const [one, other] = [measure(fromScores(rows)), measure(fromScores(shuffled))];
      for (const name of GROUPS)
        expectClose(valuesOf(groupsOf(other)[name]!), valuesOf(groupsOf(one)[name]!));
    }),
  );
});

test("a whole weight is as many rows", () => {
  fc.assert(
    fc.property(scoredRows(fc.integer({ min: 0, max: 3 })).filter(weighs), (rows) => {
      const repeated = rows.flatMap(({ weight, ...row }) =>
        Array.from({ length: weight! }, () => row),
      );
      const [weighted, counted] = [measure(fromScores(rows)), measure(fromScores(repeated))];
      expectClose(valuesOf(weighted.overall), valuesOf(counted.overall));
      for (const name of Object.keys(SCORE_GAPS)) {
        const [a, b] = [weighted, counted].map(
          ({ attributes }) => attributes["group"]!.gaps[name]!.value,
        );
        if (b === null) expect(a).toBeNull();
        else expect(a).toBeCloseTo(b!, 9);
      }
    }),
  );
});

test("AUC and average precision see the order of the scores alone", () => {
  const levels = [-Infinity, -1000, -0.5, 0, 1e-300, 0.25, 3, 1e9, Infinity];
  fc.assert(
    fc.property(scoredRows().filter(weighs), (rows) => {
      const quantised = rows.map((row) => ({ ...row, score: Math.round(row.score * 8) / 8 }));
      const moved = quantised.map((row) => ({ ...row, score: levels[row.score * 8]! }));
      const [one, other] = [quantised, moved].map((of) => measure(fromScores(of)).overall.scores!);
      for (const name of ["auc", "averagePrecision"] as const)
        expect(other![name]).toEqual(one![name]);
      const outside = moved.filter(({ score }) => score < 0 || score > 1).length;
      for (const name of SCORE_NAMES.filter((of) => SCORE_RATES[of].probability && outside > 0))
        expect(other![name]).toMatchObject({
          value: null,
          reason: `${outside} of ${rows.length} rows have a score outside [0, 1]`,
        });
    }),
  );
});

test("rows without a score are left out of score metrics alone, and counted", () => {
  fc.assert(
    fc.property(
      scoredRows(fc.constantFrom(1, 2)),
      fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
      (rows, missing) => {
        const holes = rows.map((row, i) => (missing[i] ? { ...row, score: Number.NaN } : row));
        const [all, some] = [measure(fromScores(rows)), measure(fromScores(holes))];
        expect(some.overall.accuracy).toEqual(all.overall.accuracy);
        const kept = rows.filter((_, i) => !missing[i]);
        const n = rows.length - kept.length;
        const { scores } = some.overall;
        if (kept.length === 0) {
          const reason = `none of its ${n} rows has a score`;
          for (const name of SCORE_NAMES)
            expect(scores![name]).toMatchObject({ value: null, reason, support: 0 });
          return;
        }
        expectClose(valuesOf(some.overall), valuesOf(measure(fromScores(kept)).overall));
        const note = `${n} of ${rows.length} rows have no score`;
        if (n > 0) expect(scores!.brier!.note).toContain(note);
        else expect(scores!.brier!.note ?? "").not.toContain("no score");
        expect(scores!.brier!.support).toBe(kept.length);
      },
    ),
  );
});

test.each([1, 3])("%i classes: each class is a binary target; the whole is the mean", (K) => {
  const row = fc.record({
    group: fc.constantFrom(...GROUPS),
    truth: fc.nat({ max: K - 1 }),
    parts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: K, maxLength: K }),
  });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
      const classes = Array.from({ length: K }, (_, c) => `c${c}`);
      const scores = Float32Array.from(
        rows.flatMap(({ parts }) => parts.map((part) => part / parts.reduce((a, b) => a + b))),
      );
      const of = (i: number, c: number): number => scores[i * K + c]!;
      const predicted = rows.map((_, i) =>
        classes.reduce((best, __, c) => (of(i, c) > of(i, best) ? c : best), 0),
      );
      const labels = fromScores(rows.map((one) => ({ ...one, score: 0 })));
      const report = evaluate(
        {
          classes,
          truth: labels.truth,
          predicted: Int32Array.from(predicted),
          scores,
          groups: labels.groups,
        },
        POINT_ONLY,
      );
      const binary = classes.map((_, c) =>
        measure(
          fromScores(
            rows.map(({ group, truth }, i) => ({
              group,
              truth: Number(truth === c),
              score: of(i, c),
              predicted: Number(predicted[i] === c),
            })),
          ),
        ),
      );
      const views = K === 1 ? [report] : classes.map((name) => report.perClass[name]!);
      const inViews = SCORE_NAMES.filter((name) => name !== "eceConfidence" || K === 1);
      views.forEach((view, c) => {
        for (const group of GROUPS) {
          const [one, other] = [view, binary[c]!].map(
            ({ attributes }) => attributes["group"]!.groups[group]!.scores!,
          );
          expect(Object.keys(one!)).toEqual(inViews);
          for (const name of inViews) {
            const [mine, its] = [one![name]!, other![name]!];
            expect({ ...mine, value: null }).toEqual({ ...its, value: null });
            if (its.value === null) expect(mine.value).toBeNull();
            else expect(mine.value).toBeCloseTo(its.value, 12);
          }
        }
      });
      if (K === 1) return;
      const means = SCORE_NAMES.filter((name) => SCORE_RATES[name].overClasses === "mean");
      expect(Object.keys(report.overall.scores!).sort()).toEqual(
        [...means, "eceConfidence"].sort(),
      );
      for (const name of means) {
        const values = views
          .map(({ overall }) => overall.scores![name]!.value)
          .filter((value) => value !== null);
        const { value } = report.overall.scores![name]!;
        if (values.length === 0) expect(value).toBeNull();
        else expect(value).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 12);
      }
      for (const name of Object.keys(SCORE_GAPS).filter((gap) => gap !== "eceConfidence.gap")) {
        const each = views.map(({ attributes }) => attributes["group"]!.gaps[name]!.value);
        const values = each.filter((value) => value !== null);
        const { gaps } = report.attributes["group"]!;
        const worst = gaps[`${name}.worst`]!;
        if (values.length === 0) expect(worst.value).toBeNull();
        else {
          expect(worst.value).toBe(Math.max(...values));
          expect(each[classes.indexOf(worst.class!)]).toBe(worst.value);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("every report with scores fits its schema, every metric its range, every interval too", () => {
  fc.assert(
    fc.property(scoredRows().filter(weighs), (rows) => {
      const report = evaluate(fromScores(rows), {
        positive: "1",
        uncertainty: { replicates: 25 },
      });
      expect(Report.parse(report)).toEqual(report);
      expect(JSON.parse(JSON.stringify(report))).toEqual(report); // no NaN, no infinity
      for (const group of [report.overall, ...Object.values(groupsOf(report))])
        for (const [name, { value, interval, reason }] of Object.entries(group.scores!)) {
          const [low, high] = SCORE_RATES[name as ScoreName].range;
          if (value === null) expect(reason, name).toBeTruthy();
          for (const number of [value, ...(interval ?? [])].filter((of) => of !== null)) {
            expect(number, name).toBeGreaterThanOrEqual(low);
            expect(number, name).toBeLessThanOrEqual(high);
          }
        }
      for (const [name, { range }] of Object.entries(SCORE_GAPS)) {
        const { value, reason } = report.attributes["group"]!.gaps[name]!;
        if (value === null) expect(reason, name).toBeTruthy();
        else expect(value, name).toBeLessThanOrEqual(range[1]);
      }
    }),
    { numRuns: 60 },
  );
});

test("hard cases", () => {
  const rows = (of: readonly (readonly [string, number, number])[]): Scored[] =>
    of.map(([group, truth, score]) => ({ group, truth, score }));
  const scoresOf = (of: readonly Scored[], group: string) =>
    groupsOf(measure(fromScores(of)))[group]!.scores!;

  const oneClass = rows([
    ["a", 1, 0.5],
    ["a", 1, 1],
    ["b", 0, 0],
  ]);
  expect(scoresOf(oneClass, "a").auc).toMatchObject({
    value: null,
    reason: "no truly negative rows",
  });
  expect(scoresOf(oneClass, "b").auc).toMatchObject({
    value: null,
    reason: "no truly positive rows",
  });
  expect(scoresOf(oneClass, "a").averagePrecision!.value).toBe(1);
  expect(scoresOf(oneClass, "b").brier).toMatchObject({ value: 0, support: 1 });
  expect(scoresOf(oneClass, "c").brier).toMatchObject({
    value: null,
    reason: "no rows",
    support: 0,
  });
  const { gaps } = measure(fromScores(oneClass)).attributes["group"]!;
  expect(gaps["auc.gap"]).toMatchObject({
    value: null,
    reason: "auc is defined in 0 of 3 groups, 2 needed",
  });
  expect(gaps["brier.gap"]).toMatchObject({ value: 0.125, undefinedGroups: ["c"] });

  const same = rows([
    ["a", 1, 0.7],
    ["a", 0, 0.7],
    ["a", 0, 0.7],
  ]);
  expect(scoresOf(same, "a").auc!.value).toBe(0.5);
  expect(scoresOf(same, "a").averagePrecision!.value).toBeCloseTo(1 / 3, 15);

  const certain = rows([["a", 1, 0]]); // ln 0 would be infinite
  expect(scoresOf(certain, "a").logLoss!.value).toBeCloseTo(-Math.log(1e-12), 9);

  const light = rows([["a", 1, 0.3]]).map((row) => ({ ...row, weight: 0 }));
  const beside = [...light, ...rows([["b", 0, 0.2]])];
  expect(scoresOf(beside, "a").brier).toMatchObject({ value: null, reason: "no rows" });
});
