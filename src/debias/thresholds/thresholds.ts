/** @file Thresholds of each group as a value: plain data, frozen, and the decisions it makes. */
import type { Column } from "../../eval/counts/cells.ts";
import { EquiclipError, UsageError } from "../../run/errors.ts";
import { random } from "../../run/random.ts";
import type { ThresholdConstraint, ThresholdObjective } from "./constraint.ts";
import { type Mixture, probabilityOf } from "./mixture.ts";

/** Whether a threshold may be drawn by chance, or each group has exactly one. */
export type ThresholdForm = "randomised" | "deterministic";

/** Per-group thresholds on the score of the positive class. */
export interface Thresholds {
  readonly method: "thresholds";
  readonly constraint: ThresholdConstraint;
  readonly form: ThresholdForm;
  readonly objective: ThresholdObjective;
  /** Largest difference between groups that was allowed in the constraint's rates. */
  readonly epsilon: number;
  /** A person's group must be known to decide about them. */
  readonly groupAtInference: true;
  readonly groups: readonly { readonly group: string; readonly thresholds: Mixture }[];
  /** On the rows of the fit, in expectation. */
  readonly fitted: FittedThresholds;
}

export interface FittedThresholds {
  /** Whether thresholds within epsilon beat the same decision for everybody; if not, `gap` is the smallest that does. */
  readonly feasible: boolean;
  /** Largest difference between groups in the constraint's rates. */
  readonly gap: number;
  /** Value of the objective. */
  readonly value: number;
  /** Value of the objective under the better of the two constant decisions, which are always fair. */
  readonly constant: number;
}

/**
 * Probability of a positive decision for each row [N].
 * @param scores of the positive class [N]
 * @throws {EquiclipError} naming the row when a score is NaN, a group is missing or was not seen in the fit
 */
export function selectionProbability(
  { groups }: Thresholds,
  scores: ArrayLike<number>,
  column: Column,
): Float64Array {
  const rules = column.values.map((value) => groups.find(({ group }) => group === value));
  return Float64Array.from(checkedScores(scores, column), (score, row) => {
    const rule = rules[column.codes[row]!];
    if (rule) return probabilityOf(rule.thresholds, score);
    throw new EquiclipError(
      `thresholds: row ${row} is of group "${column.values[column.codes[row]!]}", which had no row in the fit; expected ${groups.map(({ group }) => group).join(", ")}; fit on rows of every group`,
    );
  });
}

/** Where the chance of a decision comes from. */
export interface Draws {
  readonly seed: number;
  /** Of each row; a person's own, so that the answer stays the same in any batch or order. [N] */
  readonly ids: readonly string[];
}

/** 1 for a positive decision, else 0 [N]. A higher score of the same id never turns a yes into a no. */
export function decide(
  thresholds: Thresholds,
  scores: ArrayLike<number>,
  column: Column,
  { seed, ids }: Draws,
): Uint8Array {
  if (ids.length !== scores.length)
    throw new UsageError(
      `thresholds: ids: expected one for each of ${scores.length} scores, received ${ids.length}`,
    );
  return Uint8Array.from(selectionProbability(thresholds, scores, column), (p, row) =>
    Number(p >= 1 || (p > 0 && random(seed, "thresholds", ids[row]!).uniform() < p)),
  );
}

/** The scores, each known to be a number of a row with a group. */
export function checkedScores(scores: ArrayLike<number>, { codes }: Column): ArrayLike<number> {
  if (codes.length !== scores.length)
    throw new UsageError(
      `thresholds: groups: expected one for each of ${scores.length} scores, received ${codes.length}`,
    );
  codes.forEach((code, row) => {
    if (Number.isNaN(scores[row]))
      throw new EquiclipError(`thresholds: the score of row ${row} is NaN; expected a number`);
    if (code < 0)
      throw new EquiclipError(
        `thresholds: row ${row} has no group; thresholds need one for every row: leave the row out or give its attribute`,
      );
  });
  return scores;
}
