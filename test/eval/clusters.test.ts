/** @file Rows that belong together: resampled together, and worth fewer than they are. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { uniform } from "../../src/eval/uncertainty/binomial.ts";
import { encode, tally } from "../../src/eval/counts/cells.ts";
import { compare } from "../../src/eval/compare.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Predictions } from "../../src/eval/predictions.ts";
import type { Report } from "../../src/eval/report.ts";
import { random } from "../../src/run/random.ts";
import { fromRows } from "./tables.ts";

const BINARY = ["0", "1"];
type Row = readonly [group: string, truth: number, predicted: number];

const withClusters = (rows: readonly Row[], clusters: readonly number[]): Predictions => ({
  ...fromRows(BINARY, rows),
  clusters: Int32Array.from(clusters),
});
const options = { positive: "1", uncertainty: { replicates: 2000 } };
const width = ([low, high]: readonly number[]): number => high! - low!;
const draw = random("clusters");
const some: readonly Row[] = Array.from({ length: 300 }, () => [
  draw.int(2) ? "a" : "b",
  draw.int(2),
  draw.int(2),
]);

test("a cluster for every row changes nothing but where Kish's n and the linearised one differ", () => {
  const plain = evaluate(fromRows(BINARY, some), options);
  const clustered = evaluate(
    withClusters(
      some,
      some.map((_, i) => i),
    ),
    options,
  );
  expect(clustered.overall.tpr.interval![0]).toBeCloseTo(plain.overall.tpr.interval![0], 10);
  expect(clustered.overall.f1.interval).toEqual(plain.overall.f1.interval);
  const p = (report: Report): number => report.attributes["group"]!.gaps["eo.max"]!.fair!.pValue;
  expect(p(clustered)).toBe(p(plain));
});

test("every row three times, in clusters: the intervals of one time, not of three", () => {
  const tripled = [...some, ...some, ...some];
  const codes = tripled.map((_, i) => i % some.length);
  const once = evaluate(fromRows(BINARY, some), options);
  const clustered = evaluate(withClusters(tripled, codes), options);
  const naive = evaluate(fromRows(BINARY, tripled), options);
  for (const rate of ["tpr", "fpr", "ppv", "accuracy", "f1", "balancedAccuracy"] as const) {
    const [a, b, c] = [once, clustered, naive].map(({ overall }) => overall[rate]);
    expect(b!.value).toBeCloseTo(a!.value!, 12);
    expect(width(b!.interval!), rate).toBeCloseTo(width(a!.interval!), 2);
    expect(width(c!.interval!), rate).toBeLessThan(0.65 * width(a!.interval!));
  }
  const gap = (report: Report) => report.attributes["group"]!.gaps["eo.max"]!;
  expect(width(gap(clustered).interval!)).toBeCloseTo(width(gap(once).interval!), 2);
  expect(gap(clustered).fair!.expected).toBeCloseTo(gap(once).fair!.expected, 2);
  expect(gap(naive).fair!.expected).toBeLessThan(0.75 * gap(once).fair!.expected);
});

test("the paired interval of a change is one of clusters too", () => {
  const better = some.map(([g, t, p], i): Row => [g, t, i % 7 === 0 ? t : p]);
  const twice = <T>(rows: readonly T[]): T[] => [...rows, ...rows];
  const codes = twice(some.map((_, i) => i));
  const change = (before: Predictions, after: Predictions) =>
    compare(before, { m: after }, options).change["m"]!.overall["accuracy"]!;
  const once = change(fromRows(BINARY, some), fromRows(BINARY, better));
  const clustered = change(withClusters(twice(some), codes), withClusters(twice(better), codes));
  expect(width(clustered.interval!)).toBeCloseTo(width(once.interval!), 2);
});

test("95% intervals of clustered rows cover: people with ten photographs each", () => {
  const next = uniform("people");
  const runs = 200;
  let [covered, naively, small] = [0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const rows: Row[] = [];
    const clusters: number[] = [];
    for (let person = 0; person < 120; person++) {
      // recognised always or rarely: mean 0.7
      const rate = next() < 0.6 ? 1 : 0.25;
      for (let photo = 0; photo < 10; photo++) {
        rows.push([person % 2 ? "a" : "b", 1, next() < rate ? 1 : 0]);
        clusters.push(person);
      }
    }
    const uncertainty = { replicates: 200, seed: run };
    const report = evaluate(withClusters(rows, clusters), { positive: "1", uncertainty });
    const naive = evaluate(fromRows(BINARY, rows), { positive: "1", uncertainty });
    const holds = ({ overall }: Report): number =>
      overall.tpr.interval![0] <= 0.7 && 0.7 <= overall.tpr.interval![1] ? 1 : 0;
    covered += holds(report) / runs;
    naively += holds(naive) / runs;
    if (report.attributes["group"]!.gaps["eopp"]!.fair!.pValue <= 0.1) small += 1 / runs;
  }
  expect(covered).toBeGreaterThan(0.9);
  expect(naively).toBeLessThan(0.75);
  // the fair model keeps clusters together: its p-values stay uniform
  expect(small).toBeLessThan(0.17);
  expect(small).toBeGreaterThan(0.03);
});

test("units hold every row once, whatever their order", () => {
  const table = fc.array(
    fc.tuple(
      fc.constantFrom<string | null>("a", "b", null),
      fc.nat({ max: 1 }),
      fc.nat({ max: 1 }),
      fc.nat({ max: 5 }),
    ),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(table, (rows) => {
      const cells = (of: typeof rows) =>
        tally(
          encode(
            of.map(([g]) => g),
            ["a", "b"],
          ),
          Int32Array.from(of, ([, t]) => t),
          [Int32Array.from(of, ([, , p]) => p)],
          2,
          undefined,
          Int32Array.from(of, ([, , , c]) => c),
        );
      const { units, rows: counts } = cells(rows);
      const sums = counts.map(() => 0);
      units!.count.forEach((count, t) => {
        for (let i = units!.start[t]!; i < units!.start[t + 1]!; i++)
          sums[units!.cell[i]!]! += count * units!.rows[i]!;
      });
      expect(sums).toEqual(counts);
      expect(cells(rows.toReversed()).units).toEqual(units);
    }),
  );
});
