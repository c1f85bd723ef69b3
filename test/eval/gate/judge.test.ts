/** @file What rules find in reports, and what they must not overlook. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../../src/eval/evaluate.ts";
import { judgeReport } from "../../../src/eval/gate/judge.ts";
import { GateResult } from "../../../src/eval/gate/result.ts";
import type { GateRules } from "../../../src/eval/gate/rules.ts";
import { GAP_NAMES } from "../../../src/eval/metrics/gaps.ts";
import { RATE_NAMES } from "../../../src/eval/metrics/rates.ts";
import type { ReportFile } from "../../../src/eval/report-file.ts";
import { fromRows, POINT_ONLY } from "../tables.ts";
import { comparison, measured, measuredShapes, only, people, titles } from "./people.ts";

type Rule = GateRules["rules"][number];
const judged = (report: ReportFile, ...rules: Rule[]): GateResult =>
  judgeReport(report, { rules, min_support: 0 });

const fair = measured({ rows: 6000 });
const unfair = measured({ rows: 6000, tpr: [0.6, 0.8, 0.9] });
const shapes = measuredShapes();
const debiased = comparison(1500);

describe("what a rule is about", () => {
  test("a gap by one attribute, by some, by all", () => {
    expect(titles(judged(fair, { metric: "eo.max", attribute: "race", max: 0.1 }))).toEqual([
      "eo.max by race",
    ]);
    const all = ["eo.max by race", "eo.max by band"];
    expect(titles(judged(fair, { metric: "eo.max", max: 0.1 }))).toEqual(all);
    expect(
      titles(judged(fair, { metric: "eo.max", attributes: ["race", "band"], max: 0.1 })),
    ).toEqual(all);
  });

  test("an intersection", () => {
    const report = measured({ rows: 3000 }, { attributes: ["race*band"] });
    const { value } = only(judged(report, { metric: "di", attribute: "race*band", min: 0.5 }));
    expect(value).toBe(report.attributes["race*band"]!.gaps["di"]!.value);
  });

  test("a rate of all rows, of every group, of some groups", () => {
    expect(only(judged(fair, { metric: "accuracy", min: 0.7 }))).toMatchObject({
      title: "accuracy of all rows",
      value: fair.overall.accuracy.value,
      interval: fair.overall.accuracy.interval,
    });
    const every = judged(fair, { metric: "tpr", attribute: "race", min: 0.7 });
    expect(titles(every)).toEqual(["asian", "black", "white"].map((race) => `tpr of race=${race}`));
    expect(every.checks.map(({ value }) => value)).toEqual(
      Object.values(fair.attributes["race"]!.groups).map(({ tpr }) => tpr.value),
    );
    expect(
      titles(judged(fair, { metric: "tpr", attribute: "race", groups: ["white"], min: 0.7 })),
    ).toEqual(["tpr of race=white"]);
  });

  test("every rate and every gap of a report can be judged", () => {
    for (const metric of RATE_NAMES)
      expect(only(judged(fair, { metric, max: 1 })).value).toBe(fair.overall[metric].value);
    for (const metric of GAP_NAMES)
      expect(only(judged(fair, { metric, attribute: "race", min: -1, max: 2 })).value).toBe(
        fair.attributes["race"]!.gaps[metric]!.value,
      );
  });

  test("gaps between classes, without the excluded ones", () => {
    const rule = { metric: "class.tpr_gap", max: 0.1 };
    expect(only(judged(shapes, rule)).value).toBe(shapes.classGaps.gaps["class.tpr_gap"]!.value);
    const report = measuredShapes(900, { excludedClasses: ["long"] });
    const { value } = only(judged(report, rule));
    expect(value).toBe(report.classGaps.excluding!.gaps["class.tpr_gap"]!.value);
    expect(value).not.toBe(report.classGaps.gaps["class.tpr_gap"]!.value);
  });

  test("several classes: their worst gap, or each one's own", () => {
    expect(only(judged(shapes, { metric: "eo.max.worst", max: 0.1 })).value).toBe(
      shapes.attributes["race"]!.gaps["eo.max.worst"]!.value,
    );
    const some = judged(shapes, { metric: "eo.max", classes: ["round", "long"], max: 0.1 });
    expect(titles(some)).toEqual(["eo.max by race, class round", "eo.max by race, class long"]);
    expect(some.checks[1]!.value).toBe(
      shapes.perClass["long"]!.attributes["race"]!.gaps["eo.max"]!.value,
    );
    const rate = { metric: "tpr", attribute: "race", groups: ["black"], classes: ["round"] };
    expect(only(judged(shapes, { ...rate, min: 0 })).value).toBe(
      shapes.perClass["round"]!.attributes["race"]!.groups["black"]!.tpr.value,
    );
  });

  test("rates against those of a reference group, each group or some", () => {
    const report = measured({ rows: 3000, tpr: [0.6, 0.8, 0.9] }, { reference: { race: "white" } });
    const { groups } = report.attributes["race"]!.reference!;
    const every = judged(report, { metric: "reference.selectionRate.ratio", min: 0.9 });
    expect(titles(every)).toEqual([
      "reference.selectionRate.ratio of race=asian",
      "reference.selectionRate.ratio of race=black",
    ]);
    expect(every.checks.map(({ value, verdict }) => [value, verdict])).toEqual([
      [groups["asian"]!.rates.selectionRate.ratio.value, "FAIL"],
      [groups["black"]!.rates.selectionRate.ratio.value, "INSUFFICIENT"],
    ]);
    const odds = {
      metric: "reference.averageOdds",
      attribute: "race",
      groups: ["asian"],
      min: -0.3,
    };
    const { value, support } = only(judged(report, odds));
    expect(value).toBe(groups["asian"]!.averageOdds.value);
    const all = report.attributes["race"]!.groups;
    const rows = ["asian", "white"].flatMap((group) => [
      all[group]!.tpr.support,
      all[group]!.fpr.support,
    ]);
    expect(support!.rows).toBe(Math.min(...rows));
    const noInterval = only(judged(report, { ...odds, metric: "reference.averageAbsoluteOdds" }));
    expect(noInterval.reason).toMatch(/or judge the point$/);
    expect(() => judged(report, { ...odds, groups: ["white"] })).toThrow(
      /^rules\.0\.groups\.0: there is no group of race beside white "white"; there are: asian, black$/,
    );
    expect(() => judged(report, { ...odds, attribute: "band" })).toThrow(
      /there is no attribute with a reference group "band"; there are: race$/,
    );
    expect(() => judged(fair, odds)).toThrow(/there is no metric "reference\.averageOdds"/);
  });

  test("the model as trained, or after a method", () => {
    const rule = { metric: "eo.max", attribute: "race", max: 0.1 };
    expect(only(judged(debiased, rule)).value).toBe(
      debiased.before.attributes["race"]!.gaps["eo.max"]!.value,
    );
    expect(only(judged(debiased, { ...rule, method: "leace" }))).toMatchObject({
      title: "eo.max by race, after leace",
      value: debiased.after["leace"]!.attributes["race"]!.gaps["eo.max"]!.value,
    });
  });
});

describe("verdicts", () => {
  test("a result is plain data of its schema, the same again for the same report", () => {
    const rules = {
      rules: [
        { metric: "eo.max", max: 0.1 },
        { metric: "accuracy", min: 0.5 },
      ],
    };
    const result = judgeReport(unfair, rules);
    expect(GateResult.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
    expect(judgeReport(JSON.parse(JSON.stringify(unfair)), rules)).toEqual(result);
    expect(result).toMatchObject({
      schema: "equiclip.gate/1",
      verdict: "FAIL",
      rows: 6000,
      level: 0.95,
      counts: { PASS: 2, FAIL: 1, INSUFFICIENT: 0 },
    });
  });

  test("a fair model with many rows passes, an unfair one fails, a fair one with few does neither", () => {
    const rules: GateRules = { rules: [{ metric: "eo.max", attribute: "race", max: 0.1 }] };
    expect(judgeReport(fair, rules).verdict).toBe("PASS");
    expect(judgeReport(unfair, rules).verdict).toBe("FAIL");
    const few = measured({ rows: 400 });
    expect(only(judgeReport(few, rules))).toMatchObject({
      verdict: "INSUFFICIENT",
      reason: expect.stringMatching(/^0\.1 lies within \[0\.\d+, 0\.\d+\]; more rows would tell$/),
    });
  });

  test("rules may have bounds of their own", () => {
    const of = (rules: Omit<GateRules, "rules">, rule: Partial<Rule> = {}) =>
      only(judgeReport(fair, { ...rules, rules: [{ metric: "accuracy", max: 0.801, ...rule }] }));
    expect(of({}).bound).toBe("ci");
    expect(of({ bound: "point" }).bound).toBe("point");
    expect(of({ bound: "point" }, { bound: "lower" })).toMatchObject({
      bound: "lower",
      verdict: "PASS",
    });
  });

  test("a report without replicates says what to do", () => {
    const report = measured({ rows: 500 }, POINT_ONLY);
    const rule = { metric: "eo.max", attribute: "race", max: 0.5 };
    expect(only(judged(report, rule)).reason).toContain("bootstrap replicates");
    expect(only(judged(report, { ...rule, bound: "point" })).verdict).toBe("PASS");
  });

  test("what is undefined is INSUFFICIENT with its reason, whatever the bound", () => {
    const onlyNegatives = fromRows(
      ["no", "yes"],
      [
        ["a", 0, 1],
        ["b", 0, 0],
      ],
    );
    const report = evaluate(onlyNegatives, { positive: "yes", ...POINT_ONLY });
    for (const bound of ["point", "upper", "lower", "ci"] as const)
      expect(only(judged(report, { metric: "eo.max", max: 1, bound }))).toMatchObject({
        verdict: "INSUFFICIENT",
        reason: "undefined: tpr is defined in 0 of 2 groups, 2 needed",
      });
  });
});

describe("support", () => {
  /** Enough people of each group, but five positives in b. */
  const rows = (positives: number): [string, number, number][] => [
    ...Array.from({ length: 100 }, (_, i): [string, number, number] => ["a", i % 2, i % 2]),
    ...Array.from({ length: positives }, (): [string, number, number] => ["b", 1, 1]),
    ...Array.from({ length: 95 }, (): [string, number, number] => ["b", 0, 0]),
  ];
  const report = (positives: number) =>
    evaluate(fromRows(["no", "yes"], rows(positives)), { positive: "yes", ...POINT_ONLY });
  const of = (metric: string, rules: Omit<GateRules, "rules"> = {}, positives = 5) =>
    only(
      judgeReport(report(positives), {
        ...rules,
        rules: [{ metric, attribute: "group", max: 1, min: 0, bound: "point" }],
      }),
    );

  test("a gap needs it in each of its rates and groups", () => {
    expect(of("eo.max")).toMatchObject({
      verdict: "INSUFFICIENT",
      value: 0,
      reason: "tpr of group b rests on 5 rows, 30 are needed",
      support: { rows: 5, of: "tpr of group b", needed: 30 },
    });
    expect(of("dp.difference")).toMatchObject({
      verdict: "PASS",
      support: { rows: 100, of: "selectionRate of group a", needed: 30 },
    });
    expect(of("eo.max", { min_support: 5 }).verdict).toBe("PASS");
    expect(of("eo.max", { min_support: 6 }).verdict).toBe("INSUFFICIENT");
    expect(of("eo.max", { min_support: 0 }).verdict).toBe("PASS");
  });

  test("a group where it is undefined has none: it is not left out silently", () => {
    const three = [
      ...rows(50),
      ...Array.from({ length: 9 }, (): [string, number, number] => ["c", 0, 0]),
    ];
    const without = evaluate(fromRows(["no", "yes"], three), { positive: "yes", ...POINT_ONLY });
    const rule: Rule = { metric: "eopp", attribute: "group", max: 1, bound: "point" };
    expect(without.attributes["group"]!.gaps["eopp"]!.value).toBe(0);
    expect(only(judgeReport(without, { rules: [rule] })).reason).toBe(
      "tpr of group c rests on 0 rows, 30 are needed",
    );
  });

  test("the default is what the report calls small", () => {
    const small = evaluate(fromRows(["no", "yes"], rows(5)), {
      positive: "yes",
      minSupport: 5,
      ...POINT_ONLY,
    });
    expect(
      only(judgeReport(small, { rules: [{ metric: "eo.max", max: 1, bound: "point" }] })).support,
    ).toMatchObject({ needed: 5 });
  });

  test("a rate needs it in its own denominator", () => {
    const checks = (metric: string) =>
      judgeReport(report(5), { rules: [{ metric, attribute: "group", min: 0, bound: "point" }] })
        .checks;
    expect(checks("tpr").map(({ verdict }) => verdict)).toEqual(["PASS", "INSUFFICIENT"]);
    expect(checks("balancedAccuracy").map(({ support }) => support?.rows)).toEqual([50, 5]);
    expect(checks("accuracy").map(({ verdict }) => verdict)).toEqual(["PASS", "PASS"]);
  });

  test("gaps between the classes of a binary target rest on both", () => {
    const found = only(
      judgeReport(report(5), { rules: [{ metric: "class.tpr_gap", max: 1, bound: "point" }] }),
    );
    expect(found.support).toEqual({ rows: 55, of: "tpr of all rows, class yes", needed: 30 });
  });

  test("of several classes every one counts", () => {
    const rare = fromRows(
      ["x", "y", "z"],
      ["a", "b"].flatMap((group) =>
        [60, 60, group === "a" ? 40 : 3].flatMap((n, truth) =>
          Array.from({ length: n }, (): [string, number, number] => [group, truth, truth]),
        ),
      ),
    );
    const few = evaluate(rare, POINT_ONLY);
    const supportOf = (rule: Rule) =>
      only(judgeReport(few, { rules: [{ bound: "point", ...rule }] })).support;
    expect(supportOf({ metric: "eo.max.worst", max: 1 })).toMatchObject({
      rows: 3,
      of: "tpr of group b, class z",
    });
    expect(supportOf({ metric: "eo.max", classes: ["x"], max: 1 })).toMatchObject({ rows: 60 });
    expect(supportOf({ metric: "balancedAccuracy.gap.macro", max: 1 })).toMatchObject({ rows: 3 });
    expect(supportOf({ metric: "accuracy.gap", max: 1 })).toMatchObject({ rows: 123 });
    const mean: Rule = { metric: "balancedAccuracy", attribute: "group", groups: ["b"], min: 0 };
    expect(supportOf(mean)).toMatchObject({ rows: 3, of: "tpr of group b, class z" });
  });
});

