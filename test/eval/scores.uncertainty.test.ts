/** @file Intervals and fair models of score metrics: against theory, brute force and simulation. */
import { expect, test } from "vitest";
import { type Uniform, uniform } from "../../src/eval/uncertainty/binomial.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { wilson } from "../../src/eval/uncertainty/intervals.ts";
import { SCORE_GAP_NAMES } from "../../src/eval/metrics/gaps.ts";
import { shuffler, tallier } from "../../src/eval/scores/draw.ts";
import { rowSampler } from "../../src/eval/scores/sampler.ts";
import { scoreTable } from "../../src/eval/scores/table.ts";
import { fromScores, type Scored } from "./scored.ts";

const normal = (next: Uniform): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** Rows of one group: scores around `at`, and positive as often as `truthOf` says of a score. */
const drawn = (
  group: string,
  n: number,
  at: number,
  truthOf: (score: number) => number,
  next: Uniform,
): Scored[] =>
  Array.from({ length: n }, () => {
    const score = sigmoid(at + 2 * normal(next));
    return { group, score, truth: Number(next() < truthOf(score)) };
  });

const tableOf = (rows: readonly Scored[], clusters?: readonly number[]) =>
  scoreTable(fromScores(rows, clusters), { views: [1] })!;

test.each([1, 7, 2048, 5000])("drawing %i of as many with replacement is multinomial", (n) => {
  const counts = new Float64Array(n);
  const draw = tallier(counts, uniform("tally", n));
  const draws = Math.ceil(20_000 / Math.sqrt(n));
  const [sum, squares] = [new Float64Array(n), new Float64Array(n)];
  let halves = 0; // variance of the first half's total, which sees how blocks hang together
  for (let k = 0; k < draws; k++) {
    draw();
    expect(counts.reduce((a, b) => a + b)).toBe(n);
    counts.forEach((count, i) => {
      sum[i]! += count;
      squares[i]! += count * count;
    });
    halves += (counts.subarray(0, n >> 1).reduce((a, b) => a + b, 0) - (n >> 1)) ** 2;
  }
  const mean = (of: Float64Array): number => of.reduce((a, b) => a + b) / n / draws;
  expect(mean(sum)).toBe(1);
  // E[count^2] = 1 + (1 - 1/n)
  expect(mean(squares)).toBeCloseTo(2 - 1 / n, 1);
  const expected = ((n >> 1) * (n - (n >> 1))) / n;
  if (n > 1) {
    expect(halves / draws / expected).toBeGreaterThan(1 - 6 / Math.sqrt(draws));
    expect(halves / draws / expected).toBeLessThan(1 + 6 / Math.sqrt(draws));
    const error = 5 / Math.sqrt(draws);
    sum.forEach((total) => expect(Math.abs(total / draws - 1)).toBeLessThan(error));
  }
});

test.each([1, 2])("shuffling units of %i: every order as often", (size) => {
  const shuffle = shuffler(uniform("shuffle", size));
  const seen = new Map<string, number>();
  const numbers = Int32Array.from({ length: 3 * size }, (_, i) => i);
  const draws = 6000;
  for (let k = 0; k < draws; k++) {
    shuffle(numbers, size);
    for (let u = 0; u < numbers.length; u += size)
      if (size === 2) expect(numbers[u + 1]).toBe(numbers[u]! + 1);
    seen.set(numbers.join(), (seen.get(numbers.join()) ?? 0) + 1);
  }
  expect(seen.size).toBe(6);
  for (const n of seen.values()) expect(Math.abs(n - draws / 6)).toBeLessThan(150); // 5 deviations
});

