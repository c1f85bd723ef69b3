/** @file Checkpoint selection on the study's own log, and on reports. */
import { expect, test } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import {
  betterOf,
  betweenClasses,
  check,
  checkConstraints,
  excess,
  selectEpoch,
  violationOf,
  type Constraint,
  type EpochRecord,
} from "../../src/eval/select.ts";
import { LOG } from "./study.ts";
import { fromRows, POINT_ONLY } from "./tables.ts";

const trajectory = (limit: number, compat: boolean): EpochRecord[] =>
  LOG.map(([loss, tpr, fprA], epoch) => ({
    epoch,
    objective: loss,
    // with two classes the true FPR gap is the TPR gap
    checks: betweenClasses(limit).map((constraint, i) =>
      check(constraint, i === 0 || !compat ? tpr : fprA),
    ),
  }));

test("the study's log (C001-25)", () => {
  const correct = trajectory(0.1, false);
  expect(
    correct.filter(({ checks }) => violationOf(checks) === 0).map(({ epoch }) => epoch),
  ).toEqual([1, 3, 4, 6, 7, 8, 9]);
  expect(selectEpoch(correct)).toEqual({ epoch: 1, feasible: true });
  expect(selectEpoch(trajectory(0.15, true))).toEqual({ epoch: 4, feasible: true });
  expect(selectEpoch(trajectory(0.1, true))).toEqual({ epoch: 4, feasible: false });
});

const eoMax: Constraint = { metric: "eo.max", attribute: "group", limit: 0.1, bound: "point" };
const at = (epoch: number, objective: number, value: number | null): EpochRecord => ({
  epoch,
  objective,
  checks: [check(eoMax, value)],
});

test("an undefined constraint is never feasible, and worse than any violation", () => {
  expect(selectEpoch([at(0, 0.1, null), at(1, 0.9, 0.8)])).toEqual({ epoch: 1, feasible: false });
  expect(selectEpoch([at(0, 0.1, null)])).toEqual({ epoch: 0, feasible: false });
});

test("a check that no epoch can make does not switch the others off", () => {
  const both = (epoch: number, objective: number, ...values: (number | null)[]): EpochRecord => ({
    epoch,
    objective,
    checks: values.map((value) => check(eoMax, value)),
  });
  const kept = (...epochs: EpochRecord[]) => selectEpoch(epochs);
  expect(kept(both(0, 1, null, 0.5), both(1, 9, null, 0.2))).toEqual({ epoch: 1, feasible: false });
  expect(kept(both(0, 9, null, 0), both(1, 1, null, 0))).toEqual({ epoch: 1, feasible: false });
  expect(kept(both(0, 1, null, null), both(1, 9, null, 0.9)).epoch).toBe(1);
});

test("a gap at its limit keeps to it, whatever the float error", () => {
  expect(0.8 - 0.7).toBeGreaterThan(0.1);
  expect(excess(0.8 - 0.7, 0.1, "lower")).toBe(0);
  expect(excess(0.3 - 0.2, 0.1, "higher")).toBe(0);
  expect(excess(0.1 + 1e-6, 0.1, "lower")).toBeCloseTo(1e-6, 12);
  expect(violationOf([check(eoMax, 0.8 - 0.7)])).toBe(0);
});

test("which way is better, also over classes", () => {
  expect(["eo.max", "eo.max.worst", "class.tpr_gap"].map(betterOf)).toEqual(Array(3).fill("lower"));
  expect(["di", "di.macro", "worst_group.accuracy", "class.di"].map(betterOf)).toEqual(
    Array(4).fill("higher"),
  );
});

test("a limit is met by its own value; of equal epochs the earlier one is kept", () => {
  expect(selectEpoch([at(0, 2, 0.2), at(1, 1, 0.1), at(2, 1, 0)])).toEqual({
    epoch: 1,
    feasible: true,
  });
});

