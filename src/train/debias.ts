/** @file Erasers on a classifier's image embeddings: fitted on train, chosen on validation, applied to test. */
import { chooseEraser, strengths } from "../debias/choose.ts";
import type { Embeddings, Train } from "../debias/embeddings.ts";
import { type Eraser, apply } from "../debias/eraser.ts";
import { type EraserName, erasers } from "../debias/erasers.ts";
import { matchedPairs } from "../debias/pairs.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import { type Column, encode, intersect } from "../eval/counts/cells.ts";
import { type Check, type Constraint, check } from "../eval/select.ts";
import type { Row } from "../data/row.ts";
import type { Config } from "../run/config/schema.ts";
import { type Classifier, probabilities } from "./classifier.ts";
import { type Criteria, OBJECTIVES, type Validation, defaultConstraints, judge } from "./judge.ts";
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

/** The attribute that is removed: the one configured, else the first sensitive one; null when that is the target alone. */
export const erasedAttribute = (
  { attribute }: Config["debias"],
  { target, attributes }: Task,
): string | null =>
  attribute ?? singleAttributes(attributes).find((name) => name !== target) ?? null;

/**
 * Limits that alpha and k are chosen under: those of training that concern the erased attribute, else the default one
 * on it. A rule between the target's classes says nothing of what an eraser is for.
 */
function debiasConstraints(
  constraints: readonly Constraint[],
  erased: string,
  task: Task,
): Constraint[] {
  const concerned = constraints.filter(({ attribute }) => attribute?.split("*").includes(erased));
  if (concerned.length > 0) return concerned;
  const attribute = task.attributes.find((name) => name === erased);
  return attribute === undefined ? [...constraints] : defaultConstraints(task, attribute);
}

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

/** What erasers are fitted and chosen by. Test rows are not needed, nor given. */
export interface DebiasInputs {
  readonly classifier: Classifier;
  readonly task: Task;
  /** Its rows all have the attribute. */
  readonly train: Embedded;
  readonly validation: Embedded;
  readonly config: Pick<Config, "debias" | "seed">;
  readonly criteria: Criteria;
  readonly evaluate: EvaluateOptions;
}

/** Fits every configured eraser on train rows and chooses its strength on validation rows. */
export function chooseErasers({
  classifier,
  task,
  train,
  validation,
  config: { debias, seed },
  criteria,
  evaluate,
}: DebiasInputs): Map<EraserName, Chosen> {
  const attribute = erasedAttribute(debias, task);
  if (attribute === null || debias.methods.length === 0) return new Map();
  const d = classifier.width;
  const fitted = { ...asEmbeddings(train, d), ...conceptOf(train.rows, attribute, task, seed) };
  const constraints = debiasConstraints(criteria.constraints, attribute, task);
  const judged = (embeddings: Float32Array): Validation => {
    const scores = probabilities(classifier, embeddings);
    const predictions = predictionsOf(task, validation.rows, scores);
    return judge(predictions, { ...criteria, constraints }, evaluate);
  };
  const floor = (judged(validation.embeddings).accuracy ?? 0) - debias.maxAccuracyDrop;
  const choose = (method: EraserName): Chosen => {
    const { eraser, feasible } = chooseEraser(
      strengths(erasers[method].fit(fitted), { alphas: debias.alpha, ks: debias.components }),
      (candidate) => {
        const { objective, checks, accuracy } = judged(erased(candidate, validation, d));
        return {
          objective: objective ?? Number.NaN,
          checks: [...checks, accuracyCheck(accuracy, floor)],
        };
      },
      OBJECTIVES[criteria.objective].better,
    );
    return { eraser, feasible };
  };
  return new Map(debias.methods.map((method) => [method, choose(method)]));
}

/** The attribute as numbers, and pairs of rows that differ in it but agree in all else that is measured, if any do. */
function conceptOf(
  rows: readonly Row[],
  attribute: string,
  task: Task,
  seed: number,
): Pick<Train, "labels" | "pairs"> {
  const columnOf = (name: string): Column => encode(rows.map((row) => row.labels[name] ?? null));
  const labels = columnOf(attribute).codes;
  const others = singleAttributes([task.target, ...task.attributes]).filter(
    (name) => name !== attribute,
  );
  const pairs = matchedPairs(labels, intersect(others.map(columnOf)).codes, seed);
  return pairs.length > 0 ? { labels, pairs } : { labels };
}

/** Without it the fairest eraser would be one after which everybody gets the same answer. */
const accuracyCheck = (accuracy: number | null, floor: number): Check =>
  check({ metric: "accuracy", limit: floor, bound: "point" }, accuracy, "higher");
