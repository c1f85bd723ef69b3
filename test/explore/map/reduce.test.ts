/** @file How many components rows are reduced to, and that further rows go the same way. */
import { expect, test } from "vitest";
import { componentsFor, reduceRows } from "../../../src/explore/map/reduce.ts";
import { takeRows } from "../../../src/run/linalg/embeddings.ts";
import { maxDifference } from "../../debias/tensors.ts";
import { blobs } from "./blobs.ts";

test.each([
  [31, null],
  [32, 32],
  [40, 40],
  [64, 40],
  [65, 64],
  [128, 64],
  [129, 100],
  [256, 100],
  [257, 150],
  [512, 150],
  [513, null],
  [16_384, null],
])("tiers: %i numbers to %s", (d, components) => {
  expect(componentsFor({ n: 1000, d }, "tiers")).toBe(components);
});

test("never more than rows or numbers", () => {
  expect(componentsFor({ n: 20, d: 512 }, "tiers")).toBe(20);
  expect(componentsFor({ n: 1000, d: 8 }, 50)).toBe(8);
  expect(componentsFor({ n: 1, d: 512 }, "tiers")).toBeNull();
  expect(componentsFor({ n: 1000, d: 512 }, undefined)).toBeNull();
});

test("rows and further rows in the same components", async () => {
  const rows = blobs(4, 25, 20, "rows");
  const { rows: few, components, kept, notes, place } = await reduceRows(rows, 3);
  expect({ n: few.n, d: few.d, components, notes }).toEqual({
    n: 100,
    d: 3,
    components: 3,
    notes: [],
  });
  expect(kept).toBeGreaterThan(0.9);
  const again = await place({ x: takeRows(rows.x, 20, [5, 6]), n: 2, d: 20 });
  expect(maxDifference(again.x, few.x.subarray(15, 21))).toBeLessThan(1e-9);
});

test("a number that is too large is cut, and said; no reduction gives the rows themselves", async () => {
  const rows = blobs(2, 20, 6, "rows");
  expect((await reduceRows(rows, 50)).notes[0]).toBe(
    "50 components were cut to 6: 40 rows of 6 numbers",
  );
  const same = await reduceRows(rows, "tiers");
  expect(same).toMatchObject({ rows, components: null, kept: 1, notes: [] });
  expect(await same.place(rows)).toBe(rows);
});
