/** @file The study's own formulas (001): every published number that a confusion matrix gives, beside the correct one. */
import { describe, expect, test } from "vitest";
import type { COMPAT } from "../../src/eval/metrics/compat.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { Report } from "../../src/eval/report.ts";
import { betweenClasses, checkConstraints, selectEpoch } from "../../src/eval/select.ts";
import {
  GENDER,
  GENDERS,
  LOG,
  type Matrix,
  RACE_CURATED,
  RACE_ORIGINAL,
  RACE_ZERO_SHOT,
  RACES,
} from "./study.ts";
import { fromMatrix, POINT_ONLY } from "./tables.ts";

const report = (classes: readonly string[], matrix: Matrix, positive = "female"): Report =>
  evaluate(fromMatrix(classes, matrix), {
    ...(classes.length === 2 && { positive }),
    compat: true,
    ...POINT_ONLY,
  });

/** The published number of one pair. */
const pairOf = ({ compat }: Report, name: keyof typeof COMPAT, ...pair: readonly string[]) =>
  compat!.pairs.find(({ classes }) => classes.join() === pair.join())!.values[name]!;
const byClass = ({ compat }: Report, name: keyof typeof COMPAT): (number | null)[] =>
  Object.values(compat!.rates[name]!);

test("it is in the report on request alone, and fits the schema", () => {
  const predictions = fromMatrix(RACES, RACE_ORIGINAL);
  expect(evaluate(predictions, POINT_ONLY)).not.toHaveProperty("compat");
  const asked = report(RACES, RACE_ORIGINAL);
  expect(Report.parse(asked)).toEqual(asked);
  expect(Object.keys(asked.compat!.rates)).toEqual(["compat.fpr_a", "compat.fpr_b"]);
  expect(asked.compat!.pairs).toHaveLength(10);
  const { compat: _, ...rest } = asked;
  expect(rest).toEqual(evaluate(predictions, POINT_ONLY));
});

describe("disparate impact by M-17 (2.13)", () => {
  const published: Readonly<Partial<Record<keyof typeof GENDER, string>>> = {
    "ward original (2.5)": "0.6816",
    "tripathi (2.7)": "0.8824",
    "aghav, later run (2.8)": "0.9615",
    "clip zero-shot (2.9)": "0.9033",
    "contrastive, original (2.10)": "0.8451",
    "contrastive, curated (2.10)": "0.9661",
    "constrained (2.11)": "0.8975",
    "subspace (2.12)": "0.9940",
  };
  test.each(Object.entries(published))("%s", (name, value) => {
    const of = report(GENDERS, GENDER[name as keyof typeof GENDER]);
    expect(pairOf(of, "compat.di", "male", "female").toFixed(4)).toBe(value);
  });

  test("with the digits that were printed (2.5, 2.12)", () => {
    const ward = report(GENDERS, GENDER["ward original (2.5)"]);
    expect(pairOf(ward, "compat.di", "male", "female")).toBeCloseTo(0.6815601, 7);
    const subspace = report(GENDERS, GENDER["subspace (2.12)"]);
    expect(pairOf(subspace, "compat.di", "male", "female")).toBeCloseTo(0.9939674340077338, 14);
    const { gaps, pairs } = subspace.classGaps;
    expect(gaps["class.tpr_gap"]!.value).toBeCloseTo(0.07596311224720897, 14);
    expect(gaps["class.fpr_gap"]!.value).toBeCloseTo(0.07596311224720909, 14);
    expect(pairs[0]!.recallRatio!.toFixed(4)).toBe("0.9070");
  });

  test("of all pairs of races (2.10, item 9)", () => {
    const column = (matrix: Matrix, digits: number): string[] =>
      report(RACES, matrix).compat!.pairs.map(({ values }) => values["compat.di"]!.toFixed(digits));
    const [original, curated] = [column(RACE_ORIGINAL, 5), column(RACE_CURATED, 5)];
    expect(original.filter((_, i) => i !== 5 && i !== 7)).toEqual([
      "0.38778",
      "0.26467",
      "0.31875",
      "0.13594",
      "0.68253",
      "0.35056",
      "0.51362",
      "0.42648",
    ]);
    expect([original[5], original[7]].map((text) => Number(text).toFixed(4))).toEqual([
      "0.8220",
      "0.8303",
    ]);
    expect(curated.filter((_, i) => ![4, 5, 7].includes(i))).toEqual([
      "0.78836",
      "0.66310",
      "0.72416",
      "0.52590",
      "0.66708",
      "0.79310",
      "0.72622",
    ]);
    expect([4, 5, 7].map((i) => column(RACE_CURATED, 4)[i])).toEqual([
      "0.8411",
      "0.9186",
      "0.9157",
    ]);
  });

  test("it flags a perfect classifier whose classes differ in size (0.5, consequence 2)", () => {
    const perfect = report(GENDERS, [
      [2000, 0],
      [0, 1000],
    ]);
    expect(pairOf(perfect, "compat.di", "male", "female")).toBe(0.5);
    expect(perfect.classGaps.gaps["class.di"]!.value).toBe(1);
  });
});

