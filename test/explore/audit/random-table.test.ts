/** @file Random tables: margins are kept, and counts fall as the hypergeometric distribution says. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { uniform } from "../../../src/eval/uncertainty/binomial.ts";
import { hypergeometric } from "../../../src/eval/retrieval/hypergeometric.ts";
import {
  drawHypergeometric,
  drawTable,
  logFactorials,
} from "../../../src/explore/audit/random-table.ts";

test("property: the margins are kept", () => {
  const sums = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(sums, sums, fc.integer(), (rows, columns, seed) => {
      const gap = rows.reduce((a, b) => a + b, 0) - columns.reduce((a, b) => a + b, 0);
      const [row, column] = [Float64Array.from(rows), Float64Array.from(columns)];
      if (gap > 0) column[0]! += gap;
      else row[0]! -= gap;
      const total = row.reduce((a, b) => a + b, 0);
      const out = new Float64Array(row.length * column.length);
      drawTable(
        row,
        column,
        out,
        new Float64Array(column.length),
        logFactorials(total),
        uniform(seed),
      );
      row.forEach((n, r) =>
        expect(
          out.subarray(r * column.length, (r + 1) * column.length).reduce((a, b) => a + b),
        ).toBe(n),
      );
      column.forEach((n, c) =>
        expect(row.reduce((sum, _, r) => sum + out[r * column.length + c]!, 0)).toBe(n),
      );
      expect(out.every((n) => n >= 0)).toBe(true);
    }),
  );
});

test.each([
  [50, 25, 30],
  [18_648, 1300, 2283],
  [200, 3, 150],
  [10, 10, 4],
])("draws of %i rows, %i marked, %i drawn: frequencies are the chances", (rows, members, k) => {
  const DRAWS = 20_000;
  const next = uniform("hypergeometric", rows);
  const logFactorial = logFactorials(rows);
  const counts = new Map<number, number>();
  for (let i = 0; i < DRAWS; i++) {
    const x = drawHypergeometric(rows, members, k, logFactorial, next);
    counts.set(x, (counts.get(x) ?? 0) + 1);
  }
  const { from, chances } = hypergeometric({ rows, members, k });
  let [chiSquare, cells] = [0, 0];
  chances.forEach((chance, i) => {
    if (chance * DRAWS < 10) return;
    cells++;
    chiSquare += ((counts.get(from + i) ?? 0) - chance * DRAWS) ** 2 / (chance * DRAWS);
  });
  expect(chiSquare).toBeLessThan(cells + 4 * Math.sqrt(2 * cells));
});

test("three by two: every table as often as its chance", () => {
  // sums 2, 1, 1 and 2, 2: six ways to deal the labels
  const next = uniform("three by two");
  const [row, column] = [Float64Array.of(2, 1, 1), Float64Array.of(2, 2)];
  const counts: Record<string, number> = {};
  const out = new Float64Array(6);
  for (let i = 0; i < 12_000; i++) {
    drawTable(row, column, out, new Float64Array(2), logFactorials(4), next);
    counts[out.join()] = (counts[out.join()] ?? 0) + 1;
  }
  // rows aabb in all orders: aa|b|b, bb|a|a 1 each, ab|a|b and ab|b|a 2 each
  const share = (table: string): number => counts[table]! / 12_000;
  expect(Object.keys(counts)).toHaveLength(4);
  expect(share("2,0,0,1,0,1")).toBeCloseTo(1 / 6, 1);
  expect(share("1,1,1,0,0,1")).toBeCloseTo(1 / 3, 1);
  expect(share("1,1,0,1,1,0")).toBeCloseTo(1 / 3, 1);
});
