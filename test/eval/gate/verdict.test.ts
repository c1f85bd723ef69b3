/** @file The truth table of verdicts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Bound, Limits } from "../../../src/eval/gate/rules.ts";
import { verdictOf, worstOf } from "../../../src/eval/gate/verdict.ts";

const LOW = 0.05;
const HIGH = 0.15;
const atMost = (max: number): Limits => ({ min: null, max });
const atLeast = (min: number): Limits => ({ min, max: null });

test.each<[Bound, Limits, string]>([
  ["point", atMost(0.1), "PASS"],
  ["point", atMost(0.09), "FAIL"],
  ["point", atLeast(0.1), "PASS"],
  ["point", atLeast(0.11), "FAIL"],
  ["upper", atMost(HIGH), "PASS"],
  ["upper", atMost(0.14), "FAIL"],
  ["upper", atLeast(HIGH), "PASS"],
  ["upper", atLeast(0.16), "FAIL"],
  ["lower", atMost(LOW), "PASS"],
  ["lower", atMost(0.04), "FAIL"],
  ["lower", atLeast(LOW), "PASS"],
  ["lower", atLeast(0.06), "FAIL"],
  ["ci", atMost(HIGH), "PASS"],
  ["ci", atMost(0.1), "INSUFFICIENT"],
  ["ci", atMost(LOW), "INSUFFICIENT"],
  ["ci", atMost(0.04), "FAIL"],
  ["ci", atLeast(LOW), "PASS"],
  ["ci", atLeast(0.1), "INSUFFICIENT"],
  ["ci", atLeast(HIGH), "INSUFFICIENT"],
  ["ci", atLeast(0.16), "FAIL"],
  ["ci", { min: LOW, max: HIGH }, "PASS"],
  ["ci", { min: 0.06, max: 0.14 }, "INSUFFICIENT"],
  ["ci", { min: 0.06, max: 1 }, "INSUFFICIENT"],
  ["ci", { min: 0.2, max: 1 }, "FAIL"],
  ["ci", { min: 0, max: 0.01 }, "FAIL"],
  ["point", { min: 0.1, max: 0.1 }, "PASS"],
  ["point", { min: 0.11, max: 1 }, "FAIL"],
])("0.1 [0.05, 0.15] under %s of %o: %s", (bound, limits, verdict) => {
  const found = verdictOf(0.1, [LOW, HIGH], limits, bound);
  expect(found.verdict).toBe(verdict);
  expect(found.reason === null).toBe(verdict === "PASS");
});

test("float error is no failure, and a hair's breadth is told apart from the limit", () => {
  expect(verdictOf(0.8 - 0.7, null, atMost(0.1), "point")).toEqual({
    verdict: "PASS",
    reason: null,
  });
  expect(verdictOf(0.10002, null, atMost(0.1), "point").reason).toBe("0.100020 is above 0.1");
  expect(verdictOf(0.3, [0.2, 0.30001], atMost(0.3), "ci").reason).toBe(
    "0.3 lies within [0.200000, 0.300010]; more rows would tell",
  );
});

test("reasons", () => {
  const reason = (bound: Bound, limits: Limits) =>
    verdictOf(0.1, [LOW, HIGH], limits, bound).reason;
  expect(reason("point", atMost(0.09))).toBe("0.100 is above 0.09");
  expect(reason("upper", atMost(0.1))).toBe("the upper end of [0.050, 0.150] is above 0.1");
  expect(reason("lower", atLeast(0.1))).toBe("the lower end of [0.050, 0.150] is below 0.1");
  expect(reason("ci", atLeast(0.2))).toBe("all of [0.050, 0.150] is below 0.2");
  expect(reason("ci", { min: 0.06, max: 0.14 })).toBe(
    "0.06 and 0.14 lie within [0.050, 0.150]; more rows would tell",
  );
});

test.each<Bound>(["ci", "upper", "lower"])("%s without an interval is INSUFFICIENT", (bound) => {
  const { verdict, reason } = verdictOf(0.1, null, atMost(0.5), bound);
  expect(verdict).toBe("INSUFFICIENT");
  expect(reason).toContain("bootstrap replicates");
});

describe("properties", () => {
  const number = fc.double({ min: -2, max: 2, noNaN: true });
  const bound = fc.constantFrom<Bound>("point", "upper", "lower", "ci");
  /** A value within its interval. */
  const estimate = fc
    .tuple(number, number, number)
    .map((all) => all.toSorted((a, b) => a - b) as [number, number, number])
    .map(([low, value, high]) => ({ value, interval: [low, high] as [number, number] }));
  const EPSILON = 1e-9;

  test("ci with a max: PASS iff the upper end keeps to it, FAIL iff the lower end does not", () => {
    fc.assert(
      fc.property(estimate, number, ({ value, interval }, max) => {
        const { verdict } = verdictOf(value, interval, atMost(max), "ci");
        expect(verdict === "PASS").toBe(interval[1] - max <= EPSILON);
        expect(verdict === "FAIL").toBe(interval[0] - max > EPSILON);
      }),
    );
  });

  test("a looser max never turns PASS into anything else, nor FAIL into being worse", () => {
    const rank = { PASS: 2, INSUFFICIENT: 1, FAIL: 0 };
    fc.assert(
      fc.property(estimate, number, number, bound, ({ value, interval }, a, b, how) => {
        const [tight, loose] = [Math.min(a, b), Math.max(a, b)].map(
          (max) => rank[verdictOf(value, interval, atMost(max), how).verdict],
        );
        expect(loose).toBeGreaterThanOrEqual(tight!);
      }),
    );
  });

  test("min is max in a mirror, where upper is lower", () => {
    const mirrored = { point: "point", ci: "ci", upper: "lower", lower: "upper" } as const;
    fc.assert(
      fc.property(estimate, number, bound, ({ value, interval: [low, high] }, limit, how) => {
        expect(verdictOf(value, [low, high], atMost(limit), how).verdict).toBe(
          verdictOf(-value, [-high, -low], atLeast(-limit), mirrored[how]).verdict,
        );
      }),
    );
  });

  test("two limits pass when both do, and fail when one does", () => {
    fc.assert(
      fc.property(estimate, number, number, bound, ({ value, interval }, a, b, how) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)];
        const of = (limits: Limits) => verdictOf(value, interval, limits, how).verdict;
        const alone = [of(atLeast(min)), of(atMost(max))];
        expect(of({ min, max })).toBe(worstOf(alone));
      }),
    );
  });

  test("what ci decides, the point decides alike", () => {
    fc.assert(
      fc.property(estimate, number, ({ value, interval }, max) => {
        const { verdict } = verdictOf(value, interval, atMost(max), "ci");
        if (verdict !== "INSUFFICIENT")
          expect(verdictOf(value, interval, atMost(max), "point").verdict).toBe(verdict);
      }),
    );
  });
});

test("FAIL outweighs INSUFFICIENT, which outweighs PASS", () => {
  expect(worstOf(["PASS", "INSUFFICIENT", "FAIL"])).toBe("FAIL");
  expect(worstOf(["PASS", "INSUFFICIENT"])).toBe("INSUFFICIENT");
  expect(worstOf(["PASS"])).toBe("PASS");
});
