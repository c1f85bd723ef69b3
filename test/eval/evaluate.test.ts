/** @file Undefined values, wrong input, and the speed that training relies on. */
import { expect, test } from "vitest";
import { wilson } from "../../src/eval/uncertainty/intervals.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { random } from "../../src/run/random.ts";
import { fromRows, POINT_ONLY } from "./tables.ts";

const BINARY = ["no", "yes"];
const options = { positive: "yes", ...POINT_ONLY };
type Row = [string | null, number, number];
const times = (n: number, row: Row): Row[] => Array.from({ length: n }, () => row);

test("one group: no gap is 0, for there is nothing to compare", () => {
  const rows = [...times(5, ["a", 1, 1]), ...times(5, ["a", 0, 0])];
  const { gaps } = evaluate(fromRows(BINARY, rows), options).attributes["group"]!;
  for (const [name, gap] of Object.entries(gaps)) {
    if (name.startsWith("worst_group.")) expect(gap).toMatchObject({ value: 1, groups: ["a"] });
    else expect(gap, name).toMatchObject({ value: null, groups: [], rate: null, fair: null });
  }
  expect(gaps["eopp"]!.reason).toBe("tpr is defined in 1 of 1 group, 2 needed");
});

test("a group without positives: its TPR is null, equalized odds is not fair but undefined", () => {
  const rows = [...times(9, ["a", 1, 1]), ...times(9, ["a", 0, 0]), ...times(9, ["b", 0, 0])];
  const { gaps, groups } = evaluate(fromRows(BINARY, rows), options).attributes["group"]!;
  expect(groups["b"]!.tpr).toEqual({
    value: null,
    numerator: 0,
    denominator: 0,
    interval: null,
    support: 0,
    reason: "no truly positive rows",
  });
  expect(gaps["fpr.gap"]!.value).toBe(0);
  expect(gaps["eo.max"]).toMatchObject({ value: null, undefinedGroups: ["b"] });
});

test("nothing predicted positive: the ratio of selection rates is undefined", () => {
  const rows = [...times(9, ["a", 1, 0]), ...times(9, ["b", 0, 0])];
  const { gaps } = evaluate(fromRows(BINARY, rows), options).attributes["group"]!;
  expect(gaps["dp.difference"]!.value).toBe(0);
  expect(gaps["di"]).toMatchObject({
    value: null,
    reason: "selectionRate is 0 in every group, so there is no ratio",
  });
});

test("a class that no row has or gets is named where means leave it out", () => {
  const rows = [...times(9, ["a", 0, 0]), ...times(9, ["b", 1, 0])];
  const report = evaluate(fromRows(["x", "y", "ghost"], rows), POINT_ONLY);
  expect(report.perClass["ghost"]!.overall.tpr.value).toBeNull();
  expect(report.overall.tpr).toMatchObject({
    value: 0.5,
    note: "mean without ghost: undefined there",
  });
  expect(report.attributes["group"]!.gaps["eo.max.worst"]).toMatchObject({
    value: null,
    reason: "undefined for every class: tpr is defined in 1 of 2 groups, 2 needed",
  });
});

test("rows of weight 0 are counted and weigh nothing", () => {
  const rows: Row[] = [...times(4, ["a", 1, 1]), ...times(4, ["b", 1, 0])];
  const weights = [1, 1, 1, 1, 0, 0, 0, 0];
  const { overall, attributes } = evaluate(fromRows(BINARY, rows, weights), options);
  expect(overall).toMatchObject({ count: 8, accuracy: { value: 1, denominator: 4 } });
  expect(attributes["group"]!.groups["b"]).toMatchObject({ count: 4, accuracy: { value: null } });
});

test("fractional weights leave no ghost of a row: an empty denominator is 0", () => {
  const rows: Row[] = [...times(7, ["a", 1, 1]), ...times(6, ["b", 1, 0])];
  const weights = [0.1, 0.2, 0.3, 0.7, 0.1, 0.6, 0.3, 0.9, 0.1, 0.2, 0.3, 1.1, 0.4];
  expect(evaluate(fromRows(BINARY, rows, weights), options).overall.fpr.value).toBeNull();
});