test("a fair model keeps how many rows of each kind a group has, and their weights", () => {
  const next = uniform("exchange");
  const rows = ["a", "b", "c"].flatMap((name, g) =>
    drawn(name, 60 + 20 * g, g, (s) => s, next).map((row, i) => ({ ...row, weight: 1 + (i % 3) })),
  );
  for (const clusters of [undefined, rows.map((_, i) => i >> 1)]) {
    const table = tableOf(rows, clusters);
    const group = Int32Array.from(table.rows, (row) => "abc".indexOf(rows[row]!.group!));
    const census = (groups: Int32Array, mass: Float64Array, kind: Int32Array): string[] =>
      Array.from(groups, (g, r) => `${g} ${kind[r]}`)
        .sort()
        .concat(Array.from(groups, (g, r) => `${g} weighs ${mass[r]}`).sort());
    for (const [given, kind] of [
      ["truth", table.truth],
      ["score", table.alike],
    ] as const) {
      let arranged: Int32Array = group;
      let moved = 0;
      const spy = {
        arrange: (groups: Int32Array) => void (arranged = groups),
        update: (mass: Float64Array) => {
          expect(census(arranged, mass, kind)).toEqual(census(group, table.weight, kind));
          moved += arranged.reduce((n, g, r) => n + Number(g !== group[r]), 0);
        },
      };
      const draw = rowSampler(table, group, spy)(given, next);
      for (let k = 0; k < 5; k++) draw();
      expect(moved, given).toBeGreaterThan(0);
    }
  }
});

/** DeLong's standard error of an AUC (DeLong, DeLong and Clarke-Pearson 1988). */
function deLong(rows: readonly Scored[]): number {
  const scores = (y: number) => rows.filter(({ truth }) => truth === y).map(({ score }) => score);
  const [positives, negatives] = [scores(1), scores(0)];
  const wins = (s: number, t: number): number => (s > t ? 1 : s === t ? 0.5 : 0);
  const variance = (of: readonly number[]): number => {
    const mean = of.reduce((a, b) => a + b) / of.length;
    return of.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (of.length - 1);
  };
  const share = (of: readonly number[]): number => of.reduce((a, b) => a + b) / of.length;
  const above = positives.map((s) => share(negatives.map((t) => wins(s, t))));
  const below = negatives.map((t) => share(positives.map((s) => wins(s, t))));
  return Math.sqrt(variance(above) / positives.length + variance(below) / negatives.length);
}

test("the interval of an AUC has DeLong's standard error, that of a Brier score the mean's", () => {
  const rows = drawn("a", 500, 0, (s) => s, uniform("delong"));
  const { auc, brier } = evaluate(fromScores(rows), {
    positive: "1",
    uncertainty: { replicates: 4000 },
  }).overall.scores!;
  const logit = (x: number): number => Math.log(x / (1 - x));
  const errorOf = ({ value, interval }: typeof auc & {}): number =>
    ((logit(interval![1]) - logit(interval![0])) / 2 / 1.959964) * value! * (1 - value!);
  expect(errorOf(auc!) / deLong(rows)).toBeCloseTo(1, 1);
  const squares = rows.map(({ score, truth }) => (score - truth) ** 2);
  const variance = squares.reduce((sum, x) => sum + (x - brier!.value!) ** 2, 0) / (500 - 1);
  expect(errorOf(brier!) / Math.sqrt(variance / 500)).toBeCloseTo(1, 1);
});

test("what is perfect in a few rows is not certain", () => {
  const rows = [0.9, 0.8, 0.7, 0.1, 0.2, 0.3].map((score, i) => ({
    group: "a",
    score,
    truth: Number(i < 3),
  }));
  const options = { positive: "1", uncertainty: { replicates: 200 } };
  const { auc, averagePrecision } = evaluate(fromScores(rows), options).overall.scores!;
  expect([auc!.value, averagePrecision!.value]).toEqual([1, 1]);
  expect(auc!.interval).toEqual(wilson(1, 3, 0.95)); // three rows of each class
  expect(averagePrecision!.interval).toEqual(wilson(1, 3, 0.95));
  const sure = rows.map((row) => ({ ...row, score: row.truth }));
  const { scores } = evaluate(fromScores(sure), options).overall;
  expect(scores!.brier!.interval).toEqual(wilson(0, 6, 0.95));
  expect(scores!.calibrationBias!.interval![0]).toBeLessThan(-0.3);
  const one = evaluate(fromScores(rows.slice(0, 1)), options).overall.scores!;
  expect(one.brier!.interval![1] - one.brier!.interval![0]).toBeGreaterThan(0.7);
});

