import { describe, expect, test } from "vitest";
import {
  absentSpace,
  groupPrompts,
  similaritiesOf,
} from "../../../src/explore/drift/similarities.ts";
import { STUDY_SPACES } from "../../../src/explore/drift/spaces.ts";
import { driftStatistics } from "../../../src/explore/drift/statistics.ts";
import { quadrupletsOf } from "../../../src/explore/drift/templates.ts";
import { random } from "../../../src/run/random.ts";

const CATEGORIES = ["sleep", "arts", "sport"];

/** Activities whose neutral prompts are nearer to the young one by `shift`, give or take. */
function study(n: number, shift: number, seed = 1) {
  const quadruplets = groupPrompts(
    quadrupletsOf(
      Array.from({ length: n }, (_, i) => ({
        activity: `activity ${i}`,
        category: CATEGORIES[i % 3]!,
      })),
      "document",
    ),
  );
  const next = random("study", seed);
  const values = quadruplets.map(() => {
    const scene = 0.7 + 0.1 * next.normal(); // what a quadruplet has in common
    const of = (more: number): number => scene + more + 0.03 * next.normal();
    return [of(shift), of(0), of(0), of(0), of(-0.1), of(0)];
  });
  return { quadruplets, values };
}
const statistics = (
  { quadruplets, values }: ReturnType<typeof study>,
  options?: Parameters<typeof driftStatistics>[1],
) =>
  driftStatistics(
    similaritiesOf(quadruplets, [
      { space: STUDY_SPACES.image, reason: null, values, without: [] },
      absentSpace(quadruplets, STUDY_SPACES.dino, "none"),
    ]),
    { replicates: 2000, ...options },
  );

describe("C000-12", () => {
  test("a known shift is found, though scenes differ by far more", () => {
    const { comparisons, pairs } = statistics(study(60, 0.03));
    expect(comparisons.map(({ ages }) => ages.join("-"))).toEqual([
      "young-older",
      "young-middle",
      "middle-older",
    ]);
    const [young, , middle] = comparisons;
    expect(young!.interval![0]).toBeGreaterThan(0);
    expect(young!.interval![0]).toBeLessThan(0.03);
    expect(young!.interval![1]).toBeGreaterThan(0.03);
    expect(young!.signedRank!.pHolm).toBeLessThan(0.01);
    expect(young!.signFlip!.pHolm).toBeLessThan(0.01);
    expect(young!.nearer[0] + young!.nearer[1]).toBe(60);
    expect(young!.effect).toBeGreaterThan(0.4);
    expect(young!.rankBiserial).toBeGreaterThan(0.4);
    expect(middle!.interval![0]).toBeLessThan(0);
    expect(middle!.interval![1]).toBeGreaterThan(0);
    expect(pairs.map(({ groups }) => groups.join("-"))).toHaveLength(6);
    expect(pairs[4]!.mean).toBeCloseTo(0.6, 1);
  });

  test("without a shift, about 95 of 100 intervals contain 0, and about 5 of 100 tests say otherwise", () => {
    const rounds = 200;
    let [covered, rejected] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const { comparisons } = statistics(study(24, 0, round), { replicates: 500 });
      const [low, high] = comparisons[0]!.interval!;
      if (low <= 0 && 0 <= high) covered++;
      if (comparisons[0]!.signedRank!.pValue < 0.05) rejected++;
    }
    expect(covered / rounds).toBeGreaterThan(0.9);
    expect(covered / rounds).toBeLessThan(0.99);
    expect(rejected / rounds).toBeLessThan(0.1);
  });

  test("every category has its own comparisons, corrected for all of them", () => {
    const { byCategory } = statistics(study(60, 0.03));
    expect(byCategory).toHaveLength(9);
    expect(byCategory.map(({ category, n }) => [category, n])[3]).toEqual(["arts", 20]);
    const sleep = byCategory[0]!;
    expect(sleep.interval![0]).toBeGreaterThan(0);
    expect(sleep.signedRank!.pHolm).toBeGreaterThanOrEqual(sleep.signedRank!.pValue);
    expect(sleep.signedRank!.pHolm).toBeLessThanOrEqual(1);
  });
});

test("by hand: three activities, one of them without an older picture", () => {
  const { quadruplets } = study(3, 0);
  const values = [
    [0.9, 0.5, 0.6, 0.5, 0.4, 0.5],
    [0.7, 0.7, 0.6, 0.5, 0.4, 0.5],
    [0.8, 0.5, null, 0.5, null, null],
  ];
  const { comparisons, pairs } = statistics({ quadruplets, values } as never);
  const [older, middle] = comparisons;
  expect(older).toMatchObject({ n: 2, nearer: [2, 0], rankBiserial: 1 });
  expect(older!.mean).toBeCloseTo(0.2, 12);
  expect(older!.effect).toBeCloseTo(0.2 / (0.1 * Math.SQRT2), 12);
  expect(older!.signedRank).toMatchObject({ statistic: 3, pValue: 0.5, pHolm: 1 });
  expect(middle).toMatchObject({ n: 3, nearer: [2, 0] });
  expect(middle!.mean).toBeCloseTo(0.7 / 3, 12);
  expect(pairs[2]).toMatchObject({ groups: ["neutral", "older"], n: 2 });
});

test("one activity: a difference, but no interval; one category: no comparison by it", () => {
  const { comparisons, byCategory } = statistics(study(1, 0.1));
  expect(comparisons[0]).toMatchObject({ n: 1, interval: null, effect: null });
  expect(comparisons[0]!.mean).not.toBeNull();
  expect(comparisons[0]!.signedRank!.pValue).toBe(1);
  expect(byCategory).toEqual([]);
});

test("the same seed, the same numbers; spaces without values are left out", () => {
  const once = statistics(study(12, 0.01));
  expect(statistics(study(12, 0.01))).toEqual(once);
  expect(statistics(study(12, 0.01), { seed: 7 })).not.toEqual(once);
  expect(new Set(once.comparisons.map(({ space }) => space.key))).toEqual(new Set(["image"]));
});
