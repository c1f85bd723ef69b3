/** @file Bootstrap intervals, fair models and paired changes: against fairlearn, brute force and simulation. */
import { describe, expect, test } from "vitest";
import { binomial, uniform } from "../../src/eval/uncertainty/binomial.ts";
import { compare } from "../../src/eval/compare.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { random } from "../../src/run/random.ts";
import { hasReference } from "../golden.ts";
import { fromRows, golden, goldenJson } from "./tables.ts";

const BINARY = ["0", "1"];
type Row = [string | null, number, number];

/** Rows of a model with these rates in each group: [name, positives, TPR, negatives, FPR]. */
function drawn(
  groups: readonly (readonly [string, number, number, number, number])[],
  next: () => number,
): Predictions {
  const rows = groups.flatMap(([name, positives, tpr, negatives, fpr]): Row[] => {
    const [tp, fp] = [binomial(positives, tpr, next), binomial(negatives, fpr, next)];
    return [
      ...Array.from({ length: positives }, (_, i): Row => [name, 1, i < tp ? 1 : 0]),
      ...Array.from({ length: negatives }, (_, i): Row => [name, 0, i < fp ? 1 : 0]),
    ];
  });
  return fromRows(BINARY, rows);
}

interface Bootstrap {
  readonly difference_ci: Readonly<Record<string, readonly number[]>>;
  readonly ratio_ci: Readonly<Record<string, readonly number[]>>;
  readonly recommended_tolerance: number;
}

describe.skipIf(!hasReference)("fairlearn's bootstrap", () => {
  test("gaps of binary_2groups", async () => {
    const expected = goldenJson<Bootstrap>("bootstrap");
    const { gaps } = evaluate(await golden("binary_2groups"), {
      positive: "1",
      attributes: ["gender"],
      uncertainty: { gaps: "percentile" },
    }).attributes["gender"]!;
    const pairs = [
      [gaps["eopp"], expected.difference_ci["tpr"]],
      [gaps["fpr.gap"], expected.difference_ci["fpr"]],
      [gaps["dp.difference"], expected.difference_ci["selection_rate"]],
      [gaps["di"], expected.ratio_ci["selection_rate"]],
    ] as const;
    for (const [gap, quantiles] of pairs)
      [0, 2].forEach((q, end) =>
        expect(Math.abs(gap!.interval![end]! - quantiles![q]!)).toBeLessThan(
          expected.recommended_tolerance,
        ),
      );
  });
});

test("the 95% intervals of gaps and compounds cover the truth about 95% of the time", () => {
  // far from 0, where a percentile interval is honest
  const groups = [
    ["a", 300, 0.9, 400, 0.1],
    ["b", 250, 0.75, 300, 0.2],
  ] as const;
  const truth = { eopp: 0.15, "fpr.gap": 0.1, "eo.sum": 0.25 };
  const covered: Record<string, number> = { eopp: 0, "fpr.gap": 0, "eo.sum": 0, balanced: 0 };
  const runs = 200;
  const next = uniform("coverage");
  for (let run = 0; run < runs; run++) {
    const { attributes } = evaluate(drawn(groups, next), {
      positive: "1",
      uncertainty: { replicates: 300, seed: run },
    });
    const { gaps, groups: rates } = attributes["group"]!;
    const count = (name: string, [low, high]: readonly number[], value: number): void => {
      if (low! <= value && value <= high!) covered[name]! += 1;
    };
    for (const [name, value] of Object.entries(truth)) count(name, gaps[name]!.interval!, value);
    count("balanced", rates["a"]!.balancedAccuracy.interval!, 0.9);
  }
  // 3 standard errors of 200 runs on either side of 0.95
  for (const [name, n] of Object.entries(covered)) {
    expect(n / runs, name).toBeGreaterThan(0.9);
    expect(n / runs, name).toBeLessThan(0.995);
  }
});

test("a fair model's gap is not 0, its p-values are uniform, and an unfair one stands out", () => {
  const rates = [0.85, 0.12] as const;
  const sizes = [
    ["white", 140, 160],
    ["black", 70, 60],
    ["asian", 40, 50],
    ["indian", 55, 45],
    ["other", 20, 25],
  ] as const;
  const fair = sizes.map(([name, p, n]) => [name, p, rates[0], n, rates[1]] as const);
  const next = uniform("fair");
  const runs = 150;
  let [small, measured, expected] = [0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const { gaps } = evaluate(drawn(fair, next), {
      positive: "1",
      uncertainty: { replicates: 300, seed: run },
    }).attributes["group"]!;
    const gap = gaps["eo.max"]!;
    measured += gap.value! / runs;
    expected += gap.fair!.expected / runs;
    if (gap.fair!.pValue <= 0.1) small++;
  }
  expect(expected).toBeGreaterThan(0.1); // the bias that a reader must know of
  expect(Math.abs(measured - expected)).toBeLessThan(0.01);
  expect(Math.abs(small / runs - 0.1)).toBeLessThan(0.08);

  const unfair = sizes.map(
    ([name, p, n]) => [name, p, name === "black" ? 0.3 : rates[0], n, rates[1]] as const,
  );
  const { gaps } = evaluate(drawn(unfair, next), { positive: "1" }).attributes["group"]!;
  expect(gaps["eo.max"]!.value).toBeGreaterThan(gaps["eo.max"]!.fair!.p95);
  expect(gaps["eo.max"]!.fair!.pValue).toBeLessThan(0.001);
  const worst = gaps["worst_group.accuracy"]!; // the fair value to fall short of
  expect(worst.value).toBeLessThan(worst.fair!.p95);
});

