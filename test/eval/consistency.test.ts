/** @file Rates that contradict each other are told of (C001-44); those of one run never are. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { inconsistencies } from "../../src/eval/consistency.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { publishedWarnings } from "../../src/study/claims.ts";
import { PUBLISHED } from "../../src/study/published.ts";
import { fromMatrix, POINT_ONLY } from "./tables.ts";

test("the numbers of 2.9, items 4 and 5", () => {
  const [gender, race] = PUBLISHED.filter(({ strategy }) => strategy === "clip-zeroshot");
  const other = "the recalls of the classes: they are of another run or another test set";
  expect(publishedWarnings(race!)).toEqual([
    `balanced accuracy is told as 0.6803, and is 0.6888 by ${other}`,
  ]);
  const misses = "as of two classes one's false positives are the other's misses";
  expect(publishedWarnings(gender!)).toEqual([
    `balanced accuracy is told as 0.9581, and is 0.9570 by ${other}`,
    "the gap of TPR is told as 0.1088, and is 0.0109 by the recalls of the classes",
    `FPR of male is told as 0.4146, and is 0.0375 by the recall of female, ${misses}`,
    `FPR of female is told as 0.5854, and is 0.0484 by the recall of male, ${misses}`,
    "the gap of FPR is told as 0.1707, and is 0.1088 by the gap of TPR, which is the same number where the target has two classes",
  ]);
});

test("what the study says of its other runs fits together", () => {
  const warned = PUBLISHED.filter((run) => publishedWarnings(run).length > 0);
  expect(warned.map(({ strategy, target }) => `${strategy} ${target}`)).toEqual([
    "clip-zeroshot gender",
    "clip-zeroshot race",
  ]);
});

const matrices = fc.integer({ min: 2, max: 4 }).chain((k) =>
  fc.array(fc.array(fc.integer({ min: 1, max: 30 }), { minLength: k, maxLength: k }), {
    minLength: k,
    maxLength: k,
  }),
);

test("rates of one confusion matrix never contradict each other; of two they do", () => {
  const claimed = (matrix: readonly (readonly number[])[]) => {
    const classes = matrix.map((_, i) => `c${i}`);
    const two = classes.length === 2;
    const report = evaluate(fromMatrix(classes, matrix), {
      ...(two && { positive: "c1" }),
      ...POINT_ONLY,
    });
    const { overall, perClass, classGaps } = report;
    const rate = (label: string, own: "tpr" | "fpr", mirrored: "tnr" | "fnr"): number =>
      (two ? overall[label === "c1" ? own : mirrored] : perClass[label]!.overall[own]).value!;
    return {
      classes: Object.fromEntries(
        classes.map((label, i) => [
          label,
          {
            recall: rate(label, "tpr", "tnr"),
            fpr: rate(label, "fpr", "fnr"),
            rows: matrix[i]!.reduce((a, b) => a + b),
          },
        ]),
      ),
      accuracy: overall.accuracy.value!,
      balancedAccuracy: overall.balancedAccuracy.value!,
      tprGap: classGaps.gaps["class.tpr_gap"]!.value!,
      fprGap: classGaps.gaps["class.fpr_gap"]!.value!,
    };
  };
  fc.assert(
    fc.property(matrices, (matrix) => {
      const claims = claimed(matrix);
      expect(inconsistencies(claims, 1e-9)).toEqual([]);
      const elsewhere = { ...claims, accuracy: claims.accuracy + 0.01 };
      expect(inconsistencies(elsewhere)).toHaveLength(1);
    }),
    { numRuns: 50 },
  );
});

test("where too little is told nothing is said", () => {
  expect(
    inconsistencies({ classes: { a: { recall: 0.5 }, b: {} }, balancedAccuracy: 0.9 }),
  ).toEqual([]);
  expect(inconsistencies({ classes: {}, accuracy: 0.9, tprGap: 0.1 })).toEqual([]);
});
