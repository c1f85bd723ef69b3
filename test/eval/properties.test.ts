/** @file What must hold for every table of predictions. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { intersect, tally } from "../../src/eval/counts/cells.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { GAPS, type GapName } from "../../src/eval/metrics/gaps.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import { Report } from "../../src/eval/report.ts";
import { fromRows, numbers, POINT_ONLY } from "./tables.ts";

const GROUPS = ["a", "b", "c"];
const rowsOf = (classes: number) =>
  fc.array(
    fc.tuple(
      fc.constantFrom<string | null>(...GROUPS, null),
      fc.nat({ max: classes - 1 }),
      fc.nat({ max: classes - 1 }),
    ),
    { minLength: 1, maxLength: 60 },
  );
const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `c${i}`);
const options = (classes: number) => ({
  ...POINT_ONLY,
  ...(classes === 2 && { positive: "c1" }),
});
const measure = (predictions: Predictions): Report =>
  evaluate(predictions, options(predictions.classes.length));

/** Paths at which two reports differ by more than rounding, or one is undefined. */
function differences(a: Report, b: Report): string[] {
  const other = numbers(b);
  return [...numbers(a)]
    .filter(([path, value]) => {
      const second = other.get(path) ?? null;
      return value === null || second === null
        ? value !== second
        : Math.abs(value - second) > 1e-9 * Math.max(1, Math.abs(value));
    })
    .map(([path]) => path);
}

test.each([2, 3])("%i classes: the order of the rows does not matter, intervals included", (K) => {
  fc.assert(
    fc.property(rowsOf(K), fc.integer(), (rows, seed) => {
      // the groups' order must be stated, for it is an order of first appearance otherwise
      const shuffled = rows
        .map((row, i) => [Math.sin(seed + i), row] as const)
        .toSorted(([a], [b]) => a - b)
        .map(([, row]) => row);
      const all = { ...options(K), uncertainty: { replicates: 20 } };
      expect(evaluate(fromRows(names(K), shuffled), all)).toEqual(
        evaluate(fromRows(names(K), rows), all),
      );
    }),
    { numRuns: 50 },
  );
});

test("swapping the classes swaps TPR with TNR and PPV with NPV", () => {
  fc.assert(
    fc.property(rowsOf(2), (rows) => {
      const one = measure(fromRows(names(2), rows)).overall;
      const other = evaluate(fromRows(names(2), rows), { ...POINT_ONLY, positive: "c0" }).overall;
      expect([other.tpr, other.fpr, other.ppv, other.fdr].map(({ value }) => value)).toEqual(
        [one.tnr, one.fnr, one.npv, one.for].map(({ value }) => value),
      );
    }),
  );
});

test("renaming the classes of a multi-class target moves values, and changes none", () => {
  fc.assert(
    fc.property(rowsOf(3), (rows) => {
      const turn = (c: number): number => (c + 1) % 3;
      const before = measure(fromRows(["x", "y", "z"], rows));
      const after = measure(
        fromRows(
          ["z", "x", "y"],
          rows.map(([g, t, p]): [string | null, number, number] => [g, turn(t), turn(p)]),
        ),
      );
      for (const c of ["x", "y", "z"]) expect(after.perClass[c]).toEqual(before.perClass[c]);
      for (const [name, gap] of Object.entries(before.attributes["group"]!.gaps)) {
        const other = after.attributes["group"]!.gaps[name]!.value;
        if (gap.value === null) expect(other).toBeNull();
        else expect(other).toBeCloseTo(gap.value, 12);
      }
    }),
  );
});

