/** @file Levelled counts stay as near to each other as they are asked to. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { level, sum } from "../../src/data/level.ts";

test("levelled counts are within the tolerance, whatever does not divide evenly", () => {
  // races of 18,648 faces: what is left over raises the smallest before the largest
  expect(level([2706, 3555, 3109, 1313, 7965], Array(5).fill(Infinity), 18_648, 500)).toEqual([
    3629, 3630, 3630, 3630, 4129,
  ]);
  fc.assert(
    fc.property(
      fc.array(fc.nat(500), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 300 }),
      (counts, tolerance) => {
        const caps = counts.map(() => Infinity);
        const leveled = level(counts, caps, sum(counts), tolerance);
        expect(sum(leveled)).toBe(sum(counts));
        expect(Math.max(...leveled) - Math.min(...leveled)).toBeLessThanOrEqual(tolerance);
      },
    ),
  );
});
