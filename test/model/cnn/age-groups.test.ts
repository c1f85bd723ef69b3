/** @file Age groups as numbers and back. */
import { expect, test } from "vitest";
import { ageGroupOf, decodeAgeGroup, encodeAgeGroup } from "../../../src/model/cnn/age-groups.ts";
import { decodeNumber, encodeNumber } from "../../../src/model/cnn/numbers.ts";

test("ages, their numbers and their groups", () => {
  expect([0, 17, 18, 29, 30, 79, 80, 116].map(encodeAgeGroup)).toEqual([
    0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1, 1,
  ]);
  expect([17, 18, 79, 80].map(ageGroupOf)).toEqual(["0-18", "19-30", "31-80", "80 +"]);
});

test("answers are read by bands, and between them are unknown", () => {
  expect(decodeAgeGroup(0.5)).toBe("19-30");
  expect(decodeAgeGroup(0.375)).toBe("Unknown");
  const ends = [0.65, 1.4, 1.65, 2.4, 2.65, 3.4, 3.65, 4.4];
  expect(ends.map((end) => decodeAgeGroup(end / 4))).toEqual([
    "0-18",
    "0-18",
    "19-30",
    "19-30",
    "31-80",
    "31-80",
    "80 +",
    "80 +",
  ]);
  expect([0, 0.6, 1.5, 2.5, 3.5, 4.5, -4, Number.NaN].map((x) => decodeAgeGroup(x / 4))).toEqual(
    Array<string>(8).fill("Unknown"),
  );
});

test("what is encoded is decoded", () => {
  for (const age of [0, 17, 18, 29, 30, 79, 80, 116]) {
    expect(decodeNumber({ code: "age-groups" }, encodeNumber({ code: "age-groups" }, age))).toBe(
      ageGroupOf(age),
    );
    const code = { code: "divided", by: 116 } as const;
    expect(decodeNumber(code, encodeNumber(code, age))).toBeCloseTo(age, 10);
  }
  expect(encodeNumber({ code: "divided", by: 116 }, 58)).toBe(0.5);
});
