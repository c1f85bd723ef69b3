/** @file Relaxed equalized-odds post-processing: per-group thresholds fitted on scores that training has not seen. */
import type { Column } from "../../eval/counts/cells.ts";
import { UsageError } from "../../run/errors.ts";
import {
  CONSTRAINTS,
  OBJECTIVES,
  RATE_OF,
  type RateName,
  type ThresholdConstraint,
  type ThresholdObjective,
} from "./constraint.ts";
import { type Curve, curveOf } from "./curve.ts";
import { onePerGroup } from "./deterministic.ts";
import type { Mixture } from "./mixture.ts";
import { ROUNDING, type Solution, withinWindow, withinWindows } from "./randomised.ts";
import {
  checkedScores,
  type FittedThresholds,
  type ThresholdForm,
  type Thresholds,
} from "./thresholds.ts";

/** Scores with the answers that thresholds are fitted to. */
export interface ScoredRows {
  /** Of the positive class; any scale. [N] */
  readonly scores: ArrayLike<number>;
  /** 1 for the positive class, 0 for the other. [N] */
  readonly truth: ArrayLike<number>;
  /** Every row has one. [N] */
  readonly groups: Column;
}

export interface ThresholdOptions {
  /** Rates that must agree between groups. Default `equalized-odds`. */
  readonly constraint?: ThresholdConstraint;
  /** Largest difference allowed in them, 0 to 1. Default 0. */
  readonly epsilon?: number;
  /** Default `randomised`, which is never worse in expectation. */
  readonly form?: ThresholdForm;
  /** Default `accuracy`. */
  readonly objective?: ThresholdObjective;
}

/**
 * Thresholds of best expected accuracy among those whose rates differ by at most epsilon between groups (Hardt, Price
 * and Srebro 2016, arXiv:1610.02413; epsilon 0, randomised, is fairlearn's ThresholdOptimizer). Where nothing within
 * epsilon beats the same decision for everybody, epsilon is widened until something does and the value says infeasible.
 * Fit on rows that the model was not trained on: scores of train rows are too good.
 * @throws {UsageError} for a target of several classes, or a group without the rows that a rate needs
 */
export function fitThresholds(
  { scores, truth, groups }: ScoredRows,
  {
    constraint = "equalized-odds",
    epsilon = 0,
    form = "randomised",
    objective = "accuracy",
  }: ThresholdOptions = {},
): Thresholds {
  if (!(epsilon >= 0 && epsilon <= 1))
    throw new UsageError(`thresholds: epsilon: expected 0 to 1, received ${epsilon}`);
  checkTruth(checkedScores(scores, groups), truth);
  const members = membersOf(groups);
  const curves = members.map(({ rows }) => curveOf(rows, scores, truth));
  members.forEach(({ group }, g) => checkSupport(group, curves[g]!, CONSTRAINTS[constraint]));
  const [positives, negatives] = [total(curves, "positives"), total(curves, "negatives")];
  if (positives * negatives === 0)
    throw new UsageError(
      `thresholds: expected rows of both classes, received ${positives} positive and ${negatives} negative`,
    );
  const worth = OBJECTIVES[objective](positives, negatives);
  const constant = Math.max(worth.positive * positives, worth.negative * negatives);
  const solve = (width: number): Solution => {
    if (form === "deterministic") return onePerGroup(curves, constraint, worth, width);
    return constraint === "equalized-odds"
      ? withinWindows(curves, worth, width)
      : withinWindow(curves, CONSTRAINTS[constraint][0], worth, width);
  };
  const { value, rules, feasible } = narrowest(solve, epsilon, constant);
  const fitted: FittedThresholds = {
    feasible,
    gap: gapOf(CONSTRAINTS[constraint], curves, rules),
    value,
    constant,
  };
  return Object.freeze({
    method: "thresholds",
    constraint,
    form,
    objective,
    epsilon,
    groupAtInference: true,
    groups: members.map(({ group }, g) => ({ group, thresholds: rules[g]! })),
    fitted,
  });
}

function checkTruth(scores: ArrayLike<number>, truth: ArrayLike<number>): void {
  if (truth.length !== scores.length)
    throw new UsageError(
      `thresholds: truth: expected one for each of ${scores.length} scores, received ${truth.length}`,
    );
  const other = Array.from(truth).find((label) => label !== 0 && label !== 1);
  if (other !== undefined)
    throw new UsageError(
      `thresholds: expected a target of two classes (0 and 1), received ${other}; several classes have no one score to put thresholds on: name a positive class or use an embedding method`,
    );
}

/** Groups that have rows, in the order of the column's values. */
function membersOf({ values, codes }: Column): { group: string; rows: number[] }[] {
  const members = values.map((group) => ({ group, rows: [] as number[] }));
  codes.forEach((code, row) => members[code]!.rows.push(row));
  return members.filter(({ rows }) => rows.length > 0);
}

const total = (curves: readonly Curve[], of: "positives" | "negatives"): number =>
  curves.reduce((sum, curve) => sum + curve[of], 0);

const NEEDS = {
  tpr: [["positives", "positive"]],
  fpr: [["negatives", "negative"]],
  selection: [],
} as const satisfies Record<RateName, readonly (readonly ["positives" | "negatives", string])[]>;

function checkSupport(group: string, curve: Curve, rates: readonly RateName[]): void {
  for (const rate of rates)
    for (const [count, word] of NEEDS[rate])
      if (curve[count] === 0)
        throw new UsageError(
          `thresholds: group "${group}" has no ${word} row, so its ${rate} is undefined; expected at least one: join it to another group or leave it out`,
        );
}

/** Halvings of the range of epsilon; rates of fewer than 2^24 rows differ by more. */
const HALVINGS = 24;

/** The solution within epsilon, or within the smallest wider limit where anything beats a constant decision. */
function narrowest(
  solve: (epsilon: number) => Solution,
  epsilon: number,
  constant: number,
): Solution & { readonly feasible: boolean } {
  const useful = ({ value }: Solution): boolean => value > constant + ROUNDING;
  const asked = solve(epsilon);
  if (useful(asked)) return { ...asked, feasible: true };
  let widest = solve(1);
  if (!useful(widest)) return { ...asked, feasible: false }; // scores that no threshold can use
  let [low, high] = [epsilon, 1];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    const tried = solve(middle);
    if (useful(tried)) [high, widest] = [middle, tried];
    else low = middle;
  }
  return { ...widest, feasible: false };
}

/** Largest difference between groups in the expected rates. */
function gapOf(
  rates: readonly RateName[],
  curves: readonly Curve[],
  rules: readonly Mixture[],
): number {
  const of = rates.map((rate) => {
    const values = curves.map((curve, g) => {
      const reached = RATE_OF[rate](curve);
      return rules[g]!.reduce(
        (sum, { threshold, weight }) => sum + weight * reached[curve.threshold.indexOf(threshold)]!,
        0,
      );
    });
    return Math.max(...values) - Math.min(...values);
  });
  return Math.max(...of);
}
