/** @file What changed since a baseline: over the same rows, over others, and what cannot be said. */
import { describe, expect, test } from "vitest";
import { compare } from "../../../src/eval/compare.ts";
import { evaluate, type EvaluateOptions } from "../../../src/eval/evaluate.ts";
import type { Baseline } from "../../../src/eval/gate/baseline.ts";
import { judgeReport } from "../../../src/eval/gate/judge.ts";
import type { GateCheck } from "../../../src/eval/gate/result.ts";
import type { GateRules } from "../../../src/eval/gate/rules.ts";
import { sumInterval } from "../../../src/eval/uncertainty/mover.ts";
import type { Predictions } from "../../../src/eval/predictions.ts";
import type { Report } from "../../../src/eval/report.ts";
import { random } from "../../../src/run/random.ts";
import { fromRows } from "../tables.ts";
import { comparison, measured, only, people, scored, shapes, titles } from "./people.ts";

type Rule = GateRules["rules"][number];
const OPTIONS = { positive: "yes", uncertainty: { replicates: 400 } } as const;

/** A report that names its rows, and the rows by that name. */
interface Made {
  readonly report: Report;
  readonly rows: Predictions;
}
function made(rows: Predictions, sha256: string, options: EvaluateOptions = OPTIONS): Made {
  const report = evaluate(rows, options);
  return { report: { ...report, rowsFile: { file: `${sha256}.csv`, sha256 } }, rows };
}

const since = (before: Made, after: Made): Baseline => ({
  report: before.report,
  rows: new Map([before, after].map(({ report, rows }) => [report.rowsFile!.sha256, rows])),
});
const changes = (before: Made, after: Made, ...rules: Rule[]): GateCheck[] =>
  judgeReport(after.report, { rules, min_support: 0 }, since(before, after)).checks;

const width = ({ interval }: GateCheck): number => interval![1] - interval![0];

const before = made(people({ rows: 3000, tpr: [0.7, 0.8, 0.85] }), "before");
/** The same people, a fairer model. */
const after = made(people({ rows: 3000, tpr: [0.8, 0.82, 0.84] }), "after");

const EVERY: Rule[] = [
  { metric: "eo.max", max_increase: 0.02 },
  { metric: "di", attribute: "race", max_decrease: 0.02 },
  { metric: "accuracy", max_decrease: 0.02 },
  { metric: "tpr", attribute: "race", max_decrease: 0.02 },
  { metric: "class.tpr_gap", max_increase: 0.02 },
];

