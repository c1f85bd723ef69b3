/** @file The study's confusion matrices (001): rows true class, in the order of GENDERS or RACES. */

export type Matrix = readonly (readonly number[])[];
export const GENDERS = ["male", "female"];
export const RACES = ["white", "black", "asian", "indian", "other"];

/** Gender, by section of the study. */
export const GENDER = {
  "ward original (2.5)": [
    [475, 66],
    [158, 542],
  ],
  "ward, earlier run (2.5)": [
    [557, 13],
    [221, 510],
  ],
  "tripathi (2.7)": [
    [2719, 391],
    [289, 2528],
  ],
  "aghav, later run (2.8)": [
    [2350, 120],
    [204, 2068],
  ],
  "clip zero-shot (2.9)": [
    [2358, 120],
    [85, 2179],
  ],
  "contrastive, original (2.10)": [
    [2286, 192],
    [7, 2256],
  ],
  "contrastive, curated (2.10)": [
    [1781, 116],
    [209, 1647],
  ],
  "constrained (2.11)": [
    [2286, 195],
    [143, 2121],
  ],
  "subspace (2.12)": [
    [2024, 455],
    [587, 1675],
  ],
  "gender and age (2.14)": [
    [2932, 185],
    [214, 2596],
  ],
} as const satisfies Record<string, Matrix>;

/** Race after contrastive fine-tuning (2.10). */
export const RACE_ORIGINAL: Matrix = [
  [1546, 9, 2, 16, 442],
  [2, 806, 1, 2, 95],
  [0, 0, 679, 4, 4],
  [3, 2, 0, 755, 35],
  [2, 3, 1, 12, 320],
];
export const RACE_CURATED: Matrix = [
  [827, 26, 19, 47, 109],
  [7, 813, 3, 52, 30],
  [23, 16, 557, 34, 57],
  [10, 35, 11, 683, 56],
  [42, 38, 14, 74, 170],
];

/** The log of the study's constrained run (2.11): validation loss, TPR gap, FPR-A gap. */
export const LOG = [
  [0.51476, 0.475, 0.8716],
  [0.17383, 0.035, 0.28],
  [0.34737, 0.225, 0.7895],
  [0.18855, 0.06, 0.4286],
  [0.26896, 0.02, 0.125],
  [0.29615, 0.115, 0.7419],
  [0.22164, 0.035, 0.3043],
  [0.22671, 0.035, 0.3043],
  [0.22747, 0.035, 0.3043],
  [0.22759, 0.035, 0.3043],
] as const;

/** Zero-shot race (2.9): the study gives TP, FN and FP of each class. A matrix with these margins, filled greedily. */
export const RACE_ZERO_SHOT: Matrix = fromMargins(
  [1760, 692, 648, 621, 28],
  [255, 214, 39, 174, 311],
  [378, 90, 149, 122, 254],
);

function fromMargins(
  tp: readonly number[],
  fn: readonly number[],
  fp: readonly number[],
): number[][] {
  const matrix = tp.map((hits, t) => tp.map((_, p) => (t === p ? hits : 0)));
  const left = { row: [...fn], column: [...fp] };
  // the class with most left to give goes first, so that nobody is left with only itself
  for (let total = fn.reduce((a, b) => a + b); total > 0; total--) {
    const need = (i: number): number => left.row[i]! + left.column[i]!;
    const order = [...tp.keys()].toSorted((a, b) => need(b) - need(a));
    const tight = order[0]!;
    const pair =
      left.row[tight]! > 0
        ? [tight, order.find((c) => c !== tight && left.column[c]! > 0)!]
        : [order.find((c) => c !== tight && left.row[c]! > 0)!, tight];
    matrix[pair[0]!]![pair[1]!]! += 1;
    left.row[pair[0]!]! -= 1;
    left.column[pair[1]!]! -= 1;
  }
  return matrix;
}
