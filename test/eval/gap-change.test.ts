/** @file The change of a gap: as sure as it says where one model is fair and the other is not, exact where nothing changed. */
import { expect, test } from "vitest";
import { ONE_GROUP_MENDED, simulate } from "../../scripts/coverage.ts";
import { compare } from "../../src/eval/compare.ts";
import { people, shapes } from "./gate/people.ts";

test("what mending one group of eight does to a gap is within the interval (percentiles: 6 of 10)", () => {
  const RUNS = 80;
  const { within } = simulate(ONE_GROUP_MENDED, RUNS, "contrast", 199).get("change of eo.max")!;
  expect(within).toBeGreaterThan(0.92 - 3 * Math.sqrt((0.92 * 0.08) / RUNS));
});

const OPTIONS = { uncertainty: { replicates: 300 } };

test("a model has not changed from itself, in any gap", () => {
  for (const [rows, options] of [
    [people({ rows: 600, tpr: [0.7, 0.8, 0.9] }), { ...OPTIONS, positive: "yes" }],
    [shapes(600), OPTIONS],
  ] as const) {
    const { change } = compare(rows, { same: rows }, options);
    const { attributes, classGaps } = change["same"]!;
    const gaps = [...Object.values(attributes).map((of) => of.gaps), classGaps].flatMap(
      Object.values,
    );
    expect(gaps.length).toBeGreaterThan(30);
    for (const { value, interval } of gaps)
      expect({ value, interval }).toEqual({ value: 0, interval: [0, 0] });
  }
});

test("an interval holds the change, and none is wider than for independent rows", () => {
  const [before, after] = [
    people({ rows: 900, tpr: [0.6, 0.8, 0.9] }),
    people({ rows: 900, seed: 1 }),
  ];
  const compared = compare(before, { after }, { ...OPTIONS, positive: "yes" });
  for (const [attribute, { gaps }] of Object.entries(compared.change["after"]!.attributes))
    for (const [name, { value, interval }] of Object.entries(gaps)) {
      const of = (report: typeof compared.before) => report.attributes[attribute]!.gaps[name]!;
      const [was, is] = [of(compared.before), of(compared.after["after"]!)];
      expect(value).toBeCloseTo(is.value! - was.value!, 12);
      const [low, high] = interval!;
      expect(low).toBeLessThanOrEqual(value! + 1e-12);
      expect(high).toBeGreaterThanOrEqual(value! - 1e-12);
      const sum = (a: number, b: number): number => Math.hypot(Math.max(0, a), Math.max(0, b));
      const [i, j] = [is.interval!, was.interval!];
      expect(value! - low).toBeLessThanOrEqual(sum(is.value! - i[0], j[1] - was.value!) + 1e-9);
      expect(high - value!).toBeLessThanOrEqual(sum(i[1] - is.value!, was.value! - j[0]) + 1e-9);
    }
});
