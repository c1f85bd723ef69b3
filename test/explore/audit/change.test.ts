/** @file Before and after: equal clusterings change nothing, a debiased one does, and intervals hold the truth. */
import { describe, expect, test } from "vitest";
import { clusterChange } from "../../../src/explore/audit/change.ts";
import { associationOf, contingency } from "../../../src/explore/audit/contingency.ts";
import { queryChange } from "../../../src/explore/audit/query-change.ts";
import { random } from "../../../src/run/random.ts";
import { clusteringOf, dealt, groupingOf, tableOf } from "./samples.ts";

test("the same encoder: agreement 1, changes of exactly 0", () => {
  const { clustering, grouping } = dealt(200, 4, 3, "same");
  const [change] = clusterChange(clustering, clustering, [grouping], { replicates: 100 });
  expect(change!.agreement).toBe(1);
  for (const { change: of } of [...Object.values(change!.measures), ...change!.lifts])
    expect(of).toEqual({ value: 0, interval: [0, 0] });
});

test("clusters that were the groups, then follow nothing: everything falls, and surely so", () => {
  const { clustering, grouping } = tableOf([
    [60, 0],
    [0, 60],
  ]);
  const mixed = clusteringOf(Array.from({ length: 120 }, (_, i) => i % 2));
  const [change] = clusterChange(clustering, mixed, [grouping], { replicates: 300 });
  const { cramersV, adjustedRand, explained } = change!.measures;
  expect(cramersV.before.value).toBeCloseTo(1, 12);
  expect(explained.before.value).toBeCloseTo(1, 12);
  expect(adjustedRand.before.value).toBeCloseTo(1, 12);
  for (const { change: of } of [cramersV, adjustedRand, explained]) {
    expect(of.value).toBeLessThan(-0.9);
    expect(of.interval![1]).toBeLessThan(-0.7);
  }
  expect(change!.lifts.map(({ before, after }) => [before.value, after.value])).toEqual([
    [2, 1],
    [2, 1],
  ]);
});

test("rows without a label, or without a cluster on either side, are left out; one label is null and the reason", () => {
  const before = clusteringOf([0, 0, 1, 1, -1, 0]);
  const after = clusteringOf([1, 0, 1, 0, 0, 0]);
  const [two, one] = clusterChange(
    before,
    after,
    [
      groupingOf("g", ["a", "b", "a", "b", "a", null]),
      groupingOf("one", ["a", "a", "a", "a", "a", "a"]),
    ],
    { replicates: 20, minSize: 1 },
  );
  expect(two!.rows).toBe(4);
  expect(one!.measures.cramersV.change).toMatchObject({
    value: null,
    reason: "fewer than two groups or clusters have rows",
  });
  expect(JSON.stringify([two, one])).not.toMatch(/NaN|Infinity/);
  const [none] = clusterChange(before, after, [
    groupingOf("g", [null, null, null, null, null, null]),
  ]);
  expect(none!.rows).toBe(0);
});

describe("simulation", () => {
  test("the paired interval holds the change of every measure", () => {
    const draw = random("change coverage");
    // each row: a group; before, its cluster is the group's in 70%; after, in 50%
    const follow = (g: number, p: number): number => (draw.uniform() < p ? g : draw.int(3));
    const sample = (n: number) => {
      const groups = Array.from({ length: n }, () => draw.int(3));
      return {
        groups,
        before: groups.map((g) => follow(g, 0.7)),
        after: groups.map((g) => follow(g, 0.5)),
      };
    };
    const large = sample(400_000);
    const of = (labels: readonly number[]) =>
      associationOf(contingency(Int32Array.from(labels), Int32Array.from(large.groups), 3, 3));
    const [was, is] = [of(large.before), of(large.after)];
    const truth = {
      cramersV: is.cramersVCorrected - was.cramersVCorrected,
      explained: is.explained - was.explained,
      information: is.information - was.information,
      adjustedRand: is.adjustedRand - was.adjustedRand,
    };
    const RUNS = 400;
    const held = { cramersV: 0, explained: 0, information: 0, adjustedRand: 0 };
    for (let run = 0; run < RUNS; run++) {
      const { groups, before, after } = sample(250);
      const [change] = clusterChange(
        clusteringOf(before),
        clusteringOf(after),
        [groupingOf("g", groups.map(String))],
        { replicates: 200, seed: run },
      );
      for (const name of Object.keys(held) as (keyof typeof held)[]) {
        const [low, high] = change!.measures[name].change.interval!;
        if (low <= truth[name] && truth[name] <= high) held[name]++;
      }
    }
    for (const name of Object.keys(held) as (keyof typeof held)[])
      expect(held[name] / RUNS, name).toBeGreaterThan(0.9);
  });
});

describe("queries", () => {
  const groups = Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? "f" : "m"));
  const gender = groupingOf("gender", groups);

  test("all men first, then as in the data: skew falls from ln(3/2) to 0", () => {
    const before = {
      CEO: Float64Array.from(groups, (g, i) => Number(g === "m") - i / 1000),
      other: new Float64Array(60),
    };
    const after = { CEO: Float64Array.from(groups, (_, i) => -i) };
    const [change, ...rest] = queryChange(before, after, [gender], { top: 12, replicates: 200 });
    expect(rest).toEqual([]);
    expect(change).toMatchObject({ query: "CEO", attribute: "gender", k: 12, rows: 60 });
    expect(change!.maxSkew.before.value).toBeCloseTo(Math.log(3 / 2), 12);
    expect(change!.maxSkew.after.value).toBeCloseTo(0, 12);
    const [f, m] = change!.shares;
    expect(f!.prior).toBeCloseTo(1 / 3, 12);
    expect([f!.before.value, f!.after.value]).toEqual([0, expect.closeTo(1 / 3, 12)]);
    expect(m!.change.value).toBeCloseTo(-1 / 3, 12);
    expect(m!.change.interval![1]).toBeLessThan(0);
  });

  test("equal rankings change nothing; rows without a label or a similarity are left out; one group is null", () => {
    const scores = { q: Float64Array.from(groups, (_, i) => (i === 5 ? Number.NaN : i)) };
    const [same, one, none] = queryChange(
      scores,
      scores,
      [
        gender,
        groupingOf(
          "one",
          groups.map(() => "a"),
        ),
        groupingOf(
          "none",
          groups.map(() => null),
        ),
      ],
      { top: 100, replicates: 50 },
    );
    expect(same).toMatchObject({ k: 59, rows: 59 });
    expect(same!.maxSkew.change).toEqual({ value: 0, interval: [0, 0] });
    expect(one!.maxSkew.change).toMatchObject({
      value: null,
      reason: "fewer than two groups have rows",
    });
    expect(none).toMatchObject({ rows: 0, maxSkew: { change: { value: null } } });
    expect(JSON.stringify([same, one, none])).not.toMatch(/NaN|Infinity/);
  });
});
