/** @file The study's confusion matrices (001): its published numbers and the corrected ones, to 4 decimals. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Report } from "../../src/eval/report.ts";
import {
  GENDER,
  GENDERS,
  type Matrix,
  RACE_CURATED,
  RACE_ORIGINAL,
  RACE_ZERO_SHOT,
  RACES,
} from "./study.ts";
import { fromMatrix, POINT_ONLY } from "./tables.ts";

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

/** [n, balanced accuracy, macro F1, TPR male, TPR female, gap, recall ratio], of which 2.13 has all but two rows. */
const STRATEGIES: Readonly<Record<keyof typeof GENDER, readonly [number, ...string[]]>> = {
  "ward original (2.5)": [1241, "0.8261", "0.8190", "0.8780", "0.7743", "0.1037", "0.8819"],
  "ward, earlier run (2.5)": [1301, "0.8374", "0.8199", "0.9772", "0.6977", "0.2795", "0.7140"],
  "tripathi (2.7)": [5927, "0.8858", "0.8852", "0.8743", "0.8974", "0.0231", "0.9742"],
  "aghav, later run (2.8)": [4742, "0.9308", "0.9314", "0.9514", "0.9102", "0.0412", "0.9567"],
  "clip zero-shot (2.9)": [4742, "0.9570", "0.9567", "0.9516", "0.9625", "0.0109", "0.9887"],
  "contrastive, original (2.10)": [
    4741,
    "0.9597",
    "0.9580",
    "0.9225",
    "0.9969",
    "0.0744",
    "0.9254",
  ],
  "contrastive, curated (2.10)": [3753, "0.9131", "0.9133", "0.9389", "0.8874", "0.0515", "0.9452"],
  "constrained (2.11)": [4745, "0.9291", "0.9287", "0.9214", "0.9368", "0.0154", "0.9835"],
  "subspace (2.12)": [4741, "0.7785", "0.7790", "0.8165", "0.7405", "0.0760", "0.9070"],
  "gender and age (2.14)": [5927, "0.9322", "0.9325", "0.9406", "0.9238", "0.0168", "0.9821"],
};

test.each(Object.entries(STRATEGIES))("%s", (name, expected) => {
  const matrix: Matrix = GENDER[name as keyof typeof GENDER];
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

test("figures printed with more digits, or of one class (2.5 to 2.12)", () => {
  const of = (name: keyof typeof GENDER, positive = "female"): Report =>
    evaluate(fromMatrix(GENDERS, GENDER[name]), { positive, ...POINT_ONLY });
  const macro = (name: keyof typeof GENDER): [number, number] => [
    of(name).overall.balancedAccuracy.value!,
    (of(name).overall.f1.value! + of(name, "male").overall.f1.value!) / 2,
  ];
  const printed = {
    "ward original (2.5)": [0.8261447, 0.8189727],
    "contrastive, original (2.10)": [0.9597125, 0.9580241],
    "contrastive, curated (2.10)": [0.9131215, 0.9132921],
  } as const;
  for (const [name, values] of Object.entries(printed))
    macro(name as keyof typeof printed).forEach((value, i) =>
      expect(value, name).toBeCloseTo(values[i]!, 7),
    );
  expect(macro("subspace (2.12)")[0]).toBeCloseTo(0.7784767, 7);
  expect(four(of("ward original (2.5)").overall.accuracy.value)).toBe("0.8195");
  expect(four(of("tripathi (2.7)").overall.accuracy.value)).toBe("0.8853");
  const { ppv, tpr, f1 } = of("tripathi (2.7)", "male").overall;
  expect([ppv, tpr, f1].map(({ value }) => four(value))).toEqual(["0.9039", "0.8743", "0.8889"]);
  const fprs = (name: keyof typeof GENDER): string[] =>
    ["male", "female"].map((positive) => four(of(name, positive).overall.fpr.value));
  expect(fprs("aghav, later run (2.8)")).toEqual(["0.0898", "0.0486"]);
  expect(fprs("constrained (2.11)")).toEqual(["0.0632", "0.0786"]);
  const { gaps } = of("clip zero-shot (2.9)").classGaps;
  expect(gaps["class.tpr_gap"]!.value).toBeCloseTo(0.0108819805097578, 14); // printed ten times too large
});

describe("zero-shot race (2.9)", () => {
  const { overall, perClass, classGaps } = report(RACES, RACE_ZERO_SHOT, ["other"]);

  test("recall and true FPR of every class", () => {
    expect(four(overall.balancedAccuracy.value)).toBe("0.6888"); // item 6
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
  const original = report(RACES, RACE_ORIGINAL);
  const curated = report(RACES, RACE_CURATED, ["other"]);

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
