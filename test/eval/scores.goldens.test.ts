/** @file Score metrics against scikit-learn and the golden tables. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Group } from "../../src/eval/report/values.ts";
import type { ScoreName } from "../../src/eval/metrics/scores.ts";
import { hasReference } from "../golden.ts";
import { BINARY_TABLES, goldenJson, goldenScored, POINT_ONLY } from "./tables.ts";

type Numbers = Readonly<Record<string, number | null>>;
interface Golden {
  readonly overall: Numbers;
  readonly by: Readonly<Record<string, { readonly groups: Readonly<Record<string, Numbers>> }>>;
}

const KEYS: Readonly<Partial<Record<ScoreName, string>>> = {
  auc: "roc_auc",
  averagePrecision: "average_precision",
  brier: "brier",
  logLoss: "log_loss",
  ece: "ece_positive",
  eceConfidence: "ece_confidence",
  meanScore: "mean_score",
};

function expectScores(group: Group, expected: Numbers, keys: typeof KEYS, what: string): void {
  for (const [name, key] of Object.entries(keys) as [ScoreName, string][]) {
    const { value, reason } = group.scores![name]!;
    if (expected[key] === null) {
      expect(value, `${what} ${name}`).toBeNull();
      expect(reason, `${what} ${name}`).toMatch(/^no /);
    } else expect(Math.abs(value! - expected[key]!), `${what} ${name}`).toBeLessThan(1e-12);
  }
}

/** Largest minus smallest of what is not null. */
const spread = (values: readonly (number | null)[]): number | null => {
  const defined = values.filter((value) => value !== null);
  return defined.length < 2 ? null : Math.max(...defined) - Math.min(...defined);
};

describe.skipIf(!hasReference)("golden tables", () => {
  test.each(BINARY_TABLES)("%s: every score metric of every group, and the gaps", async (table) => {
    const expected = goldenJson<Golden>(table);
    const keys = Object.keys(expected.by);
    const attributes = keys.map((key) => key.replaceAll(" x ", "*"));
    const predictions = await goldenScored(table);
    const report = evaluate(predictions, { positive: "1", attributes, ...POINT_ONLY });
    expectScores(report.overall, expected.overall, KEYS, "overall");
    keys.forEach((key, index) => {
      const { groups, gaps } = report.attributes[attributes[index]!]!;
      const goldens = Object.entries(expected.by[key]!.groups);
      for (const [name, numbers] of goldens)
        expectScores(groups[name.replaceAll(" | ", "*")]!, numbers, KEYS, `${key} ${name}`);
      for (const [gap, of] of [
        ["auc.gap", "roc_auc"],
        ["brier.gap", "brier"],
        ["ece.gap", "ece_positive"],
        ["eceConfidence.gap", "ece_confidence"],
      ] as const) {
        const value = spread(goldens.map(([, numbers]) => numbers[of]!));
        if (value === null) expect(gaps[gap]!.reason).toMatch(/needed$/);
        else expect(Math.abs(gaps[gap]!.value! - value), `${key} ${gap}`).toBeLessThan(1e-12);
      }
      const biases = goldens.map(([, { mean_score, base_rate }]) =>
        mean_score === null ? null : mean_score! - base_rate!,
      );
      const bias = spread(biases);
      if (bias !== null) expect(gaps["calibration.gap"]!.value).toBeCloseTo(bias, 12);
    });
  });

  test("the same from a column of probabilities per class", async () => {
    const { score, ...labels } = await goldenScored("score_ties"); // sixteenths are exact in 32 bits
    const expected = goldenJson<Golden>("score_ties");
    const scores = new Float32Array(2 * score.length);
    const positive = labels.classes.indexOf("1");
    score.forEach((s, i) => {
      scores[2 * i + positive] = s;
      scores[2 * i + 1 - positive] = 1 - s;
    });
    const report = evaluate({ ...labels, scores }, { positive: "1", ...POINT_ONLY });
    expectScores(report.overall, expected.overall, KEYS, "overall");
  });

  test("multiclass_5: one score a row is that of the predicted class", async () => {
    const expected = goldenJson<Golden>("multiclass_5");
    const report = evaluate(await goldenScored("multiclass_5"), {
      attributes: Object.keys(expected.by),
      ...POINT_ONLY,
    });
    const keys = { eceConfidence: "ece_top_label" };
    expect(Object.keys(report.overall.scores!)).toEqual(["eceConfidence"]);
    expectScores(report.overall, expected.overall, keys, "overall");
    for (const [attribute, { groups }] of Object.entries(expected.by)) {
      for (const [name, numbers] of Object.entries(groups))
        expectScores(report.attributes[attribute]!.groups[name]!, numbers, keys, name);
      const value = spread(Object.values(groups).map((numbers) => numbers["ece_top_label"]!));
      expect(report.attributes[attribute]!.gaps["eceConfidence.gap"]!.value).toBeCloseTo(
        value!,
        12,
      );
    }
    expect(report.perClass["0"]!.overall.scores).toBeUndefined();
  });
});
