/** @file A long job's cost from three short ones, and how costs grow. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Costs, costsOf, wholeJob } from "../../bench/job/extrapolate.ts";
import { growth } from "../../bench/lib/statistics.ts";

const seconds = fc.double({ min: 0, max: 100, noNaN: true });

test("short jobs give back the costs that they are made of", () => {
  const costs = fc.record<Costs>({ once: seconds, row: seconds, visit: seconds, epoch: seconds });
  fc.assert(
    fc.property(costs, fc.integer({ min: 1, max: 1000 }), (parts, rows) => {
      const job = (times: number, epochs: number) => ({
        seconds: wholeJob(parts, { rows: times * rows, epochs }),
        lastEpoch: times * rows * parts.visit,
      });
      const found = costsOf({ rows, short: job(1, 1), long: job(1, 2), wide: job(2, 1) });
      const whole = { rows: 2000, epochs: 10 };
      const expected = wholeJob(parts, whole);
      expect(Math.abs(wholeJob(found, whole) - expected)).toBeLessThan(1e-6 * (1 + expected));
    }),
  );
});

test("what noise makes negative costs nothing", () => {
  const measured = (total: number) => ({ seconds: total, lastEpoch: 10 });
  const found = costsOf({ rows: 10, short: measured(12), long: measured(20), wide: measured(19) });
  expect(found).toEqual({ once: 2, row: 0, visit: 1, epoch: 0 });
});

test("the exponent of a power is found, and noise moves it little", () => {
  const x = [1000, 10_000, 100_000];
  expect(
    growth(
      x,
      x.map((n) => 3 * n ** 1.5),
    ),
  ).toBeCloseTo(1.5, 12);
  expect(growth(x, [1.05, 9.7, 101])).toBeCloseTo(1, 1);
});