test("a calibrated model's calibration error is not above 0 for sure, a wrong one's is", () => {
  const next = uniform("calibrated");
  const options = { positive: "1", uncertainty: { replicates: 50 } };
  const ofModel = (truthOf: (s: number) => number) =>
    evaluate(fromScores(drawn("a", 300, 0, truthOf, next)), options).overall.scores!;
  const right = ofModel((s) => s);
  expect(right.ece!.value).toBeGreaterThan(0.02); // by chance
  expect(right.ece!.interval![0]).toBe(0);
  expect(right.eceConfidence!.interval![0]).toBe(0);
  const wrong = ofModel((s) => s / 2);
  for (const { value, interval } of [right.ece!, wrong.ece!]) {
    expect(interval![0]).toBeLessThan(value!);
    expect(interval![1]).toBeGreaterThan(value!);
  }
  expect(wrong.ece!.interval![0]).toBeGreaterThan(0.1);
});

test("clusters: copies of a row in its cluster tell nothing new", () => {
  const next = uniform("copies");
  const rows = ["a", "b"].flatMap((name, g) => drawn(name, 80, g, (s) => s, next));
  const copies = rows.flatMap((row) => [row, row, row]);
  const options = { positive: "1", uncertainty: { replicates: 300 } };
  const of = (from: readonly Scored[], clusters?: readonly number[]) =>
    evaluate(fromScores(from, clusters), options).attributes["group"]!;
  const [once, clustered, alone] = [
    of(rows),
    of(
      copies,
      copies.map((_, i) => Math.floor(i / 3)),
    ),
    of(copies),
  ];
  for (const name of ["auc", "brier", "ece", "logLoss", "calibrationBias"] as const) {
    const [one, three, free] = [once, clustered, alone].map(
      ({ groups }) => groups["b"]!.scores![name]!,
    );
    expect(three!.value).toBeCloseTo(one!.value!, 12);
    three!.interval!.forEach((end, i) => expect(end).toBeCloseTo(one!.interval![i]!, 9));
    const width = ([low, high]: readonly number[]): number => high! - low!;
    expect(width(free!.interval!)).toBeLessThan(0.8 * width(one!.interval!));
  }
  const bins = [once, clustered].map(({ curves }) => curves!["a"]!.calibration);
  bins[1]!.forEach(({ interval, rows: n }, b) => {
    expect(n).toBe(3 * bins[0]![b]!.rows);
    interval!.forEach((end, i) => expect(end).toBeCloseTo(bins[0]![b]!.interval![i]!, 12));
  });
  for (const name of ["auc.gap", "brier.gap", "calibration.gap"]) {
    const [one, three, free] = [once, clustered, alone].map(({ gaps }) => gaps[name]!.fair!);
    expect(Math.abs(three!.p95 - one!.p95), name).toBeLessThan(0.25 * one!.p95);
    expect(free!.p95, name).toBeLessThan(0.8 * one!.p95);
  }
});

test("one scale for all weights changes no interval", () => {
  const next = uniform("scale");
  const rows = ["a", "b"].flatMap((name, g) =>
    drawn(name, 50, g, (s) => s, next).map((row, i) => ({ ...row, weight: 1 + (i % 2) })),
  );
  const of = (scale: number) =>
    evaluate(fromScores(rows.map((row) => ({ ...row, weight: row.weight * scale }))), {
      positive: "1",
      uncertainty: { replicates: 100 },
    }).attributes["group"]!;
  const [one, other] = [of(1), of(1024)]; // a power of two rounds nothing
  expect(other.groups["a"]!.scores).toEqual(one.groups["a"]!.scores);
  for (const name of SCORE_GAP_NAMES) expect(other.gaps[name]).toEqual(one.gaps[name]);
});