describe("FPR-A, M-15", () => {
  test("zero-shot race (2.9): far from every false positive rate", () => {
    const of = report(RACES, RACE_ZERO_SHOT);
    const published = [0.5971564, 0.2960526, 0.7925532, 0.4121622, 0.4495575];
    byClass(of, "compat.fpr_a").forEach((value, i) => expect(value).toBeCloseTo(published[i]!, 7));
    const correct = RACES.map((race) => of.perClass[race]!.overall.fpr.value!.toFixed(5));
    expect(correct).toEqual(["0.13861", "0.02346", "0.03674", "0.03091", "0.05769"]);
    // item 8: by the published formula every pair fails at 0.1, by the correct one three do
    const pairs = of
      .compat!.pairs.map(({ classes, values }, i) => ({
        classes,
        values,
        fpr: of.classGaps.pairs[i]!.fpr.gap!,
      }))
      .filter(({ classes }) => !classes.includes("other"));
    expect(pairs.map(({ values }) => values["compat.fpr_a"]! > 0.1)).toEqual(Array(6).fill(true));
    expect(pairs.filter(({ fpr }) => fpr > 0.1)).toHaveLength(3);
  });

  test("zero-shot gender (2.9): 17 points apart, where the correct gap is 1", () => {
    const of = report(GENDERS, GENDER["clip zero-shot (2.9)"]);
    const values = byClass(of, "compat.fpr_a");
    expect(values[0]).toBeCloseTo(0.4146341463414634, 14);
    expect(values[1]).toBeCloseTo(0.5853658536585366, 14);
    expect(pairOf(of, "compat.fpr_a", "male", "female").toFixed(4)).toBe("0.1707");
    expect(of.overall.fpr.value!.toFixed(5)).toBe("0.04843");
    expect(of.overall.fnr.value!.toFixed(5)).toBe("0.03754"); // of the other class
    const { gaps } = of.classGaps;
    expect(gaps["class.tpr_gap"]!.value!.toFixed(4)).toBe("0.0109");
    expect(gaps["class.fpr_gap"]!.value!.toFixed(4)).toBe("0.0109");
  });

  // 2.11: 200 images of each gender; TPR gap and FPR-A gap together tell how many of each were got wrong
  const epochs = LOG.map(([objective, tprGap, published], epoch) => {
    const difference = Math.round(200 * tprGap);
    const errors = Math.round(difference / published);
    const wrong = (errors + difference) / 2;
    const matrix = [
      [200 - wrong, wrong],
      [errors - wrong, 200 - errors + wrong],
    ];
    return { epoch, objective, tprGap, published, of: report(GENDERS, matrix) };
  });

  test.each(epochs)("epoch $epoch of constrained fine-tuning (2.11)", (epoch) => {
    const { of, tprGap, published } = epoch;
    expect(pairOf(of, "compat.fpr_a", "male", "female").toFixed(4)).toBe(published.toFixed(4));
    expect(of.classGaps.gaps["class.tpr_gap"]!.value).toBeCloseTo(tprGap, 14);
    expect(of.classGaps.gaps["class.fpr_gap"]!.value).toBeCloseTo(tprGap, 14);
  });

  test("it leaves one epoch within 0.15 and none within 0.10, where the correct gap leaves seven (2.11, item 7)", () => {
    const within = (limit: number): number[] =>
      epochs
        .filter(
          ({ of, tprGap }) =>
            tprGap < limit && pairOf(of, "compat.fpr_a", "male", "female") < limit,
        )
        .map(({ epoch }) => epoch);
    expect(within(0.15)).toEqual([4]);
    expect(within(0.1)).toEqual([]);
    const records = epochs.map(({ epoch, objective, of }) => ({
      epoch,
      objective,
      checks: checkConstraints(of, betweenClasses(0.1)),
    }));
    const feasible = records.filter(({ checks }) => checks.every((c) => c.violation === 0));
    expect(feasible.map(({ epoch }) => epoch)).toEqual([1, 3, 4, 6, 7, 8, 9]);
    expect(selectEpoch(records)).toEqual({ epoch: 1, feasible: true });
  });
});

