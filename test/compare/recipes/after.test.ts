/** @file Thresholds, weights between prompts and head, and balanced heads on planted embeddings. */
import { describe, expect, test } from "vitest";
import type { FitContext, Output, Part, Recipe } from "../../../src/compare/recipe.ts";
import { dfr } from "../../../src/compare/recipes/dfr.ts";
import { thresholds } from "../../../src/compare/recipes/thresholds.ts";
import { wise } from "../../../src/compare/recipes/wise.ts";
import { partsOf } from "../../../src/compare/splits.ts";
import { openStand } from "../../../src/compare/stand.ts";
import { plantedRows, SETTINGS, SPLIT, TASK } from "../planted.ts";

const PARTS = partsOf(plantedRows({ n: 4000, together: 0.8 }), SPLIT, 0);
const stand = openStand(TASK, 0, PARTS, SETTINGS);
const { context } = stand;

/** Largest difference of a group's TPR and FPR, and the accuracy. */
function measured({ rows }: Part, { predicted }: Output) {
  const rate = (group: string, label: string): number => {
    const of = rows.flatMap(({ labels }, i) =>
      labels["concept"] === group && labels["target"] === label ? [predicted[i]!] : [],
    );
    return of.reduce((sum, yes) => sum + yes, 0) / of.length;
  };
  const gaps = ["no", "yes"].map((label) => {
    const rates = ["a", "b", "c"].map((group) => rate(group, label));
    return Math.max(...rates) - Math.min(...rates);
  });
  const right = rows.filter(({ labels }, i) => labels["target"] === TASK.classes[predicted[i]!]);
  return { gap: Math.max(...gaps), accuracy: right.length / rows.length };
}
const before = measured(PARTS.test, context.base.predict(PARTS.test));
const fitted = (recipe: Recipe, changes: Partial<FitContext> = {}) =>
  recipe.fit({ ...context, ...changes });

describe("thresholds", () => {
  test("shrink the gap on unseen rows, more for a smaller epsilon, and say that they need the group", async () => {
    const gapOf = async (epsilon: number): Promise<number> => {
      const found = (await fitted(thresholds)).find(
        ({ setting }) =>
          setting["constraint"] === "equalized-odds" &&
          setting["form"] === "randomised" &&
          setting["epsilon"] === epsilon,
      )!;
      return measured(PARTS.test, found.predict(PARTS.test)).gap;
    };
    expect(thresholds.groupAtInference).toBe(true);
    expect(before.gap).toBeGreaterThan(0.2);
    expect(await gapOf(0)).toBeLessThan(before.gap / 2);
    expect(await gapOf(0)).toBeLessThan(await gapOf(0.09));
  });

  test("look at validation rows not at all", async () => {
    const other: Part = { ...PARTS.validation, x: PARTS.validation.x.map((value) => -value) };
    const [a, b] = [await fitted(thresholds), await fitted(thresholds, { validation: other })];
    expect(b.map(({ setting }) => setting)).toEqual(a.map(({ setting }) => setting));
    expect(b[0]!.predict(PARTS.test)).toEqual(a[0]!.predict(PARTS.test));
  });

  test("answer a row alike in any batch, and rank as the base does", async () => {
    const { rows, x, d } = PARTS.test;
    const half: Part = { rows: rows.slice(0, 100), x: x.slice(0, 100 * d), d };
    for (const candidate of (await fitted(thresholds)).slice(0, 3)) {
      const whole = candidate.predict(PARTS.test);
      expect(candidate.predict(half).predicted).toEqual(whole.predicted.slice(0, 100));
      expect(whole.scores).toEqual(context.base.predict(PARTS.test).scores);
    }
  });

  test("do not apply to several classes, nor to a concept that is the target", async () => {
    const several = { ...TASK, classes: ["a", "b", "c"], positive: null };
    await expect(fitted(thresholds, { task: several })).rejects.toThrow(/target has 3 classes/);
    const itself = { ...TASK, concepts: ["target"] };
    await expect(fitted(thresholds, { task: itself })).rejects.toThrow(/is what is removed/);
  });
});

describe("wise", () => {
  test("goes from the prompts' decisions to the head's", async () => {
    const all = await fitted(wise);
    const decided = (candidate: (typeof all)[number]) => candidate.predict(PARTS.test).predicted;
    expect(all.map(({ setting }) => setting["alpha"])).toEqual([
      0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
    ]);
    expect(decided(all[0]!)).toEqual(
      stand.baselines.prototype.candidate.predict(PARTS.test).predicted,
    );
    expect(decided(all.at(-1)!)).toEqual(context.base.predict(PARTS.test).predicted);
    expect(decided(all[5]!)).not.toEqual(decided(all[0]!));
  });
});

describe("dfr", () => {
  test("shrinks the gap that a correlation in train makes", async () => {
    for (const candidate of await fitted(dfr)) {
      const after = measured(PARTS.test, candidate.predict(PARTS.test));
      expect(after.gap).toBeLessThan(0.6 * before.gap);
      expect(after.accuracy).toBeGreaterThan(before.accuracy - 0.08);
    }
  });
});