test("one scale for all weights changes no rate, no gap and no interval", () => {
  const weighted = fc
    .tuple(
      rowsOf(3),
      fc.array(fc.constantFrom(0, 0.1, 0.3, 1, 2.5), { minLength: 60, maxLength: 60 }),
      fc.constantFrom(0.125, 7, 1e-6, 1e6),
    )
    .filter(([rows, weights]) => rows.some((_, i) => weights[i]! > 0));
  fc.assert(
    fc.property(weighted, ([rows, weights, scale]) => {
      const own = weights.slice(0, rows.length);
      const plain = measure(fromRows(names(3), rows, own));
      const scaled = measure(
        fromRows(
          names(3),
          rows,
          own.map((weight) => weight * scale),
        ),
      );
      const weighed = /(numerator|denominator|confusion\/.*)$/; // these do scale
      expect(differences(plain, scaled).filter((path) => !weighed.test(path))).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test("a whole weight is as many rows, for every rate and gap", () => {
  fc.assert(
    fc.property(
      rowsOf(2),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 60, maxLength: 60 }),
      (rows, weights) => {
        const weighted = measure(fromRows(names(2), rows, weights.slice(0, rows.length)));
        const repeated = measure(
          fromRows(
            names(2),
            rows.flatMap((row, i) => Array.from({ length: weights[i]! }, () => row)),
          ),
        );
        for (const [name, gap] of Object.entries(repeated.attributes["group"]!.gaps)) {
          const { value } = weighted.attributes["group"]!.gaps[name]!;
          if (gap.value === null) expect(value).toBeNull();
          else expect(value).toBeCloseTo(gap.value, 10);
        }
        expect(weighted.confusion).toEqual(repeated.confusion);
      },
    ),
  );
});

test.each([1, 2, 4])("%i classes: every report fits its schema and every gap its range", (K) => {
  fc.assert(
    fc.property(rowsOf(K), (rows) => {
      const report = evaluate(fromRows(names(K), rows), {
        ...options(K),
        uncertainty: { replicates: 25 },
      });
      expect(Report.parse(report)).toEqual(report);
      expect(JSON.parse(JSON.stringify(report))).toEqual(report); // no NaN, no infinity
      const { gaps, groups, missing } = report.attributes["group"]!;
      const counted = Object.values(groups).reduce((n, group) => n + group.count, 0);
      expect(counted + missing).toBe(rows.length);
      for (const [name, gap] of Object.entries(gaps)) {
        if (gap.value === null) {
          expect(gap.reason, name).toBeTruthy();
          continue;
        }
        const [low, high] = GAPS[name.replace(/\.(macro|worst)$/, "") as GapName].range;
        expect(gap.value, name).toBeGreaterThanOrEqual(low);
        expect(gap.value, name).toBeLessThanOrEqual(high);
      }
    }),
    { numRuns: 60 },
  );
});

test("target = attribute with two classes: the TPR gap is the FPR gap, in every resample", () => {
  fc.assert(
    fc.property(rowsOf(2), (rows) => {
      const report = evaluate(fromRows(names(2), rows), {
        positive: "c1",
        uncertainty: { replicates: 50 },
      });
      const [tpr, fpr] = [
        report.classGaps.gaps["class.tpr_gap"]!,
        report.classGaps.gaps["class.fpr_gap"]!,
      ];
      if (tpr.value === null) expect(fpr.value).toBeNull();
      else {
        expect(fpr.value).toBeCloseTo(tpr.value, 12);
        fpr.interval!.forEach((end, i) => expect(end).toBeCloseTo(tpr.interval![i]!, 12));
      }
    }),
  );
});

test("cells: sorting and counting agree, and rows without a group are left out", () => {
  const rows = fc.array(
    fc.tuple(fc.integer({ min: -1, max: 4 }), fc.nat({ max: 2 }), fc.nat({ max: 2 })),
    {
      maxLength: 80,
    },
  );
  fc.assert(
    fc.property(rows, (table) => {
      const codes = Int32Array.from(table, ([g]) => g);
      const truth = Int32Array.from(table, ([, t]) => t);
      const predicted = Int32Array.from(table, ([, , p]) => p);
      const few = { values: ["0", "1", "2", "3", "4"], codes };
      const many = { values: Array<string>(1_000_000), codes };
      const [counted, sorted] = [
        tally(few, truth, [predicted], 3),
        tally(many, truth, [predicted], 3),
      ];
      expect({ ...sorted, groups: 5 }).toEqual(counted);
      const sum = counted.rows.reduce((a, b) => a + b, 0);
      expect(sum).toBe(table.filter(([g]) => g >= 0).length);
    }),
    { numRuns: 30 },
  );
});

test("an intersection has every combination, and is missing where a part is", () => {
  const both = intersect([
    { values: ["f", "m"], codes: Int32Array.of(0, 1, -1, 1) },
    { values: ["x", "y"], codes: Int32Array.of(1, 0, 0, -1) },
  ]);
  expect(both.values).toEqual(["f*x", "f*y", "m*x", "m*y"]);
  expect([...both.codes]).toEqual([1, 2, -1, -1]);
});
