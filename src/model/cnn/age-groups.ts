/**
 * @file The study's age groups: a number that a network learns, and how its answer is read.
 * Its groups are 0-17, 18-29, 30-79 and 80+; its names for them, kept here, are off by one at 18 and 30.
 */

export const AGE_GROUPS = ["0-18", "19-30", "31-80", "80 +"] as const;
/** What lies between the bands. */
export const UNKNOWN_AGE_GROUP = "Unknown";
export type AgeGroup = (typeof AGE_GROUPS)[number] | typeof UNKNOWN_AGE_GROUP;

/** The first age of each group after the first. */
const STARTS = [18, 30, 80] as const;
/** Of the answer times 4, ends included. */
const BANDS = [
  [0.65, 1.4],
  [1.65, 2.4],
  [2.65, 3.4],
  [3.65, 4.4],
] as const;

/** 1 to 4. */
const groupIndex = (age: number): number => 1 + STARTS.filter((start) => age >= start).length;

export const ageGroupOf = (age: number): AgeGroup => AGE_GROUPS[groupIndex(age) - 1]!;

/** What a network learns for an age in years: the index of its group, from 1, divided by 4. */
export const encodeAgeGroup = (age: number): number => groupIndex(age) / AGE_GROUPS.length;

/** What a network's answer means: 0.5 is "19-30", 0.375 "Unknown". */
export function decodeAgeGroup(value: number): AgeGroup {
  const scaled = value * AGE_GROUPS.length;
  const found = BANDS.findIndex(([low, high]) => scaled >= low && scaled <= high);
  return AGE_GROUPS[found] ?? UNKNOWN_AGE_GROUP;
}
