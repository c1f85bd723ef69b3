import { describe, expect, test } from "vitest";
import { limitSplits, sampleBalanced, selectRows, thin } from "../../src/data/sample.ts";
import { splitRows } from "../../src/data/split.ts";
import { random } from "../../src/run/random.ts";
import { row, rowsOf, UTKFACE_AGES, UTKFACE_COUNTS, utkfaceFaces } from "./rows.ts";

const faces = splitRows(
  rowsOf(["race", "gender"], UTKFACE_COUNTS),
  { train: 0.64, validation: 0.16, test: 0.2 },
  ["race", "gender"],
  0,
).rows;
const shuffled = random(9).shuffle(faces);
const count = (rows: typeof faces, split: string, value?: string): number =>
  rows.filter((r) => r.split === split && (value === undefined || r.labels["gender"] === value))
    .length;

describe("so many per class", () => {
  const rows = sampleBalanced(faces, "gender", { train: 1000, validation: 200 }, 1);
  test("the study's 1,000 + 1,000 and 200 + 200, with the whole test set", () => {
    expect([count(rows, "train", "male"), count(rows, "train", "female")]).toEqual([1000, 1000]);
    expect([count(rows, "validation", "male"), count(rows, "validation", "female")]).toEqual([
      200, 200,
    ]);
    expect(count(rows, "test")).toBe(count(faces, "test"));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  test("the same seed draws the same rows in any order, another seed others", () => {
    const ids = (of: typeof faces): string[] => of.map(({ id }) => id).sort();
    const perValue = { train: 1000, validation: 200 };
    expect(ids(sampleBalanced(shuffled, "gender", perValue, 1))).toEqual(ids(rows));
    expect(ids(sampleBalanced(faces, "gender", perValue, 2))).not.toEqual(ids(rows));
  });

  test("too few rows", () => {
    expect(() => sampleBalanced(faces, "gender", { test: 2300 }, 1)).toThrow(
      /expected 2300 rows with gender=female in test, received 22\d\d; ask for fewer/,
    );
  });
});

test("limited splits keep the proportions of the strata", () => {
  const rows = limitSplits(faces, { train: 500, test: 1e6 }, ["race", "gender"], 0);
  expect([count(rows, "train"), count(rows, "validation"), count(rows, "test")]).toEqual([
    500,
    count(faces, "validation"),
    count(faces, "test"),
  ]);
  expect(count(rows, "train", "male")).toBeGreaterThan((500 * 12_391) / 23_705 - 5);
  expect(count(rows, "train", "male")).toBeLessThan((500 * 12_391) / 23_705 + 5);
});

test("thinning: 30 % of the ages up to 4, none from 60 on", () => {
  const ages = UTKFACE_AGES.flatMap((n, i) =>
    Array.from({ length: n }, (_, k) =>
      row(`${i}-${k}`, { kind: i < 30 ? "young" : "old" }, { numbers: { age: i + 1 } }),
    ),
  );
  const rules = [
    { attribute: "age", match: [0, 4], keep: 0.3 },
    { attribute: "age", match: [60, 999], keep: 0 },
  ] as const;
  const kept = thin(ages, rules, 7).map(({ numbers }) => numbers["age"]!);
  const between = ages.filter(({ numbers }) => numbers["age"]! > 4 && numbers["age"]! < 60).length;
  expect(kept.filter((age) => age <= 4).length).toBe(Math.round(2167 * 0.3));
  expect(kept.filter((age) => age > 4 && age < 60).length).toBe(between);
  expect(kept.length).toBe(Math.round(2167 * 0.3) + between);
  expect(
    thin(ages, [{ attribute: "kind", match: "old", keep: 0 }], 7).every(
      ({ labels }) => labels["kind"] === "young",
    ),
  ).toBe(true);
});

test("Ward's selection: the first 8,000 names, of which 30 % of the ages up to 4 and none from 60 on", () => {
  const faces = utkfaceFaces(3);
  const first = faces.slice(0, 8000);
  const rules = [
    { attribute: "age", match: [0, 4], keep: 0.3 },
    { attribute: "age", match: [60, 120], keep: 0 },
  ] as const;
  const kept = selectRows(faces, { first: 8000, thin: rules }, 42);
  const among = (rows: typeof faces, from: number, to: number): number =>
    rows.filter(({ numbers }) => numbers["age"]! >= from && numbers["age"]! <= to).length;
  expect(among(kept, 0, 4)).toBe(Math.round(0.3 * among(first, 0, 4)));
  expect(among(kept, 5, 59)).toBe(among(first, 5, 59));
  expect(among(kept, 60, 120)).toBe(0);
  const places = new Map(first.map(({ id }, i) => [id, i]));
  const order = kept.map(({ id }) => places.get(id)!);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(selectRows(faces, { first: 8000, thin: rules }, 42)).toEqual(kept);
});
