/** @file Diversity: goldens, pairs counted one by one, and identical rows at exactly 0. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clusterDiversity, evenness } from "../../../src/explore/audit/diversity.ts";
import { random } from "../../../src/run/random.ts";
import { hasReference, reference } from "../../golden.ts";
import { clusteringOf, points } from "./samples.ts";

interface Golden {
  readonly counts: readonly number[];
  readonly shannon_nats: number;
  readonly hill_number_exp_H: number;
  readonly evenness_pielou: number | null;
  readonly normalised_by_all_categories: number | null;
  readonly simpson_1_minus_sum_p2: number;
}

describe.skipIf(!hasReference)("goldens", () => {
  const goldens = hasReference
    ? (
        JSON.parse(readFileSync(reference("cluster", "golden.json"), "utf8")) as {
          diversity: readonly Golden[];
        }
      ).diversity
    : [];
  test.each(goldens)("counts $counts", (golden) => {
    const close = (value: number | null, of: number | null): void =>
      of === null ? expect(value).toBeNull() : expect(value).toBeCloseTo(of, 12);
    const found = evenness(golden.counts);
    close(found.entropy, golden.shannon_nats);
    close(found.effective, golden.hill_number_exp_H);
    close(found.pielou, golden.evenness_pielou);
    close(found.normalised, golden.normalised_by_all_categories);
    close(found.simpson, golden.simpson_1_minus_sum_p2);
  });
});

test("no counts at all: null", () => {
  expect(evenness([0, 0])).toMatchObject({ entropy: null, effective: null, simpson: null });
});

const rows = fc.array(fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 3, maxLength: 3 }), {
  minLength: 2,
  maxLength: 9,
});

test("property: the mean over pairs, and of the cosine to the mean direction, counted one by one", () => {
  fc.assert(
    fc.property(rows, (all) => {
      const norm = (v: readonly number[]): number => Math.hypot(...v);
      const unit = all.filter((v) => norm(v) > 0).map((v) => v.map((of) => of / norm(v)));
      const cosine = (a: readonly number[], b: readonly number[]): number =>
        a.reduce((sum, of, j) => sum + of * b[j]!, 0) / (norm(a) * norm(b));
      const { all: found } = clusterDiversity(points(all), clusteringOf(all.map(() => 0)));
      expect(found.rows).toBe(unit.length);
      if (unit.length < 2) return;
      const distances = unit.flatMap((a, i) => unit.slice(i + 1).map((b) => 1 - cosine(a, b)));
      const mean = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0) / of.length;
      expect(found.pairs.value).toBeCloseTo(mean(distances), 9);
      const centre = [0, 1, 2].map((j) => mean(unit.map((v) => v[j]!)));
      if (norm(centre) > 1e-6)
        expect(found.centre.value).toBeCloseTo(mean(unit.map((v) => 1 - cosine(v, centre))), 9);
    }),
  );
});

test("identical pictures are at exactly 0, whatever their length", () => {
  const one = [0.1, 0.7, -0.3];
  const same = points([one, one, one.map((of) => 2 * of), one]);
  const { clusters, all } = clusterDiversity(same, clusteringOf([0, 0, 0, 0]));
  expect(clusters[0]).toEqual({
    rows: 4,
    pairs: { value: 0, interval: [0, 0] },
    centre: { value: 0, interval: null },
  });
  expect(all.pairs.value).toBe(0);
});

test("two images, one of them alone, one without a direction", () => {
  const { clusters } = clusterDiversity(
    points([
      [1, 0],
      [0, 1],
      [1, 1],
      [0, 0],
    ]),
    clusteringOf([0, 0, 1, 1]),
  );
  expect(clusters[0]!.pairs).toEqual({ value: 1, interval: null });
  expect(clusters[1]).toMatchObject({
    rows: 1,
    pairs: { value: null, reason: "a single row has no pair" },
    centre: { value: 0 },
  });
});

test("simulation: the interval over pairs holds the truth", () => {
  const draw = random("diversity coverage");
  const sample = (n: number) =>
    points(
      Array.from({ length: n }, () => [
        1 + draw.normal() / 2,
        draw.normal() / 2,
        draw.normal() / 4,
      ]),
    );
  const of = (n: number) => clusterDiversity(sample(n), clusteringOf([])).all.pairs;
  const truth = of(200_000).value!;
  const RUNS = 300;
  const inside = Array.from({ length: RUNS }, () => of(60).interval!).filter(
    ([low, high]) => low <= truth && truth <= high,
  ).length;
  expect(inside / RUNS).toBeGreaterThan(0.91);
});
