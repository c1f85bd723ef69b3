/** @file Rates and gaps against fairlearn, AIF360 and scikit-learn on the golden tables. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { RateName } from "../../src/eval/metrics/rates.ts";
import type { Attribute, View } from "../../src/eval/report.ts";
import type { Group } from "../../src/eval/report/values.ts";
import { hasReference } from "../golden.ts";
import { BINARY_TABLES, golden, goldenJson, POINT_ONLY } from "./tables.ts";

type Numbers = Readonly<Record<string, number | null>>;
type Fairness = Readonly<Record<string, number | string | readonly string[] | null>>;
interface Measured {
  readonly groups: Readonly<Record<string, Numbers>>;
  readonly fairness: Fairness;
}
interface Binary {
  readonly overall: Numbers;
  readonly by: Readonly<Record<string, Measured>>;
}
interface MultiClass {
  readonly overall: Numbers & {
    readonly per_class: Readonly<Record<string, Numbers>>;
    readonly macro: Numbers;
    readonly confusion_matrix_rows_true: number[][];
  };
  readonly by: Readonly<
    Record<
      string,
      {
        readonly groups: Readonly<
          Record<
            string,
            Numbers & { readonly per_class: Record<string, Numbers>; readonly macro: Numbers }
          >
        >;
        readonly per_class: Readonly<Record<string, { readonly fairness: Fairness }>>;
        readonly aggregate: Readonly<
          Record<string, { readonly max_over_classes: number; readonly mean_over_classes: number }>
        >;
        readonly accuracy_difference: number;
        readonly worst_group_accuracy: number;
      }
    >
  >;
}

const RATE_KEYS: Readonly<Record<Golden, string>> = {
  accuracy: "accuracy",
  balancedAccuracy: "balanced_accuracy",
  tpr: "tpr",
  fpr: "fpr",
  tnr: "tnr",
  fnr: "fnr",
  ppv: "ppv",
  fdr: "fdr",
  npv: "npv",
  for: "for",
  f1: "f1",
  selectionRate: "selection_rate",
  baseRate: "base_rate",
};
/** No library has a golden of it: worked out from the golden counts. */
type Golden = Exclude<RateName, "treatment" | "theil">;
/** Ours, the golden, and the rates that must be defined in two groups. */
const GAP_KEYS: readonly (readonly [string, string, readonly RateName[]])[] = [
  ["eo.max", "equalized_odds_difference_worst_case", ["tpr", "fpr"]],
  ["eo.mean", "equalized_odds_difference_mean", ["tpr", "fpr"]],
  ["eo.ratio", "equalized_odds_ratio_worst_case", ["tpr", "fpr"]],
  ["eo.ratio.mean", "equalized_odds_ratio_mean", ["tpr", "fpr"]],
  ["eopp", "equal_opportunity_difference", ["tpr"]],
  ["eopp.ratio", "equal_opportunity_ratio", ["tpr"]],
  ["fpr.ratio", "fpr_ratio", ["fpr"]],
  ["fnr.ratio", "fnr_ratio", ["fnr"]],
  ["ppv.ratio", "predictive_parity_ratio", ["ppv"]],
  ["npv.ratio", "npv_ratio", ["npv"]],
  ["f1.ratio", "f1_ratio", ["f1"]],
  ["accuracy.ratio", "accuracy_ratio", ["accuracy"]],
  ["fpr.gap", "fpr_difference", ["fpr"]],
  ["dp.difference", "demographic_parity_difference", ["selectionRate"]],
  ["di", "demographic_parity_ratio", ["selectionRate"]],
  ["ppv.gap", "predictive_parity_difference", ["ppv"]],
  ["npv.gap", "npv_difference", ["npv"]],
  ["f1.gap", "f1_difference", ["f1"]],
  ["accuracy.gap", "accuracy_difference", ["accuracy"]],
];

/** The number, or NaN for null, so that one closeness check serves both. */
const numeric = (value: number | null | undefined): number => value ?? Number.NaN;
function close(
  received: number | null | undefined,
  expected: number | null | undefined,
  what: string,
): void {
  if (expected === null) expect(received, what).toBeNull();
  else expect(Math.abs(numeric(received) - numeric(expected)), what).toBeLessThan(1e-12);
}

function expectGroup(group: Group, expected: Numbers, what: string): void {
  expect(group.count, what).toBe(expected["count"]);
  for (const [name, key] of Object.entries(RATE_KEYS) as [Golden, string][]) {
    const rate = group[name];
    close(rate.value, expected[key], `${what} ${name}`);
    if (rate.value === null) expect(rate.reason, `${what} ${name}`).toMatch(/^no /);
    else if (rate.numerator !== null)
      close(rate.numerator / rate.denominator!, rate.value, `${what} ${name} counts`);
  }
  const { fn, fp } = expected;
  if (fn != null && fp != null)
    close(group.treatment.value, fp === 0 ? null : fn / fp, `${what} treatment`);
}

/** Where fewer than two groups have the rate there is nothing to compare: null, not fairlearn's 0. */
function expectGaps(attribute: Attribute, fairness: Fairness, what: string): void {
  for (const [name, key, rates] of GAP_KEYS) {
    const defined = (rate: RateName): number =>
      Object.values(attribute.groups).filter((group) => group[rate].value !== null).length;
    const gap = attribute.gaps[name];
    const expected = rates.every((rate) => defined(rate) >= 2) ? (fairness[key] as number) : null;
    close(gap?.value, expected, `${what} ${name}`);
    if (expected === null) expect(gap?.reason, `${what} ${name}`).toMatch(/needed|ratio/);
  }
  close(attribute.gaps["eo.sum"]?.value, twice(attribute.gaps["eo.mean"]?.value), `${what} eo.sum`);
  const worst = attribute.gaps["worst_group.accuracy"];
  close(worst?.value, fairness["worst_group_accuracy"] as number, `${what} worst`);
}
const twice = (value: number | null | undefined): number | null =>
  value === null || value === undefined ? null : 2 * value;