describe("the same rows", () => {
  test("are paired, whatever their order and the order of their classes", () => {
    const paired = changes(before, after, ...EVERY);
    expect(paired.every((check) => check.baseline?.paired && check.interval)).toBe(true);
    const order = [...before.rows.truth.keys()].toSorted(
      (a, b) => ((a * 7919) % 3001) - ((b * 7919) % 3001),
    );
    const pick = (codes: Int32Array): Int32Array => Int32Array.from(order, (row) => codes[row]!);
    const { ids, truth, predicted, groups } = before.rows;
    const flip = (code: number): number => 1 - code;
    const shuffled = made(
      {
        ids: order.map((row) => ids![row]!),
        classes: ["yes", "no"],
        truth: pick(truth).map(flip),
        predicted: pick(predicted).map(flip),
        groups: Object.fromEntries(
          Object.entries(groups).map(([name, { values, codes }]) => [
            name,
            { values, codes: pick(codes) },
          ]),
        ),
      },
      "shuffled",
    );
    // the values come from the reports, whose sums are in another order
    const rounded = (checks: GateCheck[]): unknown =>
      JSON.parse(JSON.stringify(checks), (_, x: unknown) =>
        typeof x === "number" ? +x.toFixed(9) : x,
      );
    expect(rounded(changes(shuffled, after, ...EVERY))).toEqual(rounded(paired));
  });

  test("give intervals that are narrower than those of independent rows", () => {
    const paired = changes(before, after, ...EVERY);
    const unpaired = judgeReport(
      after.report,
      { rules: EVERY, min_support: 0 },
      { report: before.report, rows: new Map([["after", after.rows]]) },
    ).checks;
    expect(titles({ checks: paired } as never)).toEqual(titles({ checks: unpaired } as never));
    paired.forEach((check, i) => {
      const other = unpaired[i]!;
      expect(other.baseline).toMatchObject({
        paired: false,
        unpaired: "before.csv is not beside the baseline",
      });
      expect(other.value).toBe(check.value);
      // of the two classes' recalls, which are nearly equal, neither interval is symmetric
      if (check.metric !== "class.tpr_gap") expect(width(check)).toBeLessThan(width(other));
    });
  });

  test("give the intervals of a comparison", () => {
    const { change } = compare(before.rows, { now: after.rows }, OPTIONS);
    const found = only({
      checks: changes(before, after, { metric: "eo.max", attribute: "race", max_increase: 0 }),
    } as never);
    const known = change["now"]!.attributes["race"]!.gaps["eo.max"]!;
    expect(found.value).toBeCloseTo(known.value!, 12);
    // another random stream, the same distribution
    found.interval!.forEach((end, i) => expect(end).toBeCloseTo(known.interval![i]!, 1));
  });

  test("the same model has not changed at all, which is certain", () => {
    for (const check of changes(before, { ...before }, ...EVERY, {
      metric: "baseRate",
      max_increase: 0,
    }))
      expect(check).toMatchObject({ verdict: "PASS", value: 0, interval: [0, 0] });
  });

  test("models that happen to agree on every row of a group are not certain to agree on others", () => {
    const half = Int32Array.from(before.rows.predicted, (p, i) =>
      before.rows.groups["race"]!.codes[i] === 0 ? 1 - p : p,
    );
    const other = made({ ...before.rows, predicted: half }, "half");
    const found = changes(before, other, { metric: "tpr", attribute: "race", max_decrease: 0.02 });
    const [asian, black] = found;
    expect(width(asian!)).toBeGreaterThan(0.05);
    const { tpr } = before.report.attributes["race"]!.groups["black"]!;
    const unseen = 1 - 0.025 ** (1 / tpr.support); // Clopper-Pearson's upper end for none of n
    expect(black).toMatchObject({ value: 0, verdict: "PASS" });
    expect(black!.interval).toEqual([-unseen, unseen]);
  });

  test("of several classes, all together or one against the rest", () => {
    const of = (seed: number, name: string) =>
      made(shapes(900, 0.8, seed), name, {
        uncertainty: { replicates: 200 },
        excludedClasses: ["long"],
      });
    const found = changes(
      of(0, "then"),
      of(1, "now"),
      { metric: "eo.max.worst", max_increase: 1 },
      { metric: "eo.max", classes: ["round"], max_increase: 1 },
      { metric: "tpr", classes: ["round"], max_decrease: 1 },
      { metric: "f1", attribute: "race", classes: ["long"], max_decrease: 1 },
      { metric: "class.tpr_gap", max_increase: 1 },
    );
    expect(found.length).toBe(7);
    expect(found.every((check) => check.baseline?.paired && check.verdict === "PASS")).toBe(true);
  });
});

