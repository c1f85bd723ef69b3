/** @file What methods are compared with: a head on the embeddings as they are, and class prompts as they are. */
import { fitHead, outputOf, promptClassifier } from "../head.ts";
import type { BaseHead, Candidate, FitContext, Recipe } from "../recipe.ts";
import { BASE, PROTOTYPE } from "../result.ts";

type Undebiased = Omit<FitContext, "base">;

/** A logistic head fitted on train rows. */
export function fitBase({ task, train, C }: Undebiased): BaseHead {
  const { classifier, start } = fitHead(task, train, train.x, C);
  return { start, setting: {}, predict: ({ x }) => outputOf(classifier, x), embed: null };
}

/** The class whose prompt is nearest. */
export function fitPrototype({ train, prompts }: Undebiased): Candidate {
  const classifier = promptClassifier(Float32Array.from(prompts[0]!.classes.x), train.d);
  return { setting: {}, predict: ({ x }) => outputOf(classifier, x), embed: null };
}

/** By their names in a result; every comparison has them. */
export const BASELINES: Readonly<Record<typeof BASE | typeof PROTOTYPE, Recipe>> = {
  [BASE]: {
    summary: "logistic regression on the embeddings as they are",
    caveat: null,
    groupAtInference: false,
    fit: async ({ base }) => [base],
  },
  [PROTOTYPE]: {
    summary: "the class whose prompt is nearest, nothing removed",
    caveat:
      "where a model has no text side, the mean of each class's train rows stands in for its prompt",
    groupAtInference: false,
    fit: async (context) => [fitPrototype(context)],
  },
};
