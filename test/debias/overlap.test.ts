/** @file Whether erasing a concept erases the task. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { overlap, overlapWarning } from "../../src/debias/overlap.ts";

const labels = (...values: number[]) => Int32Array.from(values);

test("labels that are equal up to renaming decide the target", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2 }), (values) => {
      fc.pre(new Set(values).size > 1);
      const concept = Int32Array.from(values);
      const found = overlap(
        concept,
        concept.map((label) => 3 - label),
      );
      expect(found.decidesTarget).toBe(true);
      expect(found.cramersV).toBeCloseTo(1, 12);
    }),
  );
});

test("a finer concept decides a coarser target, not the other way round", () => {
  const ages = labels(0, 1, 2, 3, 0, 1, 2, 3);
  const adult = ages.map((age) => Number(age > 1));
  expect(overlap(ages, adult)).toEqual({ cramersV: 1, decidesTarget: true });
  expect(overlap(adult, ages).decidesTarget).toBe(false);
});

test("independent labels have V 0; a 2 x 2 table by hand", () => {
  expect(overlap(labels(0, 0, 1, 1), labels(0, 1, 0, 1))).toEqual({
    cramersV: 0,
    decidesTarget: false,
  });
  // counts 3 1 / 1 3: chi-square 2 of 8 rows
  const { cramersV } = overlap(labels(0, 0, 0, 0, 1, 1, 1, 1), labels(0, 0, 0, 1, 0, 1, 1, 1));
  expect(cramersV).toBeCloseTo(0.5, 12);
});

test("one class has no V and decides nothing", () => {
  expect(overlap(labels(0, 0), labels(0, 1))).toEqual({ cramersV: null, decidesTarget: false });
  expect(overlap(labels(0, 1), labels(2, 2))).toEqual({ cramersV: null, decidesTarget: false });
});

test("the warning says that the task goes too, or that much of it does, or nothing", () => {
  expect(overlapWarning("sex", "gender", { cramersV: 1, decidesTarget: true })).toMatch(
    /sex decides gender .* erases the task itself/,
  );
  expect(overlapWarning("hat", "season", { cramersV: 0.7, decidesTarget: false })).toMatch(
    /hat and season .* V 0.70/,
  );
  expect(overlapWarning("race", "age", { cramersV: 0.2, decidesTarget: false })).toBeNull();
  expect(overlapWarning("race", "age", { cramersV: null, decidesTarget: false })).toBeNull();
});
