/** @file Orders and weights of training rows. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Row } from "../../src/data/row.ts";
import { rowOrder, rowWeights } from "../../src/train/sampling.ts";

const attributes = ["style", "tone"];
/** Rows of two styles and three tones in any proportions, every cell at least once. */
const tables = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 6, maxLength: 6 })
  .map((counts) =>
    counts.flatMap((count, cell) =>
      Array.from({ length: count }, (_, i): Row => {
        const id = `${cell}-${i}`;
        const labels = { style: `s${cell % 2}`, tone: `t${cell % 3}` };
        return {
          id,
          path: id,
          labels,
          numbers: {},
          split: "train",
          weight: 1,
          origin: null,
          cluster: null,
        };
      }),
    ),
  );
const cellOf = ({ labels }: Row): string => `${labels["style"]} ${labels["tone"]}`;
const totals = (rows: readonly Row[], key: (row: Row) => string, weights: ArrayLike<number>) => {
  const sums = new Map<string, number>();
  rows.forEach((row, i) => sums.set(key(row), (sums.get(key(row)) ?? 0) + weights[i]!));
  return sums;
};

describe("order", () => {
  test("shuffle: every row once, the same for the same seed and epoch alone", () => {
    fc.assert(
      fc.property(tables, fc.nat(), (rows, seed) => {
        const order = rowOrder(rows, "shuffle", attributes, seed, 2);
        expect(order.toSorted((a, b) => a - b)).toEqual([...rows.keys()]);
        expect(rowOrder(rows, "shuffle", attributes, seed, 2)).toEqual(order);
      }),
      { numRuns: 30 },
    );
    const rows = fc.sample(tables, { numRuns: 1, seed: 1 })[0]!;
    expect(rowOrder(rows, "shuffle", attributes, 0, 0)).not.toEqual(
      rowOrder(rows, "shuffle", attributes, 0, 1),
    );
  });

  test("group-balanced: as many draws as rows, cells equally often", () => {
    fc.assert(
      fc.property(tables, fc.nat(), (rows, seed) => {
        const order = rowOrder(rows, "group-balanced", attributes, seed, 0);
        expect(order).toHaveLength(rows.length);
        const drawn = order.map((i) => rows[i]!);
        const counts = [
          ...totals(
            drawn,
            cellOf,
            drawn.map(() => 1),
          ).values(),
        ];
        const cells = new Set(rows.map(cellOf)).size;
        for (const count of counts) expect(Math.abs(count - rows.length / cells)).toBeLessThan(1);
      }),
      { numRuns: 30 },
    );
  });
});

describe("weights", () => {
  test("cells: equal totals, mean 1", () => {
    fc.assert(
      fc.property(tables, (rows) => {
        const weights = rowWeights(rows, "cells", attributes);
        const sums = [...totals(rows, cellOf, weights).values()];
        for (const sum of sums) expect(sum).toBeCloseTo(rows.length / sums.length, 3);
      }),
      { numRuns: 30 },
    );
  });

  test("reweighing: the style's distribution is the same in every tone", () => {
    fc.assert(
      fc.property(tables, (rows) => {
        const weights = rowWeights(rows, "reweighing", attributes);
        const cells = totals(rows, cellOf, weights);
        const tones = totals(rows, (row) => row.labels["tone"]!, weights);
        const styles = totals(rows, (row) => row.labels["style"]!, weights);
        for (const [cell, sum] of cells) {
          const [style, tone] = cell.split(" ") as [string, string];
          expect(sum / tones.get(tone)!).toBeCloseTo(styles.get(style)! / rows.length, 4);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("none: as the rows have them", () => {
    const [rows] = fc.sample(tables, { numRuns: 1, seed: 1 });
    const weighed = rows!.map((row, i) => ({ ...row, weight: i }));
    expect([...rowWeights(weighed, "none", attributes)]).toEqual(weighed.map((_, i) => i));
  });
});
