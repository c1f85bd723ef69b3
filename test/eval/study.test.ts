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

// 0.5, consequence 1; the other numbers of these matrices are in test/study/published.test.ts
test.each(Object.entries(GENDER))(
  "with two classes the TPR gap is the FPR gap: %s",
  (_, matrix) => {
    const { gaps } = report(GENDERS, matrix).classGaps;
    expect(gaps["class.fpr_gap"]!.value).toBeCloseTo(gaps["class.tpr_gap"]!.value!, 14);
  },
);

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
