/** @file Every method by the name that configs have for it. */
import type { Engine } from "../engine/engine.ts";
import { type CompareConfig, TRAINED_METHODS } from "../run/config/compare.ts";
import { EMBEDDING_METHODS, OTHER_METHODS } from "../run/config/debias-section.ts";
import { UsageError } from "../run/errors.ts";
import type { Method } from "./cell.ts";
import type { Recipe } from "./recipe.ts";
import { BASELINES } from "./recipes/baselines.ts";
import { dfr } from "./recipes/dfr.ts";
import { type EmbeddingOptions, embeddingRecipe } from "./recipes/embedding.ts";
import { thresholds } from "./recipes/thresholds.ts";
import { trainingRecipes } from "./recipes/training.ts";
import { wise } from "./recipes/wise.ts";

type MethodConfig = Exclude<NonNullable<CompareConfig["methods"]>[number], string>;
type Name = MethodConfig["name"];

/**
 * The baselines, then what is asked for; every method there is, where nothing is.
 * @param engine that trained heads run on
 * @throws UsageError when two have one name
 */
export function methodsOf(
  { methods, embeddings }: Pick<CompareConfig, "methods" | "embeddings">,
  engine: Engine,
): Method[] {
  const recipes = recipesOf(embeddings.normalise, engine);
  const asked = (methods ?? (Object.keys(recipes) as Name[])).map((method): Method => {
    const { name, as, ...options } =
      typeof method === "string" ? { name: method, as: undefined } : method;
    return { name: as ?? name, recipe: recipes[name](options) };
  });
  const baselines = Object.entries(BASELINES).map(([name, recipe]) => ({ name, recipe }));
  const all = [...baselines, ...asked];
  const twice = all.find(({ name }, i) => all.findIndex((other) => other.name === name) !== i);
  if (twice)
    throw new UsageError(
      `methods: two are called ${twice.name}; name one of them with as, such as as: ${twice.name}-2`,
    );
  return all;
}

const OTHERS: Readonly<Record<(typeof OTHER_METHODS)[number], Recipe>> = { thresholds, wise, dfr };
type MakeRecipe = (options: Omit<EmbeddingOptions, "renormalise">) => Recipe;

function recipesOf(renormalise: boolean, engine: Engine): Readonly<Record<Name, MakeRecipe>> {
  const trained = trainingRecipes(engine);
  const made = [
    ...EMBEDDING_METHODS.map((name): [Name, MakeRecipe] => [
      name,
      (options) => embeddingRecipe(name, { renormalise, ...options }),
    ]),
    ...OTHER_METHODS.map((name): [Name, MakeRecipe] => [name, () => OTHERS[name]]),
    ...TRAINED_METHODS.map((name): [Name, MakeRecipe] => [name, () => trained[name]]),
  ];
  return Object.fromEntries(made) as Record<Name, MakeRecipe>;
}
