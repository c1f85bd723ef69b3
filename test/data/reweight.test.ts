import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cellsOf } from "../../src/data/cells.ts";
import { balancedOrder, levelWeights, reweighing } from "../../src/data/reweight.ts";
import type { Row } from "../../src/data/row.ts";
import { random } from "../../src/run/random.ts";
import { anyRows, rowsOf } from "./rows.ts";

const total = (rows: readonly Row[]): number => rows.reduce((sum, { weight }) => sum + weight, 0);
const weighted = anyRows(60).map((rows) => rows.map((row, i) => ({ ...row, weight: 1 + (i % 3) })));

describe("weights", () => {
  test("every cell weighs the same, and the mean is 1", () => {
    fc.assert(
      fc.property(weighted, (rows) => {
        const level = levelWeights(rows, ["gender", "race"]);
        expect(total(level)).toBeCloseTo(rows.length, 9);
        const cells = cellsOf(level, ["gender", "race"]);
        for (const cell of cells)
          expect(total(cell.rows)).toBeCloseTo(rows.length / cells.length, 9);
        expect(level.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
      }),
    );
  });

  test("reweighing makes target and attribute independent where every cell has rows", () => {
    fc.assert(
      fc.property(weighted, (generated) => {
        const corners = rowsOf(["gender", "race"], {
          "male/white": 1,
          "male/black": 1,
          "male/asian": 1,
          "female/white": 1,
          "female/black": 1,
          "female/asian": 1,
        });
        const rows = reweighing([...generated, ...corners], "gender", "race");
        const all = total(rows);
        expect(all).toBeCloseTo(rows.length, 9);
        const share = (attributes: string[]): Map<string, number> =>
          new Map(
            cellsOf(rows, attributes).map((cell) => [cell.values.join(), total(cell.rows) / all]),
          );
        const [genders, races, both] = [
          share(["gender"]),
          share(["race"]),
          share(["gender", "race"]),
        ];
        for (const [gender, p] of genders)
          for (const [race, q] of races)
            expect(both.get(`${gender},${race}`)).toBeCloseTo(p * q, 9);
      }),
    );
  });

  test("Kamiran and Calders' own example: 10 people, 6 with the good label", () => {
    const rows = rowsOf(["sex", "class"], { "m/+": 4, "m/-": 1, "f/+": 2, "f/-": 3 });
    const weights = new Map(
      cellsOf(reweighing(rows, "class", "sex"), ["sex", "class"]).map((cell) => [
        cell.values.join(""),
        cell.rows[0]!.weight,
      ]),
    );
    expect(weights.get("m+")).toBeCloseTo(0.75, 12);
    expect(weights.get("m-")).toBeCloseTo(2, 12);
    expect(weights.get("f+")).toBeCloseTo(1.5, 12);
    expect(weights.get("f-")).toBeCloseTo(2 / 3, 12);
  });
});

describe("balanced order", () => {
  test("cells come equally often in every stretch, and rows of a cell too", () => {
    fc.assert(
      fc.property(anyRows(40), fc.nat(120), fc.nat(), (rows, n, seed) => {
        const order = balancedOrder(rows, ["gender", "race"], n, random(seed));
        expect(order.length).toBe(n);
        const cells = cellsOf(rows, ["gender", "race"]);
        const cellOf = new Map(cells.flatMap((cell, c) => cell.rows.map(({ id }) => [id, c])));
        for (let start = 0; start + cells.length <= n; start += cells.length) {
          const block = order
            .slice(start, start + cells.length)
            .map((i) => cellOf.get(rows[i]!.id));
          expect(new Set(block).size).toBe(cells.length);
        }
        const times = new Map<number, number>();
        for (const i of order) times.set(i, (times.get(i) ?? 0) + 1);
        for (const cell of cells) {
          const drawn = cell.rows.map(
            ({ id }) => times.get(rows.findIndex((row) => row.id === id)) ?? 0,
          );
          expect(Math.max(...drawn) - Math.min(...drawn)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test("the rows drawn do not depend on their order", () => {
    const rows = rowsOf(["gender"], { male: 7, female: 3 });
    const other = random(5).shuffle(rows);
    const ids = (of: readonly Row[]): string[] =>
      balancedOrder(of, ["gender"], 30, random(1)).map((i) => of[i]!.id);
    expect(ids(other)).toEqual(ids(rows));
  });
});
