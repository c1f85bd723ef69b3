/** @file Every method by the name that configs have for it. */
import { type CompareConfig, EMBEDDING_METHODS } from "../run/config/compare.ts";
import { UsageError } from "../run/errors.ts";
import type { Method } from "./cell.ts";
import { BASELINES } from "./recipes/baselines.ts";
import { embeddingRecipe } from "./recipes/embedding.ts";

/** The baselines, then what is asked for. @throws UsageError when two have one name */
export function methodsOf({
  methods = [...EMBEDDING_METHODS],
  embeddings: { normalise },
}: Pick<CompareConfig, "methods" | "embeddings">): Method[] {
  const asked = methods.map((method): Method => {
    const { name, as, ...options } =
      typeof method === "string" ? { name: method, as: undefined } : method;
    return {
      name: as ?? name,
      recipe: embeddingRecipe(name, { renormalise: normalise, ...options }),
    };
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
