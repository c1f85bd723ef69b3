/** @file Erasers on a classifier's image embeddings: fitted on train, chosen on validation, applied to test. */
import { chooseEraser, strengths } from "../debias/choose.ts";
import type { Embeddings } from "../debias/embeddings.ts";
import { type Eraser, apply } from "../debias/eraser.ts";
import { type EraserName, erasers } from "../debias/erasers.ts";
import { matchedPairs } from "../debias/pairs.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import { encode, intersect } from "../eval/cells.ts";
import { type Check, type Constraint, check } from "../eval/select.ts";
import type { Row } from "../data/row.ts";
import type { Config } from "../run/config/schema.ts";
import { type Classifier, probabilities } from "./classifier.ts";
import { type Criteria, OBJECTIVES, type Validation, judge } from "./judge.ts";
import { type Task, predictionsOf, singleAttributes } from "./predict.ts";

/** Rows of a split with their unit embeddings [rows, D]. */
export interface Embedded {
  readonly rows: readonly Row[];
  readonly embeddings: Float32Array;
}

/** An eraser chosen on validation. */
export interface Chosen {
  readonly eraser: Eraser;
  /** Whether it meets the constraints on validation. */
  readonly feasible: boolean;
}

/** The attribute that is removed: the one configured, else the first sensitive one. */
export const erasedAttribute = (config: Config["debias"], task: Task): string =>
  config.attribute ?? singleAttributes(task.attributes)[0]!;

/**
 * Limits that alpha and k are chosen under: those of training that concern the erased attribute, else the default one
 * on it. A rule between the target's classes says nothing of what an eraser is for.
 */
export function debiasConstraints(
  constraints: readonly Constraint[],
  erased: string,
  task: Task,
): Constraint[] {
  const concerned = constraints.filter(({ attribute }) => attribute?.split("*").includes(erased));
  if (concerned.length > 0) return concerned;
  const attribute = task.attributes.find((name) => name === erased);
  return attribute === undefined ? [...constraints] : [defaultConstraint(task, attribute)];
}

/** The project's default: an equalized-odds gap of at most ten points; with several classes, in the worst of them. */
export const defaultConstraint = ({ positive }: Task, attribute: string): Constraint => ({
  metric: positive === null ? "eo.max.worst" : "eo.max",
  attribute,
  limit: 0.1,
  bound: "point",
});

const asEmbeddings = ({ rows, embeddings }: Embedded, d: number): Embeddings => ({
  x: embeddings,
  n: rows.length,
  d,
});

/** Erased embeddings, scaled back to unit length. */
export function erased(eraser: Eraser, split: Embedded, d: number): Float32Array {
  const x = Float32Array.from(apply(eraser, asEmbeddings(split, d)).x);
  for (let from = 0; from < x.length; from += d) {
    const row = x.subarray(from, from + d);
    let squares = 0;
    for (let i = 0; i < d; i++) squares += row[i]! * row[i]!;
    const norm = Math.sqrt(squares);
    if (norm > 0) for (let i = 0; i < d; i++) row[i]! /= norm;
  }
  return x;
}

/**
 * Fits `method` on train rows, all of which have the attribute, and chooses its strength on validation rows.
 */
export function fitEraser(
  method: EraserName,
  classifier: Classifier,
  task: Task,
  splits: { readonly train: Embedded; readonly validation: Embedded },
  config: Pick<Config, "debias" | "seed">,
  criteria: Criteria,
  evaluate: EvaluateOptions,
): Chosen {
  const attribute = erasedAttribute(config.debias, task);
  const d = classifier.width;
  const labelled = splits.train.rows.map((row) => row.labels[attribute] ?? null);
  const labels = encode(labelled).codes;
  const others = singleAttributes([task.target, ...task.attributes]).filter(
    (name) => name !== attribute,
  );
  const strata = intersect(
    others.map((name) => encode(splits.train.rows.map((row) => row.labels[name] ?? ""))),
  );
  const pairs = matchedPairs(labels, strata.codes, config.seed);
  const fitted = erasers[method].fit({ ...asEmbeddings(splits.train, d), labels, pairs });
  const { alpha, components, maxAccuracyDrop } = config.debias;
  const judged = (embeddings: Float32Array): Validation => {
    const scores = probabilities(classifier, embeddings);
    return judge(predictionsOf(task, splits.validation.rows, scores), criteria, evaluate);
  };
  const floor = (judged(splits.validation.embeddings).accuracy ?? 0) - maxAccuracyDrop;
  const choice = chooseEraser(
    strengths(fitted, { alphas: alpha, ks: components }),
    (eraser) => {
      const { objective, checks, accuracy } = judged(erased(eraser, splits.validation, d));
      return {
        objective: objective ?? Number.NaN,
        checks: [...checks, accuracyCheck(accuracy, floor)],
      };
    },
    OBJECTIVES[criteria.objective].better,
  );
  return { eraser: choice.eraser, feasible: choice.feasible };
}

/** Without it the fairest eraser would be one after which everybody gets the same answer. */
const accuracyCheck = (accuracy: number | null, floor: number): Check =>
  check({ metric: "accuracy", limit: floor, bound: "point" }, accuracy, "higher");
