/** @file The study's confusion matrices (001): its published numbers and the corrected ones, to 4 decimals. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Report } from "../../src/eval/report.ts";
import { fromMatrix, POINT_ONLY } from "./tables.ts";

type Matrix = readonly (readonly number[])[];
const GENDERS = ["male", "female"];
const RACES = ["white", "black", "asian", "indian", "other"];

const report = (
  classes: readonly string[],
  matrix: Matrix,
  excludedClasses: string[] = [],
): Report =>
  evaluate(fromMatrix(classes, matrix), {
    ...(classes.length === 2 && { positive: "female" }),
    excludedClasses,
    ...POINT_ONLY,
  });

/** Number to 4 decimals, as printed in the study. */
const four = (value: number | null | undefined): string => (value ?? Number.NaN).toFixed(4);

/** Of both classes as a pair: [n, balanced accuracy, macro F1, TPR male, TPR female, gap, recall ratio]. */
const STRATEGIES: readonly (readonly [string, Matrix, readonly [number, ...string[]]])[] = [
  [
    "ward original (2.5)",
    [
      [475, 66],
      [158, 542],
    ],
    [1241, "0.8261", "0.8190", "0.8780", "0.7743", "0.1037", "0.8819"],
  ],
  [
    "tripathi (2.7)",
    [
      [2719, 391],
      [289, 2528],
    ],
    [5927, "0.8858", "0.8852", "0.8743", "0.8974", "0.0231", "0.9742"],
  ],
  [
    "aghav, later run (2.8)",
    [
      [2350, 120],
      [204, 2068],
    ],
    [4742, "0.9308", "0.9314", "0.9514", "0.9102", "0.0412", "0.9567"],
  ],
  [
    "clip zero-shot (2.9)",
    [
      [2358, 120],
      [85, 2179],
    ],
    [4742, "0.9570", "0.9567", "0.9516", "0.9625", "0.0109", "0.9887"],
  ],
  [
    "contrastive, original (2.10)",
    [
      [2286, 192],
      [7, 2256],
    ],
    [4741, "0.9597", "0.9580", "0.9225", "0.9969", "0.0744", "0.9254"],
  ],
  [
    "contrastive, curated (2.10)",
    [
      [1781, 116],
      [209, 1647],
    ],
    [3753, "0.9131", "0.9133", "0.9389", "0.8874", "0.0515", "0.9452"],
  ],
  [
    "constrained (2.11)",
    [
      [2286, 195],
      [143, 2121],
    ],
    [4745, "0.9291", "0.9287", "0.9214", "0.9368", "0.0154", "0.9835"],
  ],
  [
    "subspace (2.12)",
    [
      [2024, 455],
      [587, 1675],
    ],
    [4741, "0.7785", "0.7790", "0.8165", "0.7405", "0.0760", "0.9070"],
  ],
];

test.each(STRATEGIES)("%s", (_, matrix, expected) => {
  const { n, overall, classGaps, confusion } = report(GENDERS, matrix);
  const mirrored = evaluate(fromMatrix(GENDERS, matrix), { positive: "male", ...POINT_ONLY });
  const { gaps } = classGaps;
  expect(confusion).toEqual(matrix);
  expect([
    n,
    four(overall.balancedAccuracy.value),
    four((overall.f1.value! + mirrored.overall.f1.value!) / 2),
    four(overall.tnr.value),
    four(overall.tpr.value),
    four(gaps["class.tpr_gap"]!.value),
    four(gaps["class.di"]!.value),
  ]).toEqual(expected);
  // 0.5, consequence 1: with two classes the TPR gap is the FPR gap
  expect(gaps["class.fpr_gap"]!.value).toBeCloseTo(gaps["class.tpr_gap"]!.value!, 14);
});

