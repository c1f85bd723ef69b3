/** @file Findings of any table: none has holes, and none calls what is not known fair. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Report } from "../../src/eval/report.ts";
import { type Finding, findings } from "../../src/report/findings.ts";
import { subject } from "../../src/report/model.ts";
import { random } from "../../src/run/random.ts";
import { anyRecipe, tableOf } from "./table-sample.ts";

const all = (report: Report): readonly Finding[] => {
  const { main, more } = findings(report);
  return [...main, ...more];
};

/** Ways to say that a model is fair. */
const PRAISE =
  /\b(is|are|looks?|seems?|appears?) (\w+ )?fair\b|\bno (bias|gap|unfairness)\b|unbiased|\b(alike|equally)\b|\bpass(es)?\b/i;

describe("any table", () => {
  it("has findings without holes, and none that claims fairness", () => {
    fc.assert(
      fc.property(anyRecipe, (recipe) => {
        const report = subject(tableOf(recipe).evaluation);
        for (const { text } of all(report)) {
          expect(text).not.toMatch(/NaN|\bundefined\b(?! for every class)|null|Infinity/);
          expect(text.replaceAll("neither fair nor unfair", "")).not.toMatch(PRAISE);
          expect(text).toMatch(/\.$/);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("of a fair model has no evidence against it, in most draws", () => {
    const found = Array.from({ length: 20 }, (_, seed) => {
      const rows = 600;
      const draw = random(seed, "fair");
      const bits = () => Int32Array.from({ length: rows }, () => draw.int(2));
      const truth = bits();
      const report = evaluate(
        {
          classes: ["no", "yes"],
          truth,
          predicted: truth.map((label) => (draw.uniform() < 0.8 ? label : 1 - label)),
          groups: { site: { values: ["a", "b"], codes: bits() } },
        },
        { positive: "yes", uncertainty: { replicates: 1_000, seed } },
      );
      return all(report).some(({ tone }) => tone === "worse");
    });
    // p-values are corrected over all gaps: 1 of 20 is expected at most
    expect(found.filter(Boolean).length).toBeLessThanOrEqual(3);
  });
});