test("a large table gets fewer resamples, and the report says so", () => {
  const rows = drawn("a", 40_000, 0, (s) => s, uniform("large"));
  const of = (replicates: number) =>
    evaluate(fromScores(rows), { positive: "1", attributes: [], uncertainty: { replicates } });
  expect(of(10_000).uncertainty).toMatchObject({ replicates: 10_000, scoreReplicates: 250 });
  expect(of(20).uncertainty.scoreReplicates).toBe(20);
});

test("resamples without a class, and rows without a score, are both said", () => {
  const rows = [
    ...drawn("b", 60, 0, (s) => s, uniform("few")),
    { group: "a", score: 0.7, truth: 1 },
    { group: "a", score: 0.4, truth: 0 },
    { group: "a", score: Number.NaN, truth: 0 },
  ];
  const { groups } = evaluate(fromScores(rows), { positive: "1" }).attributes["group"]!;
  const { note, interval } = groups["a"]!.scores!.auc!;
  const [, kept] = /^1 of 3 rows have no score; interval from (\d+) of 10000 resamples/.exec(
    note!,
  )!;
  expect(Number(kept) / 10_000).toBeCloseTo((1 - Math.exp(-1)) ** 2, 1);
  expect(interval).toEqual(wilson(1, 1, 0.95));
});

test("fair models: p-values are uniform, and what is unfair stands out", () => {
  const next = uniform("fair scores");
  const options = {
    positive: "1",
    uncertainty: { replicates: 99, gaps: "percentile" },
  } as const;
  const overconfident = (s: number): number => sigmoid(Math.log(s / (1 - s)) / 2);
  const gapsOf = (rows: readonly Scored[]) =>
    evaluate(fromScores(rows), options).attributes["group"]!.gaps;
  const runs = 100;
  const small = new Map<string, number>();
  for (let run = 0; run < runs; run++) {
    // the same scores by truth; a score means the same, though the groups' scores differ
    const alike = gapsOf(
      [120, 60, 40].flatMap((n, g) => drawn("abc"[g]!, n, 0, overconfident, next)),
    );
    const shifted = gapsOf(
      [120, 60, 40].flatMap((n, g) => drawn("abc"[g]!, n, g / 2, overconfident, next)),
    );
    for (const name of SCORE_GAP_NAMES) {
      const { fair } = (name === "auc.gap" || name === "brier.gap" ? alike : shifted)[name]!;
      small.set(name, (small.get(name) ?? 0) + Number(fair!.pValue <= 0.1));
    }
  }
  for (const [name, n] of small) expect(Math.abs(n / runs - 0.1), name).toBeLessThan(0.1);

  const worse = gapsOf([
    ...drawn("a", 300, 0, (s) => s, next),
    ...drawn("b", 300, 0, (s) => (s + 1) / 3, next),
  ]);
  for (const name of ["auc.gap", "brier.gap", "ece.gap"] as const)
    expect(worse[name]!.fair!.pValue, name).toBe(0.01);
  // beyond all of many draws, a p-value says more than how many they were
  const unfair = [...drawn("a", 400, 0, (s) => s, next), ...drawn("b", 400, 0, () => 0.5, next)];
  const { fair } = evaluate(fromScores(unfair), {
    positive: "1",
    uncertainty: { replicates: 200 },
  }).attributes["group"]!.gaps["auc.gap"]!;
  expect(fair!.pValue).toBeLessThan(1e-4);
  expect(fair!.pValue).toBeGreaterThan(0);
  const higher = gapsOf([
    ...drawn("a", 300, 0, (s) => s, next),
    ...drawn("b", 300, 0, (s) => s ** 2, next),
  ]);
  expect(higher["calibration.gap"]!.fair!.pValue).toBe(0.01);
});