describe("scores of the same rows", () => {
  const then = made(scored({ rows: 1500, tpr: [0.7, 0.8, 0.9] }), "then");
  const now = made(scored({ rows: 1500, blur: 0.3 }), "now");
  const RULES: Rule[] = [
    { metric: "auc", max_decrease: 0.1 },
    { metric: "brier", attribute: "race", max_increase: 0.1 },
    { metric: "meanScore", max_increase: 0.1 },
    { metric: "auc.gap", attribute: "race", max_increase: 0.1 },
  ];

  test("are paired, too: no wider than independent ones", () => {
    const paired = changes(then, now, ...RULES);
    const rules = { rules: RULES, min_support: 0 };
    const unpaired = judgeReport(now.report, rules, { report: then.report }).checks;
    expect(paired.length).toBe(6);
    paired.forEach((check, i) => {
      expect(check.baseline?.paired).toBe(true);
      expect(check.value).toBe(unpaired[i]!.value);
      expect(width(check)).toBeGreaterThan(0);
      expect(width(check)).toBeLessThan(width(unpaired[i]!) + 1e-9);
      expect(check.interval![0]).toBeLessThanOrEqual(check.value!);
      expect(check.interval![1]).toBeGreaterThanOrEqual(check.value!);
    });
  });

  test("in any order of rows and classes, and for several classes", () => {
    const rows = shapes(600);
    const draw = random("class scores");
    const scores = Float32Array.from({ length: 1800 }, (_, i) => {
      const hit = rows.predicted[Math.floor(i / 3)] === i % 3;
      return (hit ? 0.6 : 0.2) + 0.1 * draw.uniform();
    });
    const options = { uncertainty: { replicates: 200 } };
    const before = made({ ...rows, scores }, "before", options);
    const order = [...rows.truth.keys()].toReversed();
    const turn = (codes: Int32Array): Int32Array =>
      Int32Array.from(order, (row) => 2 - codes[row]!);
    const turned: Predictions = {
      ids: order.map((row) => rows.ids![row]!),
      classes: rows.classes.toReversed(),
      truth: turn(rows.truth),
      predicted: turn(rows.predicted),
      scores: Float32Array.from(
        scores,
        (_, i) => scores[order[Math.floor(i / 3)]! * 3 + 2 - (i % 3)]!,
      ),
      groups: {
        race: {
          ...rows.groups["race"]!,
          codes: Int32Array.from(order, (row) => rows.groups["race"]!.codes[row]!),
        },
      },
    };
    const found = changes(
      before,
      made(turned, "turned", options),
      { metric: "auc", max_decrease: 0 },
      { metric: "auc", classes: ["long"], max_decrease: 0 },
      { metric: "auc.gap.worst", max_increase: 0 },
      { metric: "brier.gap", classes: ["round"], max_increase: 0 },
      { metric: "eceConfidence.gap", max_increase: 0 },
    );
    expect(found.length).toBe(5);
    for (const { verdict, value, interval, baseline } of found) {
      expect({ verdict, paired: baseline?.paired }).toEqual({ verdict: "PASS", paired: true });
      for (const number of [value!, ...interval!]) expect(number).toBeCloseTo(0, 9);
    }
  });

  test("a row without a score in one of them leaves them unpaired, which is said", () => {
    const { score, ...rows } = now.rows;
    const missing = made(
      { ...rows, score: score!.map((s, i) => (i === 3 ? Number.NaN : s)) },
      "missing",
    );
    const [found] = changes(then, missing, { metric: "auc", max_decrease: 0.1 });
    expect(found!.baseline).toMatchObject({
      paired: false,
      unpaired: "auc is not resampled in pairs for these rows",
    });
  });
});

describe("other rows", () => {
  const town = made(people({ rows: 3000, tpr: [0.7, 0.8, 0.85], town: "b" }), "town");

  test("are independent: MOVER of the two intervals", () => {
    const [found] = changes(town, after, {
      metric: "eo.max",
      attribute: "race",
      max_increase: 0.02,
    });
    const gap = ({ report }: Made) => report.attributes["race"]!.gaps["eo.max"]!;
    const [now, then] = [gap(after), gap(town)];
    expect(found).toMatchObject({
      value: now.value! - then.value!,
      interval: sumInterval([
        [1, { value: now.value!, interval: now.interval! }],
        [-1, { value: then.value!, interval: then.interval! }],
      ]),
      baseline: { value: then.value, paired: false, unpaired: 'row "a0" is not in the baseline' },
    });
  });

  test.each<[string, (rows: Predictions) => Partial<Predictions>, RegExp]>([
    [
      "another truth",
      ({ truth }) => ({ truth: truth.map((t, i) => (i === 7 ? 1 - t : t)) }),
      /^the true class of row "a7" is not the same/,
    ],
    [
      "another weight",
      ({ truth }) => ({ weights: Float64Array.from(truth, (_, i) => (i === 9 ? 2 : 1)) }),
      /^the weight of row "a9"/,
    ],
    [
      "another group",
      ({ groups }) => ({
        groups: {
          ...groups,
          race: {
            ...groups["race"]!,
            codes: groups["race"]!.codes.map((c, i) => (i === 3 ? (c + 1) % 3 : c)),
          },
        },
      }),
      /^the race of row "a3"/,
    ],
    [
      "an id twice",
      ({ ids }) => ({ ids: ids!.map((id, i) => (i === 5 ? ids![4]! : id)) }),
      /^an id of the baseline occurs twice$/,
    ],
  ])("%s", (_, edit, reason) => {
    const other = made({ ...before.rows, ...edit(before.rows) }, "other");
    const [found] = changes(other, after, { metric: "accuracy", max_decrease: 0.02 });
    expect(found!.baseline).toMatchObject({
      paired: false,
      unpaired: expect.stringMatching(reason),
    });
  });

  test("fewer rows, either way", () => {
    const half = made(people({ rows: 1500 }), "half");
    const rule: Rule = { metric: "accuracy", max_decrease: 0.02 };
    expect(changes(half, after, rule)[0]!.baseline!.unpaired).toBe(
      'row "a1500" is not in the baseline',
    );
    expect(changes(after, half, rule)[0]!.baseline!.unpaired).toBe(
      "1500 rows of the baseline are not in the report",
    );
  });

  test("a report that names no rows", () => {
    const bare = judgeReport(
      measured({ rows: 500 }),
      { rules: [{ metric: "accuracy", max_decrease: 0.02 }] },
      { report: before.report },
    );
    expect(only(bare).baseline!.unpaired).toBe("the report names no file of its rows");
  });
});

