/** @file Rows for tests, in memory. */
import fc from "fast-check";
import type { Row, Split } from "../../src/data/row.ts";
import { utkfaceRows } from "../../src/data/utkface.ts";
import { random } from "../../src/run/random.ts";

export const row = (id: string, labels: Record<string, string>, rest: Partial<Row> = {}): Row => ({
  id,
  path: `/images/${id}`,
  labels,
  numbers: {},
  split: null,
  weight: 1,
  origin: null,
  cluster: null,
  ...rest,
});

/** `counts[values joined by "/"]` rows of each cell. */
export const rowsOf = (
  attributes: readonly string[],
  counts: Readonly<Record<string, number>>,
  split: Split | null = null,
): Row[] =>
  Object.entries(counts).flatMap(([values, count]) =>
    Array.from({ length: count }, (_, i) => {
      const labels = values.split("/").map((value, a) => [attributes[a]!, value]);
      return row(`${values.replaceAll("/", "-")}-${i}`, Object.fromEntries(labels), { split });
    }),
  );

const GENDERS = ["female", "male"] as const;
const RACES = ["asian", "black", "white"] as const;

/** Up to `max` rows with a gender, a race and, for about half of them, one of a few clusters. */
export const anyRows = (max: number, split: Split | null = null): fc.Arbitrary<Row[]> =>
  fc
    .array(
      fc.record({
        gender: fc.constantFrom(...GENDERS),
        race: fc.constantFrom(...RACES),
        cluster: fc.option(fc.integer({ min: 0, max: 12 }).map(String)),
      }),
      { minLength: 1, maxLength: max },
    )
    .map((items) =>
      items.map(({ gender, race, cluster }, i) =>
        row(`r${i}`, { gender, race }, { split, cluster }),
      ),
    );

/** UTKFace's 23,705 usable faces by race and gender. */
export const UTKFACE_COUNTS = {
  "white/male": 5477,
  "white/female": 4601,
  "black/male": 2318,
  "black/female": 2208,
  "asian/male": 1575,
  "asian/female": 1859,
  "indian/male": 2261,
  "indian/female": 1714,
  "other/male": 760,
  "other/female": 932,
} as const;

/** UTKFace's faces of each age from 1 to 116. */
export const UTKFACE_AGES = [
  1123, 482, 289, 273, 196, 131, 139, 263, 166, 156, 65, 130, 81, 157, 177, 247, 158, 262, 98, 284,
  346, 395, 426, 859, 734, 2197, 615, 918, 570, 724, 350, 664, 143, 409, 880, 483, 293, 325, 265,
  526, 132, 266, 157, 100, 440, 153, 170, 153, 148, 381, 138, 232, 241, 353, 268, 236, 97, 271, 82,
  293, 159, 125, 103, 50, 259, 77, 94, 100, 56, 147, 33, 98, 63, 32, 148, 58, 28, 69, 23, 133, 22,
  40, 18, 24, 155, 35, 10, 34, 33, 82, 2, 13, 5, 0, 9, 17, 0, 0, 9, 11, 2, 0, 1, 0, 5, 0, 0, 0, 0,
  5, 1, 0, 0, 0, 3, 4,
] as const;

/** The files of UTKFace whose names have no race. */
export const UTKFACE_NAMELESS = [
  "39_1_20170116174525125.jpg.chip.jpg",
  "61_1_20170109142408075.jpg.chip.jpg",
  "61_1_20170109150557335.jpg.chip.jpg",
] as const;

/**
 * Names of 23,708 files that have UTKFace's counts of race by gender, of ages, and of bad names. Which ages go with which
 * race is drawn: only what follows from the counts above may be expected of them.
 *
 * @param skew 0: ages are independent of race; 1: old faces are the more often white (the first of the counts), as they are
 */
export function utkfaceNames(seed: number, skew = 0): string[] {
  const stream = random(seed, "ages");
  const shuffled = UTKFACE_AGES.flatMap((count, i) =>
    Array.from({ length: count }, () => ({
      age: i + 1,
      place: stream.normal() - skew * Math.log(i + 6),
    })),
  ).sort((a, b) => a.place - b.place);
  const races = ["white", "black", "asian", "indian", "other"];
  let n = 0;
  const names = Object.entries(UTKFACE_COUNTS).flatMap(([values, count]) => {
    const [race, gender] = values.split("/");
    const codes = `${gender === "male" ? 0 : 1}_${races.indexOf(race!)}`;
    return Array.from({ length: count }, () => {
      const date = 20170100000000000n + BigInt(n);
      return `${shuffled[n++]!.age}_${codes}_${date}.jpg.chip.jpg`;
    });
  });
  return [...names, ...UTKFACE_NAMELESS];
}

/** Their rows, in no split. */
export const utkfaceFaces = (seed: number, skew = 0): Row[] =>
  utkfaceRows("names", utkfaceNames(seed, skew), { root: "/faces" }).rows.slice();