describe("FPR-B, M-16", () => {
  test.each(Object.entries(GENDER))("with two classes it is the FPR: %s", (_, matrix) => {
    const of = report(GENDERS, matrix);
    const [male, female] = byClass(of, "compat.fpr_b");
    expect(female).toBeCloseTo(of.overall.fpr.value!, 14);
    expect(male).toBeCloseTo(of.overall.fnr.value!, 14);
  });

  test("ward's published equalized odds gap (2.5) has it as its FPR part", () => {
    const of = report(GENDERS, GENDER["ward original (2.5)"]);
    expect(pairOf(of, "compat.fpr_b", "male", "female")).toBeCloseTo(0.103718, 7);
    expect(of.classGaps.gaps["class.fpr_gap"]!.value).toBeCloseTo(0.103718, 7);
  });

  test("with equal classes it is the FPR, else not", () => {
    const equal = [
      [8, 1, 1],
      [2, 7, 1],
      [0, 3, 7],
    ];
    const classes = ["a", "b", "c"];
    const even = report(classes, equal);
    const fpr = ({ perClass }: Report): (number | null)[] =>
      classes.map((c) => perClass[c]!.overall.fpr.value);
    byClass(even, "compat.fpr_b").forEach((value, i) =>
      expect(value).toBeCloseTo(fpr(even)[i]!, 14),
    );
    const uneven = report(classes, [[80, 10, 10], ...equal.slice(1)]);
    expect(byClass(uneven, "compat.fpr_b")).toEqual(byClass(even, "compat.fpr_b"));
    expect(fpr(uneven)).not.toEqual(fpr(even));
  });
});

test("what has nothing to divide by is null, never 0 or NaN", () => {
  // no row of c, none right of b, no errors at a
  const of = report(
    ["a", "b", "c"],
    [
      [3, 0, 0],
      [0, 0, 2],
      [0, 0, 0],
    ],
  );
  expect(of.compat).toEqual({
    rates: {
      "compat.fpr_a": { a: null, b: 0, c: 1 },
      "compat.fpr_b": { a: null, b: null, c: 0.5 },
    },
    pairs: [
      {
        classes: ["a", "b"],
        values: { "compat.fpr_a": null, "compat.fpr_b": null, "compat.di": 0 },
      },
      {
        classes: ["a", "c"],
        values: { "compat.fpr_a": null, "compat.fpr_b": null, "compat.di": null },
      },
      {
        classes: ["b", "c"],
        values: { "compat.fpr_a": 1, "compat.fpr_b": null, "compat.di": null },
      },
    ],
  });
});