describe("zero-shot race (2.9)", () => {
  // the study gives TP, FN and FP per class; a matrix with these margins, found by filling greedily
  const [tp, fp] = [
    [1760, 692, 648, 621, 28],
    [378, 90, 149, 122, 254],
  ];
  const fn = [255, 214, 39, 174, 311];
  const matrix = tp!.map((hits, t) => tp!.map((__, p) => (t === p ? hits : 0)));
  const left = { row: [...fn], column: [...fp!] };
  // the class with most left to give goes first, so that nobody is left with only itself
  for (let total = fn.reduce((a, b) => a + b); total > 0; total--) {
    const need = (i: number): number => left.row[i]! + left.column[i]!;
    const order = [0, 1, 2, 3, 4].sort((a, b) => need(b) - need(a));
    const tight = order[0]!;
    const pair =
      left.row[tight]! > 0
        ? [tight, order.find((c) => c !== tight && left.column[c]! > 0)!]
        : [order.find((c) => c !== tight && left.row[c]! > 0)!, tight];
    matrix[pair[0]!]![pair[1]!]! += 1;
    left.row[pair[0]!]! -= 1;
    left.column[pair[1]!]! -= 1;
  }
  const { perClass, classGaps } = report(RACES, matrix, ["other"]);

  test("recall and true FPR of every class", () => {
    const tpr = ["0.8734", "0.7638", "0.9432", "0.7811", "0.0826"];
    const fpr = ["0.1386", "0.0235", "0.0367", "0.0309", "0.0577"];
    expect(RACES.map((race) => four(perClass[race]!.overall.tpr.value))).toEqual(tpr);
    expect(RACES.map((race) => four(perClass[race]!.overall.fpr.value))).toEqual(fpr);
  });

  test("pairs beyond 0.1, without other (item 8)", () => {
    const beyond = (name: "tpr" | "fpr"): Record<string, string> =>
      Object.fromEntries(
        classGaps.pairs
          .filter(({ classes, [name]: { gap } }) => !classes.includes("other") && gap! >= 0.1)
          .map(({ classes, [name]: { gap } }) => [classes.join("-"), four(gap)]),
      );
    expect(beyond("tpr")).toEqual({
      "white-black": "0.1097",
      "black-asian": "0.1794",
      "asian-indian": "0.1621",
    });
    expect(beyond("fpr")).toEqual({
      "white-black": "0.1152",
      "white-asian": "0.1019",
      "white-indian": "0.1077",
    });
    const ratio = (a: string, b: string): number =>
      classGaps.pairs.find(({ classes }) => classes.join() === `${a},${b}`)!.recallRatio!;
    expect(ratio("white", "black")).toBeCloseTo(0.8744606662653021, 12);
    expect(ratio("white", "indian")).toBeCloseTo(0.8943074614065181, 12);
    expect(ratio("white", "asian")).toBeCloseTo(0.926017829243636, 12);
  });

  test("the excluded class is left out of the second set of gaps only", () => {
    expect(four(classGaps.gaps["class.tpr_gap"]!.value)).toBe("0.8606");
    expect(classGaps.excluding).toMatchObject({ classes: ["other"] });
    const gap = classGaps.excluding!.gaps["class.tpr_gap"]!;
    expect(four(gap.value)).toBe("0.1794");
    expect(gap.groups).toEqual(["black", "asian"]);
  });
});

describe("contrastive race (2.10)", () => {
  const original = report(RACES, [
    [1546, 9, 2, 16, 442],
    [2, 806, 1, 2, 95],
    [0, 0, 679, 4, 4],
    [3, 2, 0, 755, 35],
    [2, 3, 1, 12, 320],
  ]);
  const curated = report(
    RACES,
    [
      [827, 26, 19, 47, 109],
      [7, 813, 3, 52, 30],
      [23, 16, 557, 34, 57],
      [10, 35, 11, 683, 56],
      [42, 38, 14, 74, 170],
    ],
    ["other"],
  );

  test("accuracy and macro F1 (item 8)", () => {
    expect(four(original.overall.balancedAccuracy.value)).toBe("0.9083");
    expect(four(original.overall.f1.value)).toBe("0.8527");
    expect(four(curated.overall.balancedAccuracy.value)).toBe("0.7751");
    expect(four(curated.overall.f1.value)).toBe("0.7724");
  });

  test("recall ratios of all pairs (item 9)", () => {
    const ratios = ({ classGaps }: Report): string[] =>
      classGaps.pairs.map(({ recallRatio }) => four(recallRatio));
    expect(ratios(original)).toEqual([
      "0.8624",
      "0.7763",
      "0.8079",
      "0.8104",
      "0.9001",
      "0.9368",
      "0.9397",
      "0.9609",
      "0.9579",
      "0.9969",
    ]);
    expect(ratios(curated)).toEqual([
      "0.8955",
      "0.9922",
      "0.9364",
      "0.6252",
      "0.9025",
      "0.9563",
      "0.5599",
      "0.9437",
      "0.6203",
      "0.5854",
    ]);
  });

  test("white is never the privileged class, and other is the worst gap of the curated run (items 10 to 12)", () => {
    const white = original.classGaps.pairs.filter(({ classes }) => classes[0] === "white");
    expect(white.map(({ tpr }) => tpr.privileged)).toEqual(RACES.slice(1));
    expect(white.slice(0, 3).map(({ tpr }) => tpr.gap!.toFixed(5))).toEqual([
      "0.12238",
      "0.22111",
      "0.18244",
    ]);
    expect(four(curated.classGaps.excluding!.gaps["class.tpr_gap"]!.value)).toBe("0.0939");
    const worst = curated.classGaps.gaps["class.tpr_gap"]!;
    expect([worst.value!.toFixed(3), worst.groups[0]]).toEqual(["0.395", "other"]);
  });
});
