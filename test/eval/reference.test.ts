/** @file Reference-group forms against AIF360 and fairlearn, and their intervals against published ones. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import { wilson } from "../../src/eval/uncertainty/intervals.ts";
import { type Estimated, ratioInterval, sumInterval } from "../../src/eval/uncertainty/mover.ts";
import type { RateName } from "../../src/eval/metrics/rates.ts";
import { type Against } from "../../src/eval/report/reference.ts";
import { Report } from "../../src/eval/report.ts";
import { UsageError } from "../../src/run/errors.ts";
import { hasReference } from "../golden.ts";
import { BINARY_TABLES, fromRows, golden, goldenJson, POINT_ONLY } from "./tables.ts";

type Numbers = Readonly<Record<string, number | null>>;
interface Golden {
  readonly by: Readonly<
    Record<
      string,
      {
        readonly aif360: (Numbers & { readonly privileged: string }) | null | undefined;
        readonly fairlearn: {
          readonly by_group: Readonly<Record<string, Numbers>>;
          readonly to_overall: Readonly<Record<"difference" | "ratio", Numbers>>;
        };
      }
    >
  >;
}

/** AIF360's names; its unprivileged group is all others. */
const AIF360: Readonly<Record<string, (others: Against) => number | null>> = {
  disparate_impact: ({ rates }) => rates.selectionRate.ratio.value,
  statistical_parity_difference: ({ rates }) => rates.selectionRate.difference.value,
  average_odds_difference: ({ averageOdds }) => averageOdds.value,
  average_abs_odds_difference: ({ averageAbsoluteOdds }) => averageAbsoluteOdds.value,
  equal_opportunity_difference: ({ rates }) => rates.tpr.difference.value,
  error_rate_difference: ({ rates }) => negative(rates.accuracy.difference.value),
  false_discovery_rate_difference: ({ rates }) => rates.fdr.difference.value,
  predictive_parity_difference: ({ rates }) => rates.ppv.difference.value,
};
const negative = (value: number | null): number | null => (value === null ? null : -value);