describe.skipIf(!hasReference)("golden tables", () => {
  test.each(BINARY_TABLES)("%s: every rate and gap", async (table) => {
    const expected = goldenJson<Binary>(table);
    const keys = Object.keys(expected.by);
    const attributes = keys.map((key) => key.replaceAll(" x ", "*"));
    const report = evaluate(await golden(table), { positive: "1", attributes, ...POINT_ONLY });
    expectGroup(report.overall, expected.overall, "overall");
    keys.forEach((key, index) => {
      const measured = report.attributes[attributes[index]!]!;
      const { groups, fairness } = expected.by[key]!;
      expect(Object.keys(measured.groups).sort()).toEqual(
        Object.keys(groups)
          .map((group) => group.replaceAll(" | ", "*"))
          .sort(),
      );
      for (const [group, numbers] of Object.entries(groups))
        expectGroup(measured.groups[group.replaceAll(" | ", "*")]!, numbers, `${key} ${group}`);
      expectGaps(measured, fairness, key);
    });
  });

  test("intersection_empty_cell: the group without positives is named, not counted as 0", async () => {
    const report = evaluate(await golden("intersection_empty_cell"), {
      positive: "1",
      attributes: ["gender*race"],
      ...POINT_ONLY,
    });
    const { groups, gaps } = report.attributes["gender*race"]!;
    expect(groups["Female*Asian"]).toMatchObject({ count: 0, note: "fewer than 30 rows" });
    expect(groups["Female*Asian"]!.accuracy).toEqual({
      value: null,
      numerator: 0,
      denominator: 0,
      interval: null,
      support: 0,
      reason: "no rows",
    });
    expect(groups["Male*Asian"]!.tpr.reason).toBe("no truly positive rows");
    expect(groups["Female*Black"]!.ppv.reason).toBe("no rows predicted positive");
    expect(gaps["eopp"]!.undefinedGroups).toEqual(["Female*Asian", "Male*Asian"]);
  });

  test("multiclass_5: one against the rest, macro and worst", async () => {
    const expected = goldenJson<MultiClass>("multiclass_5");
    const report = evaluate(await golden("multiclass_5"), {
      attributes: Object.keys(expected.by),
      ...POINT_ONLY,
    });
    expect(report.positive).toBeNull();
    expect(report.confusion).toEqual(expected.overall.confusion_matrix_rows_true);
    const expectWhole = (
      group: Group,
      numbers: Numbers & { readonly macro: Numbers },
      what: string,
    ) => {
      close(group.accuracy.value, numbers["accuracy"], `${what} accuracy`);
      close(group.balancedAccuracy.value, numbers["balanced_accuracy"], `${what} balanced`);
      for (const name of ["tpr", "fpr", "ppv", "npv", "f1", "selectionRate"] as const)
        close(group[name].value, numbers.macro[RATE_KEYS[name]], `${what} macro ${name}`);
    };
    expectWhole(report.overall, expected.overall, "overall");
    for (const [c, numbers] of Object.entries(expected.overall.per_class))
      expectGroup(report.perClass[c]!.overall, numbers, `class ${c}`);

    for (const [name, by] of Object.entries(expected.by)) {
      const attribute = report.attributes[name]!;
      const view = (c: string): View => report.perClass[c]!;
      for (const [group, numbers] of Object.entries(by.groups)) {
        expectWhole(attribute.groups[group]!, numbers, `${name} ${group}`);
        for (const [c, rates] of Object.entries(numbers.per_class))
          expectGroup(view(c).attributes[name]!.groups[group]!, rates, `${name} ${group} ${c}`);
      }
      for (const [c, { fairness }] of Object.entries(by.per_class))
        expectGaps(view(c).attributes[name]!, fairness, `${name} class ${c}`);
      const { gaps } = attribute;
      close(gaps["accuracy.gap"]?.value, by.accuracy_difference, `${name} accuracy.gap`);
      close(gaps["worst_group.accuracy"]?.value, by.worst_group_accuracy, `${name} worst group`);
      for (const [ours, theirs] of [
        ["dp.difference", "demographic_parity_difference"],
        ["eopp", "equal_opportunity_difference"],
        ["eo.max", "equalized_odds_difference_worst_case"],
      ] as const) {
        close(
          gaps[`${ours}.worst`]?.value,
          by.aggregate[theirs]!.max_over_classes,
          `${ours}.worst`,
        );
        close(
          gaps[`${ours}.macro`]?.value,
          by.aggregate[theirs]!.mean_over_classes,
          `${ours}.macro`,
        );
      }
    }
    // no row of Female is predicted as 4: her PPV for it, and so the gap, is undefined
    const { gaps, groups } = report.attributes["gender"]!;
    expect(gaps["ppv.gap.worst"]).toMatchObject({
      undefinedClasses: ["4"],
      undefinedGroups: ["Female"],
    });
    expect(groups["Female"]!.ppv.note).toBe("mean without 4: undefined there");
    expect(gaps["eo.max.worst"]).toMatchObject({
      class: "4",
      rate: "tpr",
      groups: ["Female", "Male"],
    });
  });
});
