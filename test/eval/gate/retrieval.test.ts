/** @file Rules on rankings: every query, attribute and group that they mean, and what they must not overlook. */
import { expect, test } from "vitest";
import { encode } from "../../../src/eval/counts/cells.ts";
import { judgeReport } from "../../../src/eval/gate/judge.ts";
import { GateResult } from "../../../src/eval/gate/result.ts";
import type { GateRules } from "../../../src/eval/gate/rules.ts";
import { retrieve } from "../../../src/eval/retrieval/retrieve.ts";
import { random } from "../../../src/run/random.ts";
import { measured, only, titles } from "./people.ts";

/** Of 900 people, for one query women come first, for the other nobody does; the third gender is rare. */
function rankings(seed: number) {
  const draw = random(seed, "rankings");
  const gender = Array.from({ length: 900 }, () =>
    draw.uniform() < 0.02 ? "third" : draw.uniform() < 0.5 ? "female" : "male",
  );
  const race = gender.map(() => (draw.uniform() < 0.5 ? "a" : "b"));
  const scores = (ahead: number): Float64Array =>
    Float64Array.from(gender, (g) => draw.normal() + (g === "female" ? ahead : 0));
  return retrieve(
    {
      queries: { nurse: scores(1.5), person: scores(0) },
      groups: { gender: encode(gender), race: encode(race) },
    },
    { ks: [50], uncertainty: { replicates: 400 } },
  );
}
const report = rankings(1);

type Rule = GateRules["rules"][number];
const judged = (...rules: Rule[]): GateResult => judgeReport(report, { rules, min_support: 0 });

test("a metric of every query and attribute, or of some", () => {
  expect(titles(judged({ metric: "max_skew@50", max: 1 }))).toEqual([
    "max_skew@50 by gender, query nurse",
    "max_skew@50 by race, query nurse",
    "max_skew@50 by gender, query person",
    "max_skew@50 by race, query person",
  ]);
  const rule = { metric: "ndkl", attribute: "race", queries: ["person"], max: 0.1 };
  const check = only(judged(rule));
  const { value, interval } = report.queries["person"]!.attributes["race"]!.metrics["ndkl"]!;
  expect(check).toMatchObject({ value, interval, query: "person", verdict: "PASS" });
  expect(GateResult.parse(judged(rule))).toEqual(judged(rule));
});

test("the skew of every group, or of some", () => {
  const rule = { metric: "skew@50", attribute: "gender", queries: ["nurse"], max: 0.2 };
  const check = only(judged({ ...rule, groups: ["female"] }));
  expect(check).toMatchObject({ title: "skew@50 of gender=female, query nurse", verdict: "FAIL" });
  expect(titles(judged(rule))).toHaveLength(3);
});

test("a ranking that favours one group fails, one that does not passes, few rows are not enough", () => {
  const rule: Rule = { metric: "max_skew@50", attribute: "race", max: 0.5 };
  expect(judged(rule).verdict).toBe("PASS");
  const rules = [{ metric: "kl@50", attribute: "gender", queries: ["nurse"], max: 0.05 }];
  expect(judged(...rules).verdict).toBe("FAIL");
  const { verdict, reason } = only(judgeReport(report, { rules }));
  expect(verdict).toBe("INSUFFICIENT");
  expect(reason).toMatch(/^the prior of group third rests on \d+ rows, 30 are needed$/);
  const absent = only(
    judged({ metric: "min_skew@50", attribute: "gender", queries: ["nurse"], min: -9 }),
  );
  expect(absent.verdict).toBe("INSUFFICIENT");
});

test("a change since an earlier ranking is that of independent rows", () => {
  const rule = { metric: "ndkl", attribute: "gender", queries: ["nurse"], max_increase: 0.5 };
  const { value, baseline } = only(
    judgeReport(report, { rules: [rule], min_support: 0 }, { report: rankings(2) }),
  );
  expect(value).not.toBeNull();
  expect(baseline).toMatchObject({
    paired: false,
    unpaired: "rankings are not resampled in pairs",
  });
});

test.each([
  [{ metric: "max_skew@10", max: 1 }, /there is no metric "max_skew@10", did you mean max_skew@50/],
  [{ metric: "ndkl", queries: ["doctor"], max: 1 }, /there is no query "doctor".*nurse, person/],
  [{ metric: "ndkl", attribute: "age", max: 1 }, /there is no attribute "age"/],
  [{ metric: "ndkl", attribute: "race", groups: ["a"], max: 1 }, /leave groups out/],
  [{ metric: "skew@50", attribute: "race", groups: ["c"], max: 1 }, /no group of race "c"/],
  [{ metric: "ndkl", classes: ["a"], max: 1 }, /leave classes out/],
  [{ metric: "max_skew@50", min: 0 }, /fairer when it is lower/],
] satisfies [Rule, RegExp][])("%j is refused", (rule, said) => {
  expect(() => judged(rule)).toThrow(said);
});

test("queries of a report that has none, and a baseline of another kind", () => {
  const other = measured({ rows: 300 });
  expect(() =>
    judgeReport(other, { rules: [{ metric: "eo.max", queries: ["nurse"], max: 1 }] }),
  ).toThrow(/leave queries out/);
  expect(() =>
    judgeReport(report, { rules: [{ metric: "ndkl", max_increase: 1 }] }, { report: other }),
  ).toThrow(/its kind of report \(evaluation\) should be retrieval/);
});
