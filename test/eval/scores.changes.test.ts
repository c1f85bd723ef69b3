/** @file Changes of score metrics between two models of the same rows. */
import { expect, test } from "vitest";
import { compare } from "../../src/eval/compare.ts";
import { SCORE_GAP_NAMES } from "../../src/eval/metrics/gaps.ts";
import { SCORE_NAMES } from "../../src/eval/metrics/scores.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import type { ChangeReport } from "../../src/eval/report/comparison.ts";
import { type Uniform, uniform } from "../../src/eval/uncertainty/binomial.ts";
import { fromScores } from "./scored.ts";

const OPTIONS = { positive: "1", uncertainty: { replicates: 200 } };
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
const normal = (next: Uniform): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** Two models of the same rows, of whose log-odds they make others. */
function models(
  n: number,
  next: Uniform,
  ...of: readonly ((odds: number, noise: number) => number)[]
): Predictions[] {
  const rows = Array.from({ length: n }, (_, i) => {
    const odds = 2 * normal(next);
    return { group: i % 3 === 0 ? "a" : "b", odds, noise: normal(next), u: next() };
  });
  return of.map((model) =>
    fromScores(
      rows.map(({ group, odds, noise, u }) => ({
        group,
        truth: Number(u < sigmoid(odds)),
        score: sigmoid(model(odds, noise)),
        predicted: 0, // the scores alone differ
      })),
    ),
  );
}

const changeOf = (before: Predictions, after: Predictions): ChangeReport =>
  compare(before, { method: after }, OPTIONS).change["method"]!;

test("a model that is the same has not changed, in any resample", () => {
  const [model] = models(200, uniform("same"), (odds) => 2 * odds);
  const { overall, attributes } = changeOf(model!, model!);
  const { groups, gaps } = attributes["group"]!;
  for (const name of SCORE_NAMES)
    for (const changes of [overall, groups["a"]!])
      expect(changes[name]).toMatchObject({ value: 0, interval: [0, 0], verdict: "unclear" });
  for (const name of SCORE_GAP_NAMES) expect(gaps[name]!.value).toBe(0);
});

test("what got better is said to be, by the values of the reports", () => {
  const [noisy, plain] = models(
    1500,
    uniform("better"),
    (odds, e) => odds + 2 * e,
    (odds) => odds,
  );
  const { before, after, change } = compare(noisy!, { plain: plain! }, OPTIONS);
  for (const name of SCORE_NAMES) {
    const of = change["plain"]!.overall[name]!;
    const [was, is] = [before, after["plain"]!].map(({ overall }) => overall.scores![name]!.value!);
    expect(of.value).toBeCloseTo(is! - was!, 12);
    expect(of.interval![0]).toBeLessThanOrEqual(of.value!);
    expect(of.interval![1]).toBeGreaterThanOrEqual(of.value!);
  }
  const verdicts = ["auc", "averagePrecision", "brier", "logLoss", "ece"].map(
    (name) => change["plain"]!.overall[name]!.verdict,
  );
  expect(new Set(verdicts)).toEqual(new Set(["better"]));
  expect(change["plain"]!.overall["meanScore"]!.verdict).toBe("unclear");
  // the same rows: what is hard for both widens no interval of the change
  const { interval } = change["plain"]!.overall["auc"]!;
  const width = ([low, high]: readonly number[]): number => high! - low!;
  const alone = [before, after["plain"]!].map(({ overall }) =>
    width(overall.scores!.auc!.interval!),
  );
  expect(width(interval!)).toBeLessThan(0.9 * Math.hypot(...alone));
});

test("the interval of a change of a calibration error holds it, though chance raises one of the two more", () => {
  const next = uniform("calibration changes");
  const runs = 60;
  const pair = (n: number) =>
    models(
      n,
      next,
      (odds) => 2.5 * odds,
      (odds) => odds,
    ) as [Predictions, Predictions];
  const [bad, good] = pair(200_000);
  const none = { positive: "1", attributes: [], uncertainty: { replicates: 0 } };
  const truth = compare(bad, { good }, none).change["good"]!.overall;
  let held = 0;
  for (let run = 0; run < runs; run++) {
    const { overall } = changeOf(...pair(150));
    const [low, high] = overall["ece"]!.interval!;
    if (low <= truth["ece"]!.value! && truth["ece"]!.value! <= high) held++;
  }
  expect(held / runs).toBeGreaterThan(0.85); // three standard errors below 0.95
});

test("where not the same rows have a score there is no change, and why is said", () => {
  const [before, after] = models(
    100,
    uniform("holes"),
    (odds) => odds,
    (odds) => 2 * odds,
  );
  const holes = { ...after!, score: after!.score!.map((s, i) => (i === 7 ? Number.NaN : s)) };
  const { overall, attributes } = changeOf(before!, holes);
  const reason = "not the same rows have a score";
  expect(overall["auc"]).toEqual({ value: null, interval: null, verdict: "undefined", reason });
  expect(attributes["group"]!.gaps["auc.gap"]).toMatchObject({ value: null, reason });
  const logits = { ...after!, score: after!.score!.map((s) => 4 * s) };
  const beyond = changeOf(before!, logits).overall;
  expect(beyond["auc"]!.value).not.toBeNull();
  expect(beyond["brier"]!.reason).toMatch(/have a score outside \[0, 1\]$/);
  const { score: _, ...labels } = after!;
  expect(Object.keys(changeOf(before!, labels).overall)).not.toContain("auc");
});