describe.skipIf(!hasReference)("golden tables", () => {
  test.each(BINARY_TABLES)("%s: AIF360's numbers of all other groups together", async (table) => {
    const { by } = goldenJson<Golden>(table);
    const predictions = await golden(table);
    let compared = 0;
    for (const [attribute, { aif360 }] of Object.entries(by)) {
      if (!aif360) continue;
      const report = evaluate(predictions, {
        positive: "1",
        attributes: [attribute],
        reference: { [attribute]: aif360.privileged },
        ...POINT_ONLY,
      });
      const { others } = report.attributes[attribute]!.reference!;
      for (const [name, ours] of Object.entries(AIF360)) {
        expect(ours(others), `${attribute} ${name}`).toBeCloseTo(aif360[name]!, 12);
        compared++;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(table === "one_group" ? 0 : 8);
  });

  const FAIRLEARN: Readonly<Record<string, RateName>> = {
    selection_rate: "selectionRate",
    tpr: "tpr",
    fpr: "fpr",
    tnr: "tnr",
    fnr: "fnr",
    accuracy: "accuracy",
  };

  /** fairlearn's: 0 for a rate without rows in its denominator, except in a group without any rows. */
  const theirs = (value: number | null, rows: number): number | null =>
    value ?? (rows === 0 ? null : 0);

  test.each(BINARY_TABLES)("%s: fairlearn's by_group and to_overall follow", async (table) => {
    const { by } = goldenJson<Golden>(table);
    const keys = Object.keys(by);
    const attributes = keys.map((key) => key.replaceAll(" x ", "*"));
    const report = evaluate(await golden(table), { positive: "1", attributes, ...POINT_ONLY });
    keys.forEach((key, i) => {
      const { by_group, to_overall } = by[key]!.fairlearn;
      const { groups } = report.attributes[attributes[i]!]!;
      for (const [name, rate] of Object.entries(FAIRLEARN)) {
        const values = Object.entries(by_group).map(([group, numbers]) => {
          const of = groups[group.replaceAll(" | ", "*")]!;
          const value = theirs(of[rate].value, of.count);
          const expected = numbers[name]!;
          if (expected === null) expect(value, `${group} ${name}`).toBeNull();
          else expect(value, `${group} ${name}`).toBeCloseTo(expected, 12);
          return value;
        });
        const all = report.overall[rate].value!;
        const known = values.filter((value) => value !== null);
        const farthest = Math.max(...known.map((value) => Math.abs(value - all)));
        const least = Math.min(...known.map((value) => Math.min(value / all, all / value)));
        expect(farthest, `${key} ${name}`).toBeCloseTo(to_overall.difference[name]!, 12);
        if (all > 0) expect(least, `${key} ${name}`).toBeCloseTo(to_overall.ratio[name]!, 12);
      }
    });
  });

  test("every group has an entry, and what is undefined says in which of the two", async () => {
    const report = evaluate(await golden("intersection_empty_cell"), {
      positive: "1",
      attributes: ["gender*race"],
      reference: { "gender*race": "Male*Asian" },
      ...POINT_ONLY,
    });
    expect(Report.parse(report)).toEqual(report);
    const { reference, groups } = report.attributes["gender*race"]!;
    const names = Object.keys(groups).filter((name) => name !== "Male*Asian");
    expect(Object.keys(reference!.groups)).toEqual(names);
    const empty = reference!.groups["Female*Asian"]!;
    expect(empty.rates.accuracy.difference.reason).toBe("no rows");
    expect(empty.rates.tpr.ratio.reason).toBe(
      "no truly positive rows; reference: no truly positive rows",
    );
    const { rates, averageOdds } = reference!.groups["Male*White"]!;
    expect(rates.tpr.difference).toEqual({
      value: null,
      interval: null,
      reason: "reference: no truly positive rows",
    });
    expect(averageOdds.reason).toBe("reference: no truly positive rows");
    expect(rates.accuracy.difference.value).toBeCloseTo(
      groups["Male*White"]!.accuracy.value! - groups["Male*Asian"]!.accuracy.value!,
      15,
    );
  });

  test("multi-class: every class against the rest has its own, the whole has that of the means", async () => {
    const report = evaluate(await golden("multiclass_5"), {
      attributes: ["gender"],
      reference: { gender: "Male" },
      uncertainty: { replicates: 200 },
    });
    const { groups, reference } = report.attributes["gender"]!;
    const { tpr } = reference!.others.rates;
    expect(tpr.difference.value).toBeCloseTo(
      groups["Female"]!.tpr.value! - groups["Male"]!.tpr.value!,
      14,
    );
    expect(tpr.difference.interval).not.toBeNull();
    expect(reference!.others.averageOdds.interval).toBeNull();
    for (const { attributes } of Object.values(report.perClass))
      expect(attributes["gender"]!.reference!.others.averageOdds.interval).not.toBeNull();
  });
});

describe("Theil index", () => {
  test.skipIf(!hasReference).each(BINARY_TABLES)("%s: AIF360's, of all rows", async (table) => {
    const theirs = Object.values(goldenJson<Golden>(table).by).flatMap((by) => by.aif360 ?? []);
    const { theil } = evaluate(await golden(table), { positive: "1", ...POINT_ONLY }).overall;
    for (const { theil_index } of theirs) expect(theil.value).toBeCloseTo(theil_index!, 12);
    expect(theirs.length).toBeGreaterThanOrEqual(table === "one_group" ? 0 : 1);
  });

  test("of errors of one kind, of none, and of nothing but false negatives", () => {
    const of = (...rows: (readonly [string, number, number])[]) =>
      evaluate(fromRows(["no", "yes"], rows), { positive: "yes" }).overall.theil;
    // benefits 2, 1, 1, 0 of mean 1
    expect(of(["a", 0, 1], ["a", 0, 0], ["a", 1, 1], ["a", 1, 0]).value).toBeCloseTo(
      (2 * Math.log(2)) / 4,
      14,
    );
    // benefits 1, 0 of mean 1/2
    const half = of(["a", 1, 1], ["a", 1, 0]);
    expect(half.value).toBeCloseTo(Math.log(2), 14);
    expect(half.interval![0]).toBe(0);
    expect(of(["a", 1, 1], ["a", 0, 0])).toMatchObject({
      value: 0,
      interval: null,
      note: "no errors, and so no interval",
    });
    expect(of(["a", 1, 0])).toMatchObject({ value: null, reason: "no rows but false negatives" });
  });
});

describe("what cannot be", () => {
  const predictions = fromRows(
    ["no", "yes"],
    [
      ["a", 0, 0],
      ["a", 1, 1],
      ["b", 0, 0],
      ["b", 1, 0],
    ],
  );
  const options = { positive: "yes", ...POINT_ONLY };

  test("unknown attributes and groups are named with those that exist", () => {
    expect(() => evaluate(predictions, { ...options, reference: { group: "c" } })).toThrow(
      new UsageError('reference of group: there is no group "c"; there are: a, b'),
    );
    expect(() => evaluate(predictions, { ...options, reference: { race: "a" } })).toThrow(
      new UsageError("reference of race: it is not measured; the attributes are group"),
    );
  });

  test("a reference rate of 0 leaves the difference and takes the ratio", () => {
    const report = evaluate(predictions, { ...options, reference: { group: "b" } });
    const { tpr } = report.attributes["group"]!.reference!.groups["a"]!.rates;
    expect(tpr.difference.value).toBe(1);
    expect(tpr.ratio).toEqual({
      value: null,
      interval: null,
      reason: "reference: the rate is 0, so there is no ratio",
    });
  });

  test("one group has no others", () => {
    const alone = fromRows(
      ["no", "yes"],
      [
        ["a", 0, 0],
        ["a", 1, 1],
      ],
    );
    const report = evaluate(alone, { ...options, reference: { group: "a" } });
    const { groups, others } = report.attributes["group"]!.reference!;
    expect(groups).toEqual({});
    expect(others.rates.accuracy.difference).toMatchObject({ value: null, reason: "no rows" });
  });
});

const share = (k: number, n: number): Estimated => ({
  value: k / n,
  interval: wilson(k / n, n, 0.95),
});

describe("intervals", () => {
  // Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10
  test.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [0, 10, 0, 10, -0.2775, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
    [10, 10, 0, 10, 0.6075, 1],
  ])("difference of %i/%i and %i/%i is Newcombe's", (a, m, b, n, low, high) => {
    const interval = sumInterval([
      [1, share(a, m)],
      [-1, share(b, n)],
    ]);
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });

  test("ratio of estimates with symmetric intervals is Fieller's", () => {
    const [a, b, sa, sb, z] = [3, 2, 0.4, 0.25, 1.96];
    const symmetric = (value: number, sd: number): Estimated => ({
      value,
      interval: [value - z * sd, value + z * sd],
    });
    // roots of (a - t b)^2 = z^2 (sa^2 + t^2 sb^2), Fieller 1954
    const [p, q, r] = [b * b - z * z * sb * sb, a * b, a * a - z * z * sa * sa];
    const root = Math.sqrt(q * q - p * r);
    const interval = ratioInterval(symmetric(a, sa), symmetric(b, sb));
    expect(interval[0]).toBeCloseTo((q - root) / p, 12);
    expect(interval[1]).toBeCloseTo((q + root) / p, 12);
  });

  test("ratio at the edges: 0 below, no end above, and mirrored when turned over", () => {
    expect(ratioInterval(share(0, 10), share(5, 10))[0]).toBe(0);
    const free: Estimated = { value: 0.2, interval: [0, 0.5] };
    expect(ratioInterval(share(5, 10), free)[1]).toBe(Number.POSITIVE_INFINITY);
    const [low, high] = ratioInterval(share(7, 20), share(11, 15));
    const turned = ratioInterval(share(11, 15), share(7, 20));
    expect(1 / turned[1]).toBeCloseTo(low, 12);
    expect(1 / turned[0]).toBeCloseTo(high, 12);
  });

  const pmf = (n: number, p: number): number[] => {
    const mass = [(1 - p) ** n];
    for (let k = 0; k < n; k++) mass.push((mass[k]! * (n - k) * p) / ((k + 1) * (1 - p)));
    return mass;
  };
  /** Exact: over every outcome of both groups. */
  function coverage(m: number, p: number, n: number, q: number) {
    const covered = { difference: 0, ratio: 0, defined: 0 };
    pmf(m, p).forEach((mass, a) => {
      pmf(n, q).forEach((other, b) => {
        const [of, from] = [share(a, m), share(b, n)];
        const holds = ([low, high]: readonly [number, number], truth: number): number =>
          low <= truth && truth <= high ? mass * other : 0;
        covered.difference += holds(
          sumInterval([
            [1, of],
            [-1, from],
          ]),
          p - q,
        );
        if (b === 0) return; // no ratio
        covered.defined += mass * other;
        covered.ratio += holds(ratioInterval(of, from), p / q);
      });
    });
    return { difference: covered.difference, ratio: covered.ratio / covered.defined };
  }

  test.each([
    [30, 0.5, 30, 0.5],
    [30, 0.2, 80, 0.4],
    [40, 0.9, 25, 0.7],
    [100, 0.8, 20, 0.6],
  ])("coverage of 95 percent intervals, %i rows of rate %f and %i of %f", (m, p, n, q) => {
    const { difference, ratio } = coverage(m, p, n, q);
    for (const covered of [difference, ratio]) {
      expect(covered).toBeGreaterThan(0.93);
      expect(covered).toBeLessThan(0.98);
    }
  });
});