const two: Predictions = fromRows(BINARY, [
  ["a", 0, 1],
  ["b", 1, 1],
]);
test.each<[string, Predictions, object, RegExp]>([
  ["no rows", fromRows(BINARY, []), options, /no rows/],
  ["no positive class", two, POINT_ONLY, /positive class.*no or yes/],
  ["an unknown positive class", two, { positive: "Yes" }, /"Yes" is not a class.*no, yes/],
  ["an unknown excluded class", two, { ...options, excludedClasses: ["x"] }, /"x" is not a class/],
  [
    "an unknown attribute",
    two,
    { ...options, attributes: ["group*age"] },
    /group\*age.*"age".*group/,
  ],
  ["a class index out of range", { ...two, truth: Int32Array.of(0, 2) }, options, /truth: row 1/],
  [
    "columns of unequal length",
    { ...two, predicted: Int32Array.of(0) },
    options,
    /predicted: expected 2/,
  ],
  ["a negative weight", { ...two, weights: Float64Array.of(1, -1) }, options, /row 1.*-1/],
  [
    "weights that are all 0",
    { ...two, weights: Float64Array.of(0, 0) },
    options,
    /every weight is 0/,
  ],
])("%s is an error that says so", (_, predictions, given, message) => {
  expect(() => evaluate(predictions, given)).toThrow(message);
});

test("a million rows, two attributes and their intersection", () => {
  const rows = 1_000_000;
  const draw = random("million");
  const column = (n: number): Int32Array => Int32Array.from({ length: rows }, () => draw.int(n));
  const truth = column(2);
  const values = (n: number): string[] => Array.from({ length: n }, (_, i) => `${i}`);
  const predictions: Predictions = {
    ids: Array<string>(rows).fill(""),
    classes: BINARY,
    truth,
    predicted: truth.map((label) => (draw.int(10) === 0 ? 1 - label : label)),
    groups: {
      race: { values: values(5), codes: column(5) },
      age: { values: values(9), codes: column(9) },
    },
  };
  const start = process.cpuUsage();
  const report = evaluate(predictions, {
    positive: "yes",
    attributes: ["race", "age", "race*age"],
    uncertainty: { replicates: 1000 },
  });
  // half a second; processor time, for other tests run beside this one
  expect(process.cpuUsage(start).user / 1e6).toBeLessThan(4);
  expect(Object.keys(report.attributes["race*age"]!.groups)).toHaveLength(45);
  expect(report.overall.accuracy.value).toBeCloseTo(0.9, 2);
});

test("more different weights than cells tell apart: sums are exact, intervals all but so", () => {
  const draw = random("weights of its own");
  const rows = Array.from({ length: 500 }, (): [string, number, number] => [
    draw.int(2) ? "a" : "b",
    draw.int(2),
    draw.int(2),
  ]);
  const weights = rows.map(() => draw.uniform(0.1, 3));
  const { overall, attributes } = evaluate(fromRows(BINARY, rows, weights), options);
  const sum = (keep: (row: (typeof rows)[number]) => boolean, power = 1): number =>
    rows.reduce((total, row, i) => total + (keep(row) ? weights[i]! ** power : 0), 0);
  expect(overall.tpr.numerator).toBeCloseTo(
    sum(([, t, p]) => t === 1 && p === 1),
    9,
  );
  expect(overall.tpr.denominator).toBeCloseTo(
    sum(([, t]) => t === 1),
    9,
  );
  const of = attributes["group"]!.groups["a"]!.accuracy;
  expect(of.value).toBeCloseTo(
    sum(([g, t, p]) => g === "a" && t === p) / sum(([g]) => g === "a"),
    12,
  );
  // Kish's effective rows
  const n = sum(([, t]) => t === 1) ** 2 / sum(([, t]) => t === 1, 2);
  const expected = wilson(overall.tpr.value!, n, 0.95);
  expect(overall.tpr.interval![0]).toBeCloseTo(expected[0], 3);
  expect(overall.tpr.interval![1]).toBeCloseTo(expected[1], 3);
});
