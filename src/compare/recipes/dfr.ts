/** @file A head refitted on rows in which classes and concepts are balanced. */
import { intersectionOf } from "../../train/columns.ts";
import { fitDfr } from "../../train/dfr.ts";
import { truthOf } from "../../train/predict.ts";
import { outputOf } from "../head.ts";
import type { Candidate, Recipe } from "../recipe.ts";

/** Times the C of the undebiased head: fewer rows want a stronger penalty, if another one. */
const PENALTIES = [0.1, 1];

export const dfr: Recipe = {
  summary:
    "logistic regression on rows with as many of each class and concept (Kirichenko et al. 2022)",
  caveat: "all but as many rows as the rarest combination has are left out of each of ten draws",
  groupAtInference: false,
  fit: async ({ task, train: { rows, x, d }, C, seed }) => {
    const cells = intersectionOf(rows, [...new Set([task.target, ...task.concepts])]).codes;
    const labelled = { x, n: rows.length, d, truth: truthOf(task, rows), cells };
    return PENALTIES.map((factor): Candidate => {
      const options = { classes: task.classes.length, C: C * factor, seed };
      const classifier = fitDfr(labelled, options);
      return {
        setting: { C: options.C },
        predict: (part) => outputOf(classifier, part.x),
        embed: null,
      };
    });
  },
};
