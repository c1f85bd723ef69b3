/** @file Recipes that train heads: what each candidate answers, and on what it depends. */
import { beforeAll, describe, expect, test } from "vitest";
import { trainingRecipes } from "../../../src/compare/recipes/training.ts";
import type { FitContext, Part, Recipe } from "../../../src/compare/recipe.ts";
import { fitBase } from "../../../src/compare/recipes/baselines.ts";
import { engine, plantedFaces, task as planted } from "../../train/fairness/planted.ts";
import { plantedRows, SPLIT, TASK } from "../planted.ts";
import { partsOf } from "../../../src/compare/splits.ts";

const recipes = trainingRecipes(engine);
/** Attributes are measured, concepts removed: a method is told of these alone. */
const task = { ...planted, attributes: ["age_band"], concepts: ["tone"] };

let parts: Readonly<Record<"train" | "test", Part>>;
let context: FitContext;
beforeAll(async () => {
  parts = await plantedFaces(0);
  const { train, test: validation } = parts;
  const given = { task, train, validation, prompts: [], C: 1, seed: 0 };
  context = { ...given, base: fitBase(given) };
});

const head = ({ rows, x, d }: Part, n: number): Part => ({
  rows: rows.slice(0, n),
  x: x.slice(0, n * d),
  d,
});

describe.each(Object.entries(recipes))("%s", (_name, recipe: Recipe) => {
  test("candidates differ in their settings and answers, and answer each row by itself", async () => {
    const candidates = await recipe.fit(context);
    const settings = candidates.map(({ setting }) => JSON.stringify(setting));
    expect(new Set(settings).size).toBe(candidates.length);
    const all = candidates.map(({ predict }) => predict(parts.test));
    expect(new Set(all.map(({ scores }) => scores.join(" "))).size).toBe(candidates.length);
    candidates.forEach(({ predict, embed }, i) => {
      const { scores, predicted } = all[i]!;
      const some = predict(head(parts.test, 7));
      expect(some.scores).toEqual(scores.slice(0, 14));
      expect(some.predicted).toEqual(predicted.slice(0, 7));
      predicted.forEach((c, row) => {
        expect(scores[2 * row]! + scores[2 * row + 1]!).toBeCloseTo(1, 5);
        expect(scores[2 * row + c]!).toBeGreaterThanOrEqual(0.5);
      });
      expect(embed).toBeNull();
    });
  });
});

test("the groups are those of the concepts", async () => {
  const recipe = recipes["eo-penalty"]!;
  const scores = async (of: FitContext): Promise<Float32Array> =>
    (await recipe.fit(of)).at(-1)!.predict(parts.test).scores;
  const tone = await scores(context);
  const measured = await scores({ ...context, task: { ...task, attributes: ["tone"] } });
  const other = await scores({ ...context, task: { ...task, concepts: ["age_band"] } });
  expect(measured).toEqual(tone);
  expect(other).not.toEqual(tone);
});

test("few rows train a head as long as many: it decides as the logistic regression does", async () => {
  const { train, validation, test: held } = partsOf(plantedRows({ n: 400 }), SPLIT, 0);
  const given = { task: TASK, train, validation, prompts: [], C: 1, seed: 0 };
  const base = fitBase(given);
  const [trained] = await recipes["erm-head"].fit({ ...given, base });
  const [wanted, said] = [base, trained!].map(({ predict }) => predict(held).predicted);
  const other = said!.filter((c, row) => c !== wanted![row]).length;
  expect(other / held.rows.length).toBeLessThan(0.1);
});
