import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apportion } from "../../src/data/assign.ts";
import { cellsOf } from "../../src/data/cells.ts";
import { checkSplits } from "../../src/data/check-splits.ts";
import type { Row } from "../../src/data/row.ts";
import { foldRows, splitRows } from "../../src/data/split.ts";
import { random } from "../../src/run/random.ts";
import { anyRows, row, rowsOf, UTKFACE_COUNTS } from "./rows.ts";

const SHARES = { train: 0.7, validation: 0.1, test: 0.2 };
const STRATA = ["gender", "race"];
const splitsById = (rows: readonly Row[]): Map<string, string | null> =>
  new Map(rows.map(({ id, split }) => [id, split]));
const sizes = (rows: readonly Row[]): number[] =>
  ["train", "validation", "test", null].map(
    (split) => rows.filter((r) => r.split === split).length,
  );

test("apportioned numbers are within one of their share in every stratum and in total", () => {
  const parts = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 5 })
    .filter((list) => list.some((part) => part > 0));
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 20 }),
      parts,
      (counts, list) => {
        const fractions = list.map((part) => part / list.reduce((total, p) => total + p, 0));
        const given = apportion(counts, fractions);
        given.forEach((row, s) => {
          expect(row.reduce((total, n) => total + n, 0)).toBe(counts[s]);
          row.forEach((n, side) =>
            expect(Math.abs(n - fractions[side]! * counts[s]!)).toBeLessThan(1),
          );
        });
        const all = counts.reduce((total, n) => total + n, 0);
        fractions.forEach((fraction, side) => {
          const total = given.reduce((sum, row) => sum + row[side]!, 0);
          expect(Math.abs(total - fraction * all)).toBeLessThan(1);
        });
      },
    ),
    { numRuns: 1000 },
  );
});