describe("verdicts of changes", () => {
  const verdictOf = (from: Made, to: Made, rule: Rule): string =>
    changes(from, to, rule)[0]!.verdict;

  test("an increase is a rise of the value, a decrease a fall", () => {
    const gap = (limit: Partial<Rule>): Rule => ({
      metric: "eo.max",
      attribute: "race",
      bound: "point",
      ...limit,
    });
    expect(verdictOf(before, after, gap({ max_increase: 0.02 }))).toBe("PASS");
    expect(verdictOf(after, before, gap({ max_increase: 0.02 }))).toBe("FAIL");
    const rate = (limit: Partial<Rule>): Rule => ({
      metric: "tpr",
      attribute: "race",
      groups: ["asian"],
      ...limit,
    });
    expect(verdictOf(before, after, rate({ max_decrease: 0.02 }))).toBe("PASS");
    expect(verdictOf(after, before, rate({ max_decrease: 0.02 }))).toBe("FAIL");
    expect(verdictOf(before, after, rate({ max_decrease: 0.02, max_increase: 0.02 }))).toBe("FAIL");
  });

  test("bounds hold for the change's own interval", () => {
    const [found] = changes(before, after, {
      metric: "eo.max",
      attribute: "race",
      max_increase: 0,
    });
    const [low, high] = found!.interval!;
    const of = (bound: "upper" | "lower") =>
      judgeReport(
        after.report,
        { rules: [{ metric: "eo.max", attribute: "race", max_increase: 0, bound }] },
        since(before, after),
      ).checks[0]!;
    expect(low).toBeLessThan(high);
    expect(of("upper").verdict).toBe(high <= 0 ? "PASS" : "FAIL");
    expect(of("lower").verdict).toBe("PASS");
  });

  test("support is needed on both sides", () => {
    const few = made(people({ rows: 60 }), "few");
    const found = only(
      judgeReport(
        after.report,
        { rules: [{ metric: "tpr", attribute: "race", groups: ["black"], max_decrease: 1 }] },
        since(few, after),
      ),
    );
    expect(found).toMatchObject({
      verdict: "INSUFFICIENT",
      reason: expect.stringMatching(
        /^tpr of group black in the baseline rests on \d+ rows, 30 are needed$/,
      ),
    });
  });

  test("a group that came or went is told, not skipped", () => {
    const rows = (groups: string[]): Predictions =>
      fromRows(
        ["no", "yes"],
        groups.flatMap((group) =>
          Array.from({ length: 80 }, (_, i): [string, number, number] => [
            group,
            i % 2,
            i % 3 === 0 ? 1 : 0,
          ]),
        ),
      );
    const [two, three] = [made(rows(["a", "b"]), "two"), made(rows(["a", "b", "c"]), "three")];
    const rate: Rule = { metric: "accuracy", attribute: "group", max_decrease: 1 };
    const told = (from: Made, to: Made) =>
      changes(from, to, rate).map(({ title, verdict, reason }) => [title, verdict, reason]);
    expect(told(two, three)[2]).toEqual([
      "change of accuracy of group=c",
      "INSUFFICIENT",
      "undefined: in the baseline: there is no group c",
    ]);
    expect(told(three, two)[2]).toEqual([
      "change of accuracy of group=c",
      "INSUFFICIENT",
      "undefined: the report has no group c",
    ]);
    const [gap] = changes(two, three, { metric: "accuracy.gap", max_increase: 1 });
    expect(gap).toMatchObject({
      verdict: "INSUFFICIENT",
      reason:
        "undefined: not over the same groups or classes: the baseline does not have the accuracy of group c",
    });
  });
});