describe("errors", () => {
  const fails = (report: ReportFile, rule: Rule, message: RegExp): void =>
    expect(() => judged(report, rule)).toThrow(message);

  test.each<[string, ReportFile, Rule, RegExp]>([
    [
      "unknown metric",
      fair,
      { metric: "eo.mx", max: 1 },
      /^rules\.0\.metric: there is no metric "eo\.mx", did you mean eo\.max\?; there are the gaps eo\.max, .*; the gaps between classes class\.tpr_gap, .*; the rates accuracy, /,
    ],
    ["nothing like it", fair, { metric: "happiness", max: 1 }, /"happiness"; there are the gaps/],
    ["another case", fair, { metric: "EO.Max", max: 1 }, /did you mean eo\.max\?/],
    [
      "a name that every object has",
      fair,
      { metric: "constructor", max: 1 },
      /there is no metric "constructor"/,
    ],
    [
      "unknown attribute",
      fair,
      { metric: "eo.max", attribute: "rase", max: 1 },
      /^rules\.0\.attribute: there is no attribute "rase", did you mean race\?; there are: race, band$/,
    ],
    [
      "unknown among several",
      fair,
      { metric: "eo.max", attributes: ["race", "hue"], max: 1 },
      /^rules\.0\.attributes\.1: there is no attribute "hue"; there are: race, band$/,
    ],
    [
      "an attribute that every object has",
      fair,
      { metric: "eo.max", attribute: "toString", max: 1 },
      /no attribute "toString"/,
    ],
    [
      "unknown group",
      fair,
      { metric: "tpr", attribute: "race", groups: ["white", "blak"], max: 1 },
      /^rules\.0\.groups\.1: there is no group of race "blak", did you mean black\?; there are: asian, black, white$/,
    ],
    [
      "groups of a gap",
      fair,
      { metric: "eo.max", attribute: "race", groups: ["white"], max: 1 },
      /^rules\.0\.groups: eo\.max is between all groups/,
    ],
    [
      "unknown class",
      shapes,
      { metric: "eo.max", classes: ["rond"], max: 1 },
      /^rules\.0\.classes\.0: there is no class "rond", did you mean round\?; there are: round, square, long$/,
    ],
    [
      "classes of a binary report",
      fair,
      { metric: "eo.max", classes: ["yes"], max: 1 },
      /^rules\.0\.classes: the report measures one class alone, yes; leave classes out$/,
    ],
    [
      "a gap of which class?",
      shapes,
      { metric: "eo.max", max: 1 },
      /expected eo\.max\.macro or eo\.max\.worst, or classes with eo\.max$/,
    ],
    [
      "the worst of one class",
      shapes,
      { metric: "eo.max.worst", classes: ["long"], max: 1 },
      /here is one; expected eo\.max$/,
    ],
    [
      "the worst of a binary target",
      fair,
      { metric: "eo.max.worst", max: 1 },
      /here is one; expected eo\.max$/,
    ],
    [
      "an attribute of class gaps",
      fair,
      { metric: "class.tpr_gap", attribute: "race", max: 1 },
      /^rules\.0\.attribute: class\.tpr_gap is between the target's classes, not between groups; leave attribute out$/,
    ],
    [
      "class gaps of a class",
      shapes,
      { metric: "class.tpr_gap", classes: ["long"], max: 1 },
      /no metric "class\.tpr_gap"/,
    ],
    [
      "unknown method",
      debiased,
      { metric: "eo.max", method: "leece", max: 1 },
      /^rules\.0\.method: there is no method "leece", did you mean leace\?; there are: leace, mean-difference$/,
    ],
    [
      "a method of one model",
      fair,
      { metric: "eo.max", method: "leace", max: 1 },
      /^rules\.0\.method: the report is of one model/,
    ],
    [
      "scores that were not given",
      fair,
      { metric: "auc", min: 0.5 },
      /the report has no auc: it was made without scores/,
    ],
    [
      "a limit that lets unfairness through",
      fair,
      { metric: "di", attribute: "race", max: 0.8 },
      /^rules\.0\.max: di is fairer when it is higher, so max alone would pass what is unfair; expected min$/,
    ],
    ["and the other way round", fair, { metric: "eo.max", min: 0.1 }, /expected max$/],
    [
      "a change without a baseline",
      fair,
      { metric: "eo.max", max_increase: 0.1 },
      /^rules\.0: a limit on a change needs a baseline/,
    ],
  ])("%s", (_, report, rule, message) => fails(report, rule, message));

  test("a report without attributes has no gaps, and no empty rule passes", () => {
    const none = evaluate(
      { ...people({ rows: 50 }), groups: {} },
      { positive: "yes", ...POINT_ONLY },
    );
    fails(none, { metric: "eo.max", max: 1 }, /made without attributes, so it has no gaps/);
    const nobody = {
      ...people({ rows: 50 }),
      groups: { race: { values: [], codes: new Int32Array(50).fill(-1) } },
    };
    const missing = evaluate(nobody, { positive: "yes", ...POINT_ONLY });
    fails(missing, { metric: "tpr", attribute: "race", min: 0 }, /no group to judge it for/);
  });

  test.each<[string, unknown, RegExp]>([
    ["no rules", { rules: [] }, /^rules: expected at least 1 entry, received \[\]$/],
    ["no list", {}, /^rules: expected an array, received nothing$/],
    [
      "a typing error",
      { rules: [{ metric: "tpr", mx: 1 }] },
      /^rules\.0\.mx: unknown key, did you mean max\?$/,
    ],
    ["no limit", { rules: [{ metric: "tpr" }] }, /^rules\.0: a rule needs a limit: max or min/],
    [
      "value and change",
      { rules: [{ metric: "tpr", max: 1, max_increase: 1 }] },
      /^rules\.0\.max_increase: .* make it two rules$/,
    ],
    [
      "an empty range",
      { rules: [{ metric: "tpr", max: 0.1, min: 0.2 }] },
      /^rules\.0\.min: min 0\.2 is above max 0\.1/,
    ],
    [
      "two ways to name attributes",
      { rules: [{ metric: "di", attribute: "a", attributes: ["b"], min: 1 }] },
      /^rules\.0\.attributes: give attribute or attributes/,
    ],
    [
      "groups of what?",
      { rules: [{ metric: "tpr", groups: ["b"], min: 1 }] },
      /^rules\.0\.groups: groups of which attribute/,
    ],
    [
      "a bound",
      { rules: [{ metric: "tpr", min: 1, bound: "both" }] },
      /^rules\.0\.bound: expected ci or point or upper or lower, received "both"$/,
    ],
    [
      "a negative change",
      { rules: [{ metric: "tpr", max_decrease: -1 }] },
      /^rules\.0\.max_decrease: expected a number >= 0, received -1$/,
    ],
    ["no number", { rules: [{ metric: "tpr", max: Number.NaN }] }, /^rules\.0\.max: /],
  ])("malformed: %s", (_, rules, message) => {
    expect(() => judgeReport(fair, rules as GateRules)).toThrow(message);
  });

  test("every problem at once", () => {
    const rules: Rule[] = [
      { metric: "eo.mx", max: 1 },
      { metric: "eo.max", max: 1 },
      { metric: "eo.max", attribute: "hue", max: 1 },
    ];
    expect(() => judged(fair, ...rules)).toThrow(/^rules\.0\.metric: .*\nrules\.2\.attribute: .*$/);
  });
});
