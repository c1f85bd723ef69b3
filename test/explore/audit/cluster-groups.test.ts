/** @file Cluster x group tables: by hand, by independent formulas, by simulation, and hard cases. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { associationOf, contingency } from "../../../src/explore/audit/contingency.ts";
import { clusterGroups } from "../../../src/explore/audit/cluster-groups.ts";
import { random } from "../../../src/run/random.ts";
import { clusteringOf, dealt, groupingOf, tableOf } from "./samples.ts";

const quick = { permutations: 199, replicates: 200 };

describe("a table of two by two, by hand", () => {
  // 20 of a and 10 of b in cluster 0; 5 of a and 15 of b in cluster 1
  const { clustering, grouping } = tableOf([
    [20, 10],
    [5, 15],
  ]);
  const [table] = clusterGroups(clustering, [grouping], { permutations: 9999 });
  const { association, clusters } = table!;

  test("chi-square, Cramer's V and its correction", () => {
    // n (ad - bc)^2 / product of margins = 50 (300 - 50)^2 / (30 20 25 25) = 25/3
    expect(association.chiSquare).toBeCloseTo(25 / 3, 12);
    expect(association.degrees).toBe(1);
    expect(association.cramersV).toBeCloseTo(Math.sqrt(1 / 6), 12);
    // phi^2 = 1/6 - 1/49; rows and columns are 2 - 1/49 each
    expect(association.cramersVCorrected.value).toBeCloseTo(
      Math.sqrt((1 / 6 - 1 / 49) / (1 - 1 / 49)),
      12,
    );
    expect(association.explained).toBeCloseTo(1 / 6, 12); // of 2 x 2, phi^2
    expect(association.smallExpected).toBe(0);
  });

  test("the p-value is that of all tables with these margins", () => {
    // the hypergeometric probabilities that are at most P(20), summed in integers
    expect(Math.abs(association.pValue! - 0.00858)).toBeLessThan(0.003);
    expect(clusters[0]!.groups[0]!.pValue).toBeCloseTo(0.0085785, 7);
  });

  test("shares, expected counts, lift", () => {
    const [a, b] = clusters[0]!.groups;
    expect(a).toMatchObject({ group: "a", rows: 20, expected: 15 });
    expect(a!.share.value).toBeCloseTo(2 / 3, 12);
    expect(a!.lift.value).toBeCloseTo(4 / 3, 12);
    expect(b!.lift.value).toBeCloseTo(2 / 3, 12);
    expect(clusters[1]!.groups[0]!.lift.value).toBeCloseTo(0.5, 12);
    for (const { lift } of [a!, b!]) {
      expect(lift.interval![0]).toBeLessThan(lift.value!);
      expect(lift.interval![1]).toBeGreaterThan(lift.value!);
    }
    // one test, for the four cells mirror each other
    expect(new Set(clusters.flatMap(({ groups }) => groups.map(({ pHolm }) => pHolm))).size).toBe(
      1,
    );
    expect(a!.pHolm).toBe(a!.pValue);
  });
});

test("rows without a label or a cluster are left out and counted", () => {
  const clustering = clusteringOf([0, 0, 0, 1, 1, 1, -1, -1]);
  const grouping = groupingOf("g", ["a", "a", null, "b", "b", "a", "a", null]);
  const [table] = clusterGroups(clustering, [grouping], quick);
  expect(table).toMatchObject({ rows: 5, missing: 1, noise: 2 });
  expect(table!.clusters.map(({ rows, missing }) => [rows, missing])).toEqual([
    [2, 1],
    [3, 0],
  ]);
  expect(table!.clusters[0]!.note).toBe("fewer than 20 rows with a label");
});

describe("hard cases", () => {
  test.each([
    ["one label", [0, 0, 1, 1], ["a", "a", "a", "a"], "all rows have the same label"],
    ["one cluster", [0, 0, 0, 0], ["a", "b", "a", "b"], "all rows with a label are in one cluster"],
    ["no label", [0, 1, 0, 1], [null, null, null, null], "no row has a g and a cluster"],
    ["no cluster", [-1, -1], ["a", "b"], "no row has a g and a cluster"],
  ] as const)("%s: null and the reason", (_, labels, column, reason) => {
    const [table] = clusterGroups(clusteringOf([...labels]), [groupingOf("g", column)], quick);
    expect(table!.association).toMatchObject({
      chiSquare: null,
      cramersV: null,
      pValue: null,
      reason,
    });
    expect(table!.association.cramersVCorrected).toMatchObject({ value: null, reason });
    const cells = table!.clusters.flatMap(({ groups }) => groups);
    expect(cells.every(({ pValue, pHolm }) => pValue === null && pHolm === null)).toBe(true);
    expect(JSON.stringify(table)).not.toMatch(/NaN|Infinity/);
  });

  test("two images", () => {
    const [table] = clusterGroups(clusteringOf([0, 1]), [groupingOf("g", ["a", "b"])], quick);
    expect(table!.association.cramersV).toBe(1);
    expect(table!.association.pValue).toBe(1); // both ways of dealing out give this chi-square
    expect(table!.clusters[0]!.groups[0]!.lift).toMatchObject({ value: 2 });
    expect(table!.association.cramersVCorrected.value).toBe(0);
  });

  test("40 labels, most cells expected to be small: it is said", () => {
    const { clustering, grouping } = dealt(400, 10, 40, "forty");
    const [table] = clusterGroups(clustering, [grouping], quick);
    expect(table!.association).toMatchObject({ cells: 400, smallExpected: 400 });
    expect(table!.association.note).toMatch(/400 of 400 cells are expected to hold fewer than 5/);
  });

  test("a group that only one cluster has: its lift ends at the largest there can be", () => {
    const { clustering, grouping } = tableOf([
      [30, 10],
      [0, 60],
    ]);
    const { lift } = clusterGroups(clustering, [grouping], quick)[0]!.clusters[0]!.groups[0]!;
    expect(lift.value).toBeCloseTo(2.5, 12);
    expect(lift.interval![1]).toBeCloseTo(2.5, 12);
    expect(lift.interval![0]).toBeGreaterThan(1.5);
  });
});

const counts = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .chain(([r, c]) =>
    fc.array(fc.array(fc.integer({ min: 0, max: 12 }), { minLength: c, maxLength: c }), {
      minLength: r,
      maxLength: r,
    }),
  );

test("property: numbers are in range, and lifts average to 1 over a cluster's groups", () => {
  fc.assert(
    fc.property(counts, (rows) => {
      const { clustering, grouping } = tableOf(rows);
      if (grouping.codes.length === 0) return;
      const [{ association, clusters, groups }] = clusterGroups(clustering, [grouping], {
        permutations: 19,
        replicates: 0,
      }) as [ReturnType<typeof clusterGroups>[number]];
      if (association.cramersV !== null) {
        expect(association.cramersV).toBeGreaterThanOrEqual(0);
        expect(association.cramersV).toBeLessThanOrEqual(1);
        expect(association.cramersVCorrected.value).toBeLessThanOrEqual(
          association.cramersV + 1e-12,
        );
        expect(association.explained).toBeGreaterThanOrEqual(0);
        expect(association.explained).toBeLessThanOrEqual(1 + 1e-12);
        expect(association.adjustedRand).toBeLessThanOrEqual(1 + 1e-12);
      }
      for (const of of clusters) {
        const lifts = of.groups.filter(({ lift }) => lift.value !== null);
        if (lifts.length === 0) continue;
        const mean = of.groups.reduce(
          (sum, { lift }, g) => sum + (lift.value ?? 0) * groups[g]!.share,
          0,
        );
        expect(mean).toBeCloseTo(1, 9);
        for (const { lift, pHolm, pValue } of lifts) {
          expect(lift.interval![0]).toBeLessThanOrEqual(lift.value! + 1e-9);
          expect(lift.interval![1]).toBeGreaterThanOrEqual(lift.value! - 1e-9);
          if (pValue !== null) expect(pHolm).toBeGreaterThanOrEqual(pValue - 1e-12);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("adjusted Rand index: 1 for equal partitions, 0 on average for random ones, and the value of a known pair", () => {
  const of = (a: readonly number[], b: readonly number[]): number =>
    associationOf(contingency(Int32Array.from(a), Int32Array.from(b), 3, 3)).adjustedRand;
  expect(of([0, 0, 1, 1, 2], [2, 2, 0, 0, 1])).toBeCloseTo(1, 12);
  // sklearn.metrics.adjusted_rand_score
  expect(of([0, 0, 1, 1], [0, 0, 1, 2])).toBeCloseTo(0.5714285714285714, 12);
  const draw = random("ari");
  const deal = (): number[] => Array.from({ length: 60 }, () => draw.int(3));
  const mean = Array.from({ length: 300 }, () => of(deal(), deal())).reduce((a, b) => a + b) / 300;
  expect(Math.abs(mean)).toBeLessThan(0.01);
});

describe("simulation", () => {
  test("intervals of lift hold the truth", () => {
    const draw = random("lift coverage");
    // [share of rows, share of the group in it]
    const parts = [
      [0.1, 0.6],
      [0.3, 0.3],
      [0.6, 0.2],
    ] as const;
    const overall = parts.reduce((sum, [size, share]) => sum + size * share, 0);
    const inside = parts.map(() => 0);
    const RUNS = 400;
    for (let run = 0; run < RUNS; run++) {
      const rows = Array.from({ length: 300 }, () => {
        const u = draw.uniform();
        const c = u < 0.1 ? 0 : u < 0.4 ? 1 : 2;
        return [c, draw.uniform() < parts[c]![1] ? "a" : "b"] as const;
      });
      const [table] = clusterGroups(
        clusteringOf(rows.map(([c]) => c)),
        [
          groupingOf(
            "g",
            rows.map(([, g]) => g),
          ),
        ],
        { permutations: 0, replicates: 0 },
      );
      parts.forEach(([, share], c) => {
        const [low, high] = table!.clusters[c]!.groups[0]!.lift.interval!;
        if (low <= share / overall && share / overall <= high) inside[c]! += 1;
      });
    }
    for (const of of inside) expect(of / RUNS).toBeGreaterThan(0.92);
  });

  test("the interval of the corrected V holds it, with and without association", () => {
    const draw = random("v coverage");
    const truth = (shares: readonly (readonly number[])[]): number =>
      associationOf({
        counts: Float64Array.from(shares.flat(), (of) => of * 1e12),
        rows: 4,
        columns: 3,
      }).cramersV;
    const even = Array.from({ length: 4 }, () => [1 / 12, 1 / 12, 1 / 12]);
    const uneven = [
      [0.15, 0.05, 0.05],
      [0.05, 0.15, 0.05],
      [0.05, 0.05, 0.15],
      [0.1, 0.1, 0.05],
    ];
    for (const shares of [even, uneven]) {
      const v = truth(shares);
      let inside = 0;
      const RUNS = 200;
      for (let run = 0; run < RUNS; run++) {
        const cells = Array.from({ length: 300 }, () => {
          let u = draw.uniform();
          return shares.flat().findIndex((p) => (u -= p) < 0);
        });
        const [table] = clusterGroups(
          clusteringOf(cells.map((cell) => Math.floor(cell / 3))),
          [
            groupingOf(
              "g",
              cells.map((cell) => String(cell % 3)),
            ),
          ],
          { permutations: 0, replicates: 200 },
        );
        const [low, high] = table!.association.cramersVCorrected.interval!;
        if (low <= v + 1e-9 && v <= high) inside++;
      }
      expect(inside / RUNS).toBeGreaterThan(0.91);
    }
  });

  test("permutation p-values are at most the level as often as the level", () => {
    const small = Array.from({ length: 300 }, (_, run) => {
      const { clustering, grouping } = dealt(80, 5, 3, `null ${run}`);
      return clusterGroups(clustering, [grouping], { permutations: 99, replicates: 0 })[0]!
        .association.pValue!;
    }).filter((p) => p <= 0.1).length;
    expect(small / 300).toBeGreaterThan(0.05);
    expect(small / 300).toBeLessThan(0.15);
  });
});