test("an objective to be raised, or lost to NaN", () => {
  expect(selectEpoch([at(0, 0.7, 0), at(1, 0.8, 0)], "higher").epoch).toBe(1);
  expect(selectEpoch([at(0, Number.NaN, 0), at(1, 9, 0)]).epoch).toBe(1);
  expect(selectEpoch([at(0, 9, 0), at(1, Number.NaN, 0)], "higher").epoch).toBe(0);
  expect(() => selectEpoch([])).toThrow(/no epoch/);
});

type Row = [string, number, number];
const many = (n: number, row: Row): Row[] => Array.from({ length: n }, () => row);
const rows = [
  ...many(80, ["a", 1, 1]),
  ...many(20, ["a", 1, 0]),
  ...many(100, ["a", 0, 0]),
  ...many(75, ["b", 1, 1]),
  ...many(25, ["b", 1, 0]),
  ...many(100, ["b", 0, 0]),
];
const predictions = fromRows(["no", "yes"], rows);

test("point keeps to the measured value, upper to the unfavourable end of its interval", () => {
  const report = evaluate(predictions, { positive: "yes" });
  const of = (constraint: Constraint) => checkConstraints(report, [constraint])[0]!;
  expect(of(eoMax)).toMatchObject({ value: expect.closeTo(0.05, 12), violation: 0 });
  expect(of({ ...eoMax, bound: "upper" }).violation).toBeGreaterThan(0);
  const di: Constraint = { metric: "di", attribute: "group", limit: 0.9, bound: "point" };
  expect(of(di)).toMatchObject({ value: expect.closeTo(0.9375, 12), violation: 0 });
  expect(of({ ...di, bound: "upper" }).value).toBeLessThan(0.9);
  expect(of({ ...di, limit: 0.95 }).violation).toBeCloseTo(0.0125, 12);
  expect(checkConstraints(report, betweenClasses(0.1)).map(({ value }) => value)).toEqual([
    expect.closeTo(0.225, 12),
    expect.closeTo(0.225, 12),
  ]);
});

test("what cannot be checked says why", () => {
  const report = evaluate(predictions, { positive: "yes", ...POINT_ONLY });
  expect(checkConstraints(report, [{ ...eoMax, bound: "upper" }])[0]).toMatchObject({
    value: null,
    violation: null,
    reason: expect.stringContaining("interval"),
  });
  const onlyNegatives = fromRows(
    ["no", "yes"],
    rows.filter(([, truth]) => truth === 0),
  );
  const undefinedReport = evaluate(onlyNegatives, { positive: "yes", ...POINT_ONLY });
  const [found] = checkConstraints(undefinedReport, [eoMax]);
  expect(found).toMatchObject({ value: null, reason: "tpr is defined in 0 of 2 groups, 2 needed" });
  expect(() => checkConstraints(report, [{ ...eoMax, metric: "eo.maximum" }])).toThrow(
    /"eo.maximum" is no metric of group.*eo.max,/,
  );
  expect(() => checkConstraints(report, [{ ...eoMax, attribute: "toString" }])).toThrow(
    /"toString" is no attribute/,
  );
  expect(() => checkConstraints(report, [{ ...eoMax, attribute: undefined }])).toThrow(
    /class.tpr_gap/,
  );
});

test("an excluded class is left out of the study's rule", () => {
  const classes = ["x", "y", "other"];
  const three = fromRows(classes, [
    ...many(90, ["a", 0, 0]),
    ...many(10, ["a", 0, 1]),
    ...many(90, ["a", 1, 1]),
    ...many(10, ["a", 1, 0]),
    ...many(10, ["a", 2, 0]),
  ]);
  const feasible = (excludedClasses: string[]): boolean =>
    violationOf(
      checkConstraints(evaluate(three, { excludedClasses, ...POINT_ONLY }), betweenClasses(0.1)),
    ) === 0;
  expect(feasible([])).toBe(false);
  expect(feasible(["other"])).toBe(true);
});
