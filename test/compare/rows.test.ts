/** @file Rows of a comparison: derived attributes, clusters, and the one split of a seed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EmbeddedRows, withAttributes, withClusters } from "../../src/compare/rows.ts";
import type { Part } from "../../src/compare/recipe.ts";
import { partsOf, seedsOf } from "../../src/compare/splits.ts";
import { plantedRows, SPLIT } from "./planted.ts";

const DATA = plantedRows({ n: 200 });

/** Every row's embedding is still its own. */
function expectOwnEmbeddings({ rows, x, d }: Pick<EmbeddedRows, "rows" | "x" | "d">): void {
  const place = new Map(DATA.rows.map(({ id }, i) => [id, i]));
  rows.forEach(({ id }, i) => {
    const from = place.get(id)! * d;
    expect(x.subarray(i * d, (i + 1) * d)).toEqual(DATA.x.subarray(from, from + d));
  });
  expect(x.length).toBe(rows.length * d);
}

describe("derived attributes", () => {
  test("bands of a number, and labels put together; later ones are made of earlier ones", () => {
    const made = withAttributes(DATA, [
      { name: "old", from: "age", bands: [0, 31] },
      { name: "either", from: "concept", labels: { ab: ["a", "b"], other: "rest" } },
      { name: "young", from: "old", labels: { yes: ["0-30"], no: ["31+"] } },
    ]);
    made.rows.forEach(({ labels, numbers }) => {
      expect(labels["old"]).toBe(numbers["age"]! < 31 ? "0-30" : "31+");
      expect(labels["either"]).toBe(labels["concept"] === "c" ? "other" : "ab");
      expect(labels["young"]).toBe(numbers["age"]! < 31 ? "yes" : "no");
    });
    expect(made.rows).toHaveLength(200);
    expect(made.notes).toEqual([]);
  });

  test("rows without a label are left out with their embeddings, and told of", () => {
    const made = withAttributes(DATA, [
      { name: "adult", from: "age", bands: [18] },
      { name: "ab", from: "concept", labels: { a: ["a"], b: ["b"] } },
    ]);
    const wanted = DATA.rows.filter(
      ({ labels, numbers }) => numbers["age"]! >= 18 && labels["concept"] !== "c",
    );
    expect(made.rows.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
    expect(made.notes.map((note) => note.replace(/^\d+ /, ""))).toEqual([
      "rows have no adult and were left out",
      "rows have no ab and were left out",
    ]);
    expectOwnEmbeddings(made);
  });

  test.each<[string, Record<string, string[] | "rest">]>([
    ["concept=a", { x: ["a"], y: ["b", "a"] }],
    ["the rest", { x: "rest", y: "rest" }],
  ])("two labels for %s", (what, labels) => {
    expect(() => withAttributes(DATA, [{ name: "x", from: "concept", labels }])).toThrow(
      `attributes: x has two labels for ${what}; keep one of them`,
    );
  });

  test("a label or an attribute that is not there is named", () => {
    expect(() =>
      withAttributes(DATA, [{ name: "x", from: "concept", labels: { x: ["d"], other: "rest" } }]),
    ).toThrow("attributes: x wants concept=d, which no row has; there are a, b, c");
    expect(() => withAttributes(DATA, [{ name: "x", from: "height", bands: [0] }])).toThrow(
      "attributes: x is made of height, which row-0 does not have; it has age",
    );
  });
});

describe("splits", () => {
  test("a seed has one split: the same whenever it is asked for, and another for other seeds", () => {
    const ids = (seed: number) => partsOf(DATA, SPLIT, seed).test.rows.map(({ id }) => id);
    expect(ids(1)).toEqual(ids(1));
    expect(ids(1)).not.toEqual(ids(2));
    expect(seedsOf({ seeds: 3 })).toEqual([0, 1, 2]);
    expect(seedsOf({ seeds: [7, 5, 7] })).toEqual([7, 5]);
  });

  test("rows of weight 0 are measured, never learnt from", () => {
    const rows = DATA.rows.map((row, i) => ({ ...row, weight: i % 4 }));
    const parts = partsOf({ ...DATA, rows }, SPLIT, 0);
    const weightless = ({ rows: of }: Part) => of.filter(({ weight }) => weight === 0).length;
    expect(weightless(parts.train)).toBe(0);
    expect(weightless(parts.test)).toBeGreaterThan(0);
    expectOwnEmbeddings(parts.train);
  });

  test("parts are disjoint and whole, clusters are not cut, and rows keep their embeddings", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 200, maxLength: 200 }),
        fc.nat(1000),
        (groups, seed) => {
          const names = new Map(
            DATA.rows.flatMap(({ id }, i) =>
              groups[i]! < 20 ? [[id, `group ${groups[i]}`] as const] : [],
            ),
          );
          const { train, validation, test: held } = partsOf(withClusters(DATA, names), SPLIT, seed);
          const parts = [train, validation, held];
          const all = parts.flatMap(({ rows }) => rows.map(({ id }) => id));
          expect(all.toSorted()).toEqual(DATA.rows.map(({ id }) => id).toSorted());
          const sideOf = new Map<string, number>();
          parts.forEach(({ rows }, side) =>
            rows.forEach(({ cluster }) => {
              if (cluster === null) return;
              expect(sideOf.get(cluster) ?? side).toBe(side);
              sideOf.set(cluster, side);
            }),
          );
          parts.forEach(expectOwnEmbeddings);
        },
      ),
      { numRuns: 20 },
    );
  });

  test("clusters of other rows are refused: they would all be cut", () => {
    expect(() => withClusters(DATA, new Map([["faces/row-0", "group"]]))).toThrow(
      "clusters: none of the 1 names, such as faces/row-0, is that of a row, such as row-0",
    );
  });
});