describe("shares", () => {
  test("nobody is lost, clusters stay whole, the order of the rows does not matter, one seed gives one split", () => {
    fc.assert(
      fc.property(anyRows(120), fc.nat(), (rows, seed) => {
        const split = splitRows(rows, SHARES, STRATA, seed);
        expect(split.rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
        expect(split.rows.every((r) => r.split !== null)).toBe(true);
        for (const { rows: cluster } of cellsOf(
          split.rows.map((r) => ({ ...r, labels: { cluster: r.cluster ?? r.id } })),
          ["cluster"],
        )) {
          expect(new Set(cluster.map((r) => r.split)).size).toBe(1);
        }
        const again = splitRows(random(seed).shuffle(rows), SHARES, STRATA, seed);
        expect(splitsById(again.rows)).toEqual(splitsById(split.rows));
        expect(again.plan).toEqual(split.plan);
      }),
    );
  });

  test("strata are within one row of their share without clusters, within one cluster with them", () => {
    fc.assert(
      fc.property(anyRows(150), fc.nat(), fc.boolean(), (generated, seed, clustered) => {
        const rows = generated.map((r) => ({ ...r, cluster: clustered ? r.cluster : null }));
        const { plan } = splitRows(rows, SHARES, STRATA, seed);
        const largest = Math.max(
          1,
          ...cellsOf(
            rows.filter((r) => r.cluster),
            [],
          ).flatMap(({ rows: all }) => {
            const perCluster = new Map<string, number>();
            for (const r of all) perCluster.set(r.cluster!, (perCluster.get(r.cluster!) ?? 0) + 1);
            return [...perCluster.values()];
          }),
        );
        for (const { train, validation, test: held } of plan.cells) {
          const count = train + validation + held;
          expect(Math.abs(train - 0.7 * count)).toBeLessThan(largest + 1);
          expect(Math.abs(validation - 0.1 * count)).toBeLessThan(largest + 1);
          expect(Math.abs(held - 0.2 * count)).toBeLessThan(largest + 1);
        }
      }),
    );
  });

  test("near-duplicates are shared out too, not all put into train", () => {
    const rows = Array.from({ length: 1000 }, (_, i) =>
      row(
        `r${i}`,
        { gender: i % 2 ? "male" : "female" },
        { cluster: i < 400 ? `c${i >> 1}` : null },
      ),
    );
    const { rows: split } = splitRows(rows, SHARES, ["gender"], 3);
    expect(sizes(split)).toEqual([700, 100, 200, 0]);
    expect(sizes(split.filter((r) => r.cluster))).toEqual([280, 40, 80, 0]);
  });

  test("another seed gives another split", () => {
    const rows = rowsOf(["gender"], { male: 50, female: 50 });
    expect(splitsById(splitRows(rows, SHARES, ["gender"], 1).rows)).not.toEqual(
      splitsById(splitRows(rows, SHARES, ["gender"], 2).rows),
    );
  });

  test("counts are met exactly, and the rest is in no split", () => {
    const rows = rowsOf(["race", "gender"], UTKFACE_COUNTS);
    const { rows: split, plan } = splitRows(
      rows,
      { train: 2000, validation: 400, test: 4745 },
      ["race", "gender"],
      0,
    );
    expect(sizes(split)).toEqual([2000, 400, 4745, 23_705 - 7145]);
    expect(plan.cells[1]).toMatchObject({
      values: { race: "asian", gender: "male" },
      train: Math.round((1575 * 2000) / 23_705),
    });
  });

  test("rows that have a split keep it and pull their cluster along", () => {
    const rows = [
      row("a", {}, { split: "test", cluster: "x" }),
      row("b", {}, { cluster: "x" }),
      ...Array.from({ length: 8 }, (_, i) => row(`c${i}`, {})),
    ];
    const { rows: split } = splitRows(rows, { train: 0.8, test: 0.2 }, [], 0);
    expect(split.map((r) => r.split)).toEqual([
      "test",
      "test",
      ...Array.from({ length: 8 }, () => "train"),
    ]);
    expect(splitRows(split, { train: 1 }, [], 5).rows).toEqual(split);
  });

  test.each([
    [
      { train: 0.7, test: 0.2 },
      "expected fractions that sum to 1 or numbers of rows, received train 0.7, validation 0, test 0.2",
    ],
    [{ train: -1, test: 2 }, "expected fractions that sum to 1 or numbers of rows"],
    [{}, "expected fractions that sum to 1"],
    [{ train: 8, test: 3 }, "expected at most the 10 rows there are"],
  ])("shares %j are refused", (shares, message) => {
    expect(() => splitRows(rowsOf(["gender"], { male: 10 }), shares, [], 0)).toThrow(message);
  });

  test("an attribute that rows do not have is named", () => {
    expect(() => splitRows(rowsOf(["gender"], { male: 3 }), SHARES, ["sex"], 0)).toThrow(
      'male-0: no attribute "sex", expected one of gender',
    );
  });
});

describe("folds", () => {
  test("the study's five folds of 23,705 faces", () => {
    const rows = rowsOf(["race", "gender"], UTKFACE_COUNTS);
    const fold = foldRows(rows, { k: 5, index: 0, validation: 0 }, ["gender", "race"], 1);
    expect(sizes(fold.rows)).toEqual([18_964, 0, 4741, 0]);
    expect(fold.problems).toEqual([]);
    for (const { train, test: held } of fold.plan.cells)
      expect(Math.abs(held - (train + held) / 5)).toBeLessThan(1);
  });

  test("any label combination is within one row of its share in every fold; one seed and index, one fold", () => {
    const labels = fc.record({
      gender: fc.constantFrom("female", "male"),
      race: fc.constantFrom("asian", "black", "indian", "white"),
      age_band: fc.constantFrom("0-17", "18-59", "60+"),
    });
    const attributes = fc.subarray(["gender", "race", "age_band"], { minLength: 1 });
    fc.assert(
      fc.property(
        fc.array(labels, { minLength: 1, maxLength: 150 }),
        attributes,
        fc.integer({ min: 2, max: 6 }),
        fc.nat(),
        (items, by, k, seed) => {
          const rows = items.map((item, i) => row(`r${i}`, item));
          const folds = Array.from({ length: k }, (_, index) =>
            foldRows(rows, { k, index, validation: 0 }, by, seed),
          );
          for (const { plan, rows: split } of folds) {
            for (const { train, test: held } of plan.cells)
              expect(Math.abs(held - (train + held) / k)).toBeLessThan(1);
            const tested = split.filter((r) => r.split === "test").length;
            expect(Math.abs(tested - rows.length / k)).toBeLessThan(1);
          }
          const again = foldRows(random(1).shuffle(rows), { k, index: 0, validation: 0 }, by, seed);
          expect(splitsById(again.rows)).toEqual(splitsById(folds[0]!.rows));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("every row is in test once, clusters are whole in every fold, and the validation part is cut from the rest", () => {
    fc.assert(
      fc.property(anyRows(60), fc.nat(), fc.integer({ min: 2, max: 5 }), (rows, seed, k) => {
        const tested = Array.from({ length: k }, (_, index) => {
          const fold = foldRows(rows, { k, index, validation: 0.2 }, STRATA, seed);
          expect(fold.problems.filter((problem) => problem.includes("near-duplicates"))).toEqual(
            [],
          );
          return fold.rows.filter((r) => r.split === "test").map(({ id }) => id);
        });
        expect(tested.flat().sort()).toEqual(rows.map(({ id }) => id).sort());
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    [{ k: 1, index: 0, validation: 0 }, "expected k of 2 or more"],
    [{ k: 5, index: 5, validation: 0 }, "an index from 0 to k - 1, received k 5, index 5"],
    [
      { k: 5, index: 0, validation: 1 },
      "expected a validation share from 0 to below 1, received 1",
    ],
  ])("%j is refused", (fold, message) => {
    expect(() => foldRows(rowsOf(["gender"], { male: 9 }), fold, [], 0)).toThrow(message);
  });
});

describe("checks", () => {
  test("a class or a group that a split has no row of", () => {
    const rows = rowsOf(["gender", "race"], {
      "male/white": 60,
      "female/white": 60,
      "male/black": 2,
    });
    expect(splitRows(rows, SHARES, STRATA, 0).problems).toEqual([
      expect.stringMatching(
        /^no row with race=black in (validation|test) \(2 in all\): its rates there are undefined$/,
      ),
      expect.stringMatching(
        /^1 of 3 cells have no row in (validation|test): \(gender=male, race=black\)$/,
      ),
    ]);
    expect(
      checkSplits(
        [
          row("a", { gender: "male" }, { split: "train" }),
          row("b", { gender: "female" }, { split: "test" }),
        ],
        ["gender"],
      ),
    ).toEqual([
      "no row with gender=female in train (1 in all): its rates there are undefined",
      "no row with gender=male in test (1 in all): its rates there are undefined",
    ]);
  });

  test("leaks: clusters in two splits, copies outside train or apart from their origin, repeated ids", () => {
    const rows = [
      row("a", {}, { split: "train", cluster: "x" }),
      row("b", {}, { split: "test", cluster: "x" }),
      row("a#1", {}, { split: "train", origin: "a" }),
      row("b#1", {}, { split: "train", origin: "b" }),
      row("a#2", {}, { split: "validation", origin: "a" }),
      row("a", {}, { split: "train" }),
      row("unused", {}, { cluster: "x" }),
    ];
    expect(checkSplits(rows, [])).toEqual([
      "a: two rows have this id",
      "near-duplicates in different splits (cluster x): a in train and b in test; test scores would be too good",
      "1 augmented copies in validation (a#2), expected copies in train alone",
      "1 of 1 rows of validation are a copy or the original of a picture in train (a#2 and a): its scores would be too good",
      "1 of 1 rows of test are a copy or the original of a picture in train (b and b#1): its scores would be too good",
    ]);
  });
});