test("a tiny group does not hide the gap between large ones", () => {
  // ten rows of a third group: a fair model may well show 0.3 between it and another
  const groups = [
    ["a", 1000, 0.9, 1000, 0.1],
    ["b", 1000, 0.8, 1000, 0.1],
    ["tiny", 5, 0.8, 5, 0.2],
  ] as const;
  const { gaps } = evaluate(drawn(groups, uniform("tiny")), { positive: "1" }).attributes["group"]!;
  const { value, fair, interval } = gaps["eopp"]!;
  expect(value).toBeLessThan(fair!.p95);
  expect(fair!.pValue).toBeLessThan(0.001);
  expect(interval![0]).toBeGreaterThan(0.03);
  const { pValue } = gaps["fpr.gap"]!.fair!; // where nothing is hidden
  expect(pValue).toBeGreaterThan(0.05);
});

test("each notion of fairness has its own fair model", () => {
  // equal TPR and FPR but different base rates: fair given the truth, not given nothing
  const next = uniform("notions");
  const { gaps } = evaluate(
    drawn(
      [
        ["a", 3000, 0.8, 1000, 0.1],
        ["b", 1000, 0.8, 3000, 0.1],
      ],
      next,
    ),
    { positive: "1", uncertainty: { replicates: 1000 } },
  ).attributes["group"]!;
  expect(gaps["eo.max"]!.fair!.pValue).toBeGreaterThan(0.01);
  expect(gaps["dp.difference"]!.fair!.pValue).toBeLessThan(0.01);
  expect(gaps["ppv.gap"]!.fair!.pValue).toBeLessThan(0.01);
});

test("paired: errors that both models make do not widen the interval of the change", () => {
  const draw = random("paired");
  const rows = Array.from({ length: 2000 }, (_, i): [string, number, number] => {
    const truth = draw.int(2);
    return [i % 3 === 0 ? "a" : "b", truth, draw.uniform() < 0.8 ? truth : 1 - truth];
  });
  // the other model differs in a few rows of group a, all for the better
  let fixed = 0;
  const better = rows.map(([g, t, p]): [string, number, number] =>
    g === "a" && t === 1 && p === 0 && fixed++ < 20 ? [g, t, 1] : [g, t, p],
  );
  const options = { positive: "1", uncertainty: { replicates: 2000 } };
  const { before, after, change } = compare(
    fromRows(BINARY, rows),
    { fixed: fromRows(BINARY, better) },
    options,
  );
  const { groups } = change["fixed"]!.attributes["group"]!;
  const from = before.attributes["group"]!.groups["a"]!.tpr;
  const to = after["fixed"]!.attributes["group"]!.groups["a"]!.tpr;
  const moved = groups["a"]!["tpr"]!;
  expect(moved.value).toBeCloseTo(to.value! - from.value!, 12);
  const width = ([low, high]: readonly number[]): number => high! - low!;
  expect(width(moved.interval!)).toBeLessThan(0.7 * width(from.interval!));
  expect(moved.verdict).toBe("better");
  expect(groups["a"]!["fnr"]!.verdict).toBe("better");
  expect(groups["b"]!["tpr"]).toMatchObject({ value: 0, interval: [0, 0], verdict: "unclear" });
  expect(groups["a"]!["baseRate"]).toBeUndefined();
  const back = compare(fromRows(BINARY, better), { worse: fromRows(BINARY, rows) }, options);
  expect(back.change["worse"]!.overall["accuracy"]!.verdict).toBe("worse");
});

test("paired comparison needs the same rows", () => {
  const a = fromRows(BINARY, [
    ["a", 1, 1],
    ["b", 0, 0],
  ]);
  const shuffled = { ...a, ids: a.ids!.toReversed() };
  expect(() => compare(a, { leace: shuffled }, { positive: "1" })).toThrow(
    /leace: row 1 is "0" before and "1" after/,
  );
});

