/** @file Groups that a model tells: the correction by hand, its limits, and that intervals hold the truth. */
import { describe, expect, test } from "vitest";
import { correctedShares } from "../../../src/explore/audit/predicted.ts";
import type { Grouping } from "../../../src/explore/grouping.ts";
import { type Random, random } from "../../../src/run/random.ts";
import { clusteringOf } from "./samples.ts";

const told = (
  codes: readonly number[],
  values: readonly string[],
  confusion: readonly number[],
): Grouping => ({
  name: "gender",
  values,
  codes: Int32Array.from(codes),
  predicted: {
    model: "run/x",
    rows: confusion.reduce((a, b) => a + b, 0),
    confusion: Float64Array.from(confusion),
    seen: 0,
  },
});
const repeat = (n: number, of: number): number[] => Array.from({ length: n }, () => of);

test("by hand: a model that is right on 90% and 80%", () => {
  // told f in 55 of 100: p 0.9 + (1 - p) 0.2 = 0.55, so p = 0.5
  const grouping = told([...repeat(55, 0), ...repeat(45, 1)], ["f", "m"], [90, 10, 20, 80]);
  const found = correctedShares({ labels: new Int32Array(100), clusters: 1 }, grouping);
  expect(found.groups.map(({ recall }) => recall.value)).toEqual([0.9, 0.8]);
  const [f, m] = found.clusters[0]!;
  expect(f!.observed).toBe(0.55);
  expect(f!.corrected.value).toBeCloseTo(0.5, 12);
  expect(m!.corrected.value).toBeCloseTo(0.5, 12);
  expect(f!.lift.value).toBeCloseTo(1, 12);
  expect(found.amplification).toBeCloseTo(1.1 / 0.7, 12); // |0.9| + |0.2| over 0.9 0.8 - 0.1 0.2
  // wider than what 100 rows alone would give
  const [low, high] = f!.corrected.interval!;
  expect(high - low).toBeGreaterThan(2 * 1.96 * Math.sqrt(0.25 / 100) * 1.2);
});

test("a perfect model changes nothing", () => {
  const labels = clusteringOf([0, 0, 0, 0, 1, 1, -1]);
  const grouping = told([0, 0, 0, 1, 1, 1, 1], ["a", "b"], [500, 0, 0, 500]);
  const { clusters, all } = correctedShares(labels, grouping);
  expect(clusters.map((of) => of.map(({ corrected }) => corrected.value))).toEqual([
    [0.75, 0.25],
    [0, 1],
  ]);
  expect(all[0]!.corrected.value).toBe(0.5);
});

test("shares never leave 0 to 1; where not even that fits, there is no interval and the reason", () => {
  // told a in 17%, though the model takes 20% of b for a: none, or few
  const few = told([...repeat(17, 0), ...repeat(83, 1)], ["a", "b"], [80, 20, 20, 80]);
  const [a, b] = correctedShares(clusteringOf(repeat(100, 0)), few).clusters[0]!;
  expect([a!.corrected.value, b!.corrected.value]).toEqual([
    expect.closeTo(0, 6),
    expect.closeTo(1, 6),
  ]);
  expect(a!.corrected.interval![0]).toBe(0);
  expect(a!.corrected.interval![1]).toBeGreaterThan(0.02);
  // told a in none: errors cannot be what they were
  const none = told(repeat(100, 1), ["a", "b"], [80, 20, 20, 80]);
  const [of] = correctedShares(clusteringOf(repeat(100, 0)), none).clusters[0]!;
  expect(of!.corrected).toMatchObject({
    interval: null,
    note: expect.stringMatching(/it errs differently here/),
  });
  expect(of!.lift.interval).toBeNull();
});

test.each([
  ["a model that guesses", [50, 50, 50, 50], /without limit/],
  ["a model that hardly tells them apart", [54, 46, 46, 54], /up to 13 times/],
  ["a group that no labelled row has", [50, 5, 0, 0], /no labelled row of m/],
])("%s: null and the reason, with what was observed", (_, confusion, reason) => {
  const grouping = told([0, 0, 1, 1], ["f", "m"], confusion);
  const found = correctedShares(clusteringOf([0, 0, 1, 1]), grouping);
  expect(found.reason).toMatch(reason);
  expect(found.clusters[0]![0]).toMatchObject({
    observed: 1,
    corrected: { value: null, reason: found.reason },
  });
  expect(JSON.stringify({ ...found, by: null })).not.toMatch(/NaN/);
});

/** The code whose share of 1 a number falls on. */
function drawOf(draw: Random, shares: readonly number[]): number {
  let u = draw.uniform();
  return Math.max(
    0,
    shares.findIndex((p) => (u -= p) < 0),
  );
}

describe("simulation", () => {
  test.each([
    [
      "two groups, 100 labelled rows each",
      [
        [0.9, 0.1],
        [0.2, 0.8],
      ],
      [
        [0.8, 0.2],
        [0.3, 0.7],
      ],
      100,
    ],
    [
      "a rare group in a cluster, 100 labelled rows each",
      [
        [0.95, 0.05],
        [0.1, 0.9],
      ],
      [
        [0.03, 0.97],
        [0.6, 0.4],
      ],
      100,
    ],
    [
      "three groups, 60 labelled rows each",
      [
        [0.8, 0.1, 0.1],
        [0.1, 0.7, 0.2],
        [0.05, 0.15, 0.8],
      ],
      [
        [0.5, 0.3, 0.2],
        [0.2, 0.2, 0.6],
      ],
      60,
    ],
    [
      "a model that is nearly always right, 40 labelled rows each",
      [
        [0.98, 0.02],
        [0.02, 0.98],
      ],
      [
        [0.5, 0.5],
        [0.1, 0.9],
      ],
      40,
    ],
  ] as const)("intervals hold the truth: %s", (name, rates, truth, labelled) => {
    const draw = random("predicted coverage", name);
    const size = rates.length;
    const RUNS = 250;
    const held = truth.map((shares) => shares.map(() => 0));
    for (let run = 0; run < RUNS; run++) {
      const confusion = rates.flatMap((row) => {
        const counts = row.map(() => 0);
        for (let i = 0; i < labelled; i++) counts[drawOf(draw, row)]! += 1;
        return counts;
      });
      const rows = truth.flatMap((shares, c) =>
        Array.from({ length: 200 }, () => [c, drawOf(draw, rates[drawOf(draw, shares)]!)] as const),
      );
      const { clusters } = correctedShares(
        clusteringOf(rows.map(([c]) => c)),
        told(
          rows.map(([, code]) => code),
          ["a", "b", "c"].slice(0, size),
          confusion,
        ),
        { replicates: 300, seed: run },
      );
      truth.forEach((shares, c) =>
        shares.forEach((share, g) => {
          const [low, high] = clusters[c]![g]!.corrected.interval!;
          if (low <= share && share <= high) held[c]![g]! += 1;
        }),
      );
    }
    for (const of of held.flat()) {
      expect(of / RUNS).toBeGreaterThan(0.91);
    }
  });
});
