/** @file A target that is not the sensitive attribute, by hand: 2 x 2 x 2 rows, and their cross tables (C001-37). */
import { expect, test } from "vitest";
import { encode } from "../../src/eval/counts/cells.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { POINT_ONLY } from "./tables.ts";

/** [gender, race, truth, predicted, rows]: who is told to be an engineer. */
const ROWS = [
  ["m", "a", 1, 1, 4],
  ["m", "a", 1, 0, 1],
  ["m", "a", 0, 1, 2],
  ["m", "a", 0, 0, 3],
  ["m", "b", 1, 1, 3],
  ["m", "b", 1, 0, 2],
  ["m", "b", 0, 1, 1],
  ["m", "b", 0, 0, 4],
  ["f", "a", 1, 1, 2],
  ["f", "a", 1, 0, 2],
  ["f", "a", 0, 1, 1],
  ["f", "a", 0, 0, 5],
  ["f", "b", 1, 1, 1],
  ["f", "b", 1, 0, 4],
  ["f", "b", 0, 1, 0],
  ["f", "b", 0, 0, 5],
] as const;
const rows = ROWS.flatMap(([gender, race, truth, predicted, n]) =>
  Array.from({ length: n }, () => ({ gender, race, truth, predicted })),
);
const report = evaluate(
  {
    classes: ["no", "engineer"],
    truth: Int32Array.from(rows, ({ truth }) => truth),
    predicted: Int32Array.from(rows, ({ predicted }) => predicted),
    groups: {
      gender: encode(rows.map(({ gender }) => gender)),
      race: encode(rows.map(({ race }) => race)),
    },
  },
  { positive: "engineer", attributes: ["gender", "race", "gender*race"], ...POINT_ONLY },
);

test("demographic parity, equal opportunity and equalized odds of the target between genders", () => {
  const { groups, gaps } = report.attributes["gender"]!;
  const counts = (group: string, name: "selectionRate" | "tpr" | "fpr") => {
    const { numerator, denominator } = groups[group]![name];
    return [numerator, denominator];
  };
  expect([counts("m", "selectionRate"), counts("f", "selectionRate")]).toEqual([
    [10, 20],
    [4, 20],
  ]);
  expect([counts("m", "tpr"), counts("f", "tpr")]).toEqual([
    [7, 10],
    [3, 9],
  ]);
  expect([counts("m", "fpr"), counts("f", "fpr")]).toEqual([
    [3, 10],
    [1, 11],
  ]);
  expect(gaps["dp.difference"]!.value).toBeCloseTo(0.5 - 0.2, 12);
  expect(gaps["di"]!.value).toBeCloseTo(0.2 / 0.5, 12);
  expect(gaps["eopp"]!.value).toBeCloseTo(7 / 10 - 3 / 9, 12);
  expect(gaps["eo.max"]!.value).toBeCloseTo(7 / 10 - 3 / 9, 12);
  expect(gaps["fpr.gap"]!.value).toBeCloseTo(3 / 10 - 1 / 11, 12);
  expect(gaps["dp.difference"]!.groups).toEqual(["f", "m"]);
});

test("the cross table of gender and race", () => {
  const { groups, gaps } = report.attributes["gender*race"]!;
  const rates = Object.entries(groups).map(([group, { count, selectionRate, tpr }]) => [
    group,
    count,
    selectionRate.numerator,
    tpr.numerator,
    tpr.denominator,
  ]);
  expect(rates).toEqual([
    ["f*a", 10, 3, 2, 4],
    ["f*b", 10, 1, 1, 5],
    ["m*a", 10, 6, 4, 5],
    ["m*b", 10, 4, 3, 5],
  ]);
  expect(gaps["dp.difference"]).toMatchObject({
    value: expect.closeTo(0.5, 12),
    groups: ["f*b", "m*a"],
  });
  expect(gaps["eopp"]!.value).toBeCloseTo(4 / 5 - 1 / 5, 12);
  expect(report.attributes["race"]!.gaps["dp.difference"]!.value).toBeCloseTo(9 / 20 - 5 / 20, 12);
});