test("a gap that loses a group with the model is no better", () => {
  const group = (name: string, right: number, predicted = 1): Row[] => [
    ...Array.from({ length: 20 }, (_, i): Row => [name, i < right ? 1 : 0, predicted]),
    [name, 1, 0],
  ];
  const shared = [...group("a", 18), ...group("b", 17)];
  const before = fromRows(BINARY, [...shared, ...group("c", 8)]); // PPV .9, .85, .4
  const after = fromRows(BINARY, [...shared, ...group("c", 8, 0)]); // c is never predicted positive
  const options = { positive: "1", uncertainty: { replicates: 200 } };
  const { gaps } = compare(before, { method: after }, options).change["method"]!.attributes[
    "group"
  ]!;
  expect(gaps["ppv.gap"]).toEqual({
    value: null,
    interval: null,
    verdict: "undefined",
    reason: "not the same groups or classes: it leaves out none before and c after",
  });
  expect(gaps["eo.max"]!.value).not.toBeNull();
});

test("nor is a mean or a worst over classes that loses a class with the model", () => {
  const classes = ["x", "y", "z"];
  const rows = (name: string, instead?: number): Row[] =>
    [0, 1, 2].flatMap((truth) =>
      Array.from({ length: 12 }, (_, i): Row => {
        const predicted = i < 8 ? truth : (truth + 1) % 3;
        return [name, truth, predicted === 2 ? (instead ?? 2) : predicted];
      }),
    );
  const before = fromRows(classes, [...rows("a"), ...rows("b")]);
  const after = fromRows(classes, [...rows("a", 0), ...rows("b", 0)]); // nobody is a z any more
  const { attributes, overall } = compare(
    before,
    { method: after },
    { uncertainty: { replicates: 0 } },
  ).change["method"]!;
  const reason = "not the same groups or classes: it leaves out none before and z after";
  expect(overall["ppv"]).toMatchObject({ value: null, verdict: "undefined", reason });
  expect(overall["tpr"]!.value).toBeLessThan(0);
  for (const name of ["ppv.gap.macro", "ppv.gap.worst"])
    expect(attributes["group"]!.gaps[name]).toMatchObject({
      value: null,
      reason: "not the same groups or classes: it leaves out none before and a, b, z after",
    });
  expect(attributes["group"]!.gaps["eo.max.worst"]!.value).toBe(0);
});

test("weights: a row of weight 2 is one row that counts twice, not two rows", () => {
  const draw = random("weights");
  const rows = Array.from({ length: 400 }, (): [string, number, number] => [
    draw.int(2) ? "a" : "b",
    draw.int(2),
    draw.int(2),
  ]);
  const options = { positive: "1", uncertainty: { replicates: 2000 } };
  const once = evaluate(fromRows(BINARY, rows), options);
  const twice = evaluate(
    fromRows(
      BINARY,
      rows,
      rows.map(() => 2),
    ),
    options,
  );
  const doubled = evaluate(fromRows(BINARY, [...rows, ...rows]), options);
  expect(twice.overall.tpr.numerator).toBe(doubled.overall.tpr.numerator);
  expect(twice.overall.tpr.interval).toEqual(once.overall.tpr.interval);
  const width = ([low, high]: readonly number[]): number => high! - low!;
  const of = (report: typeof once): number =>
    width(report.attributes["group"]!.gaps["accuracy.gap"]!.interval!);
  expect(of(twice)).toBe(of(once));
  expect(of(doubled)).toBeLessThan(0.9 * of(once));
});

test("resamples in which a small group loses its rate are left out and said", () => {
  const rows: [string, number, number][] = [
    ...Array.from({ length: 60 }, (_, i): [string, number, number] => ["big", i % 2, (i >> 1) % 2]),
    ["tiny", 1, 1],
    ["tiny", 0, 0],
  ];
  const { gaps, groups } = evaluate(fromRows(BINARY, rows), {
    positive: "1",
    uncertainty: { gaps: "percentile" },
  }).attributes["group"]!;
  expect(gaps["eopp"]!.value).toBeCloseTo(0.5, 12);
  // P(no positive of tiny in 62 draws) = (61/62)^62 = 0.365
  const [, kept] = /interval from (\d+) of 10000 resamples/.exec(gaps["eopp"]!.note!)!;
  expect(Number(kept) / 10_000).toBeCloseTo(0.635, 1);
  expect(groups["tiny"]!.note).toBe("fewer than 30 rows");
});

test("a rate of few rows in a large group carries a note, whatever their weight", () => {
  const rows = Array.from({ length: 100 }, (_, i): Row => ["a", i < 12 ? 1 : 0, i % 2]);
  const weights = rows.map(() => 10);
  const options = { positive: "1", uncertainty: { replicates: 0 } };
  const { groups } = evaluate(fromRows(BINARY, rows, weights), options).attributes["group"]!;
  expect(groups["a"]!.note).toBeUndefined();
  expect(groups["a"]!.tpr.note).toBe("fewer than 30 rows in its denominator");
  expect(groups["a"]!.fpr.note).toBeUndefined();
});