describe("baselines that do not compare", () => {
  const rule: Rule = { metric: "accuracy", max_decrease: 0.02 };
  const against =
    (baseline: Baseline["report"], ...rules: Rule[]) =>
    () =>
      judgeReport(after.report, { rules }, { report: baseline });

  test.each<[string, Report, RegExp]>([
    [
      "classes",
      evaluate({ ...people({ rows: 50 }), classes: ["no", "maybe"] }, { positive: "maybe" }),
      /its classes \(maybe, no\) should be no, yes/,
    ],
    [
      "positive class",
      evaluate(people({ rows: 50 }), { positive: "no" }),
      /its positive class \(no\) should be yes/,
    ],
    [
      "excluded classes",
      evaluate(people({ rows: 50 }), { positive: "yes", excludedClasses: ["no"] }),
      /its classes left out of gaps between classes \(no\) should be none/,
    ],
    [
      "level",
      measured({ rows: 50 }, { uncertainty: { level: 0.9, replicates: 10 } }),
      /its level of the intervals \(0\.9\) should be 0\.95/,
    ],
  ])("another %s", (_, report, message) => {
    expect(against(report, rule)).toThrow(message);
  });

  test("other attributes, of the rule or of all", () => {
    const race = measured({ rows: 500 }, { attributes: ["race"] });
    expect(against(race, { metric: "di", attribute: "band", max_decrease: 1 })).toThrow(
      /^rules\.0\.attribute: in the baseline, there is no attribute "band"; there are: race$/,
    );
    expect(against(race, { metric: "di", max_decrease: 1 })).toThrow(
      /^rules\.0\.metric: there is no attribute "band" in the baseline, only race; name the attributes to compare$/,
    );
    const more = measured({ rows: 500 }, { attributes: ["race", "band", "race*band"] });
    expect(against(more, { metric: "di", max_decrease: 1 })).toThrow(
      /no attribute "race\*band" in the report, only race, band/,
    );
    expect(against(race, { metric: "di", attribute: "race", max_decrease: 1 })).not.toThrow();
  });

  test("a method that only the report has; one model is compared with whatever was debiased", () => {
    const debiased = comparison(600);
    const { leace, ...others } = debiased.after;
    const rules: Rule[] = [{ metric: "accuracy", method: "leace", max_decrease: 0.5 }];
    expect(() =>
      judgeReport(debiased, { rules }, { report: { ...debiased, after: others } }),
    ).toThrow(
      /^rules\.0\.method: in the baseline, there is no method "leace"; there are: mean-difference$/,
    );
    const check = only(judgeReport(debiased, { rules }, { report: debiased.before }));
    expect(check.value).toBeCloseTo(
      leace!.overall.accuracy.value! - debiased.before.overall.accuracy.value!,
      12,
    );
    expect(only(judgeReport(debiased, { rules }, { report: debiased })).value).toBe(0);
  });

  test("rows that do not give what the report says", () => {
    const edited: Made = {
      ...after,
      report: {
        ...after.report,
        overall: {
          ...after.report.overall,
          accuracy: { ...after.report.overall.accuracy, value: 0.99 },
        },
      },
    };
    expect(() => changes(before, edited, rule)).toThrow(
      /accuracy of all rows: it changes by .* between the reports and by .* between their rows/,
    );
  });
});
