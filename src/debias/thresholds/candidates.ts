/** @file Thresholds worth trying, to be chosen among on rows that they were not fitted on. */
import { type Column, intersect } from "../../eval/counts/cells.ts";
import { CONSTRAINTS, type ThresholdConstraint } from "./constraint.ts";
import { fitThresholds, type ScoredRows } from "./fit.ts";
import type { ThresholdForm, Thresholds } from "./thresholds.ts";

/** One choice of constraint, form, epsilon and groups, fitted. */
export interface ThresholdCandidate {
  /** Attributes whose values together are the groups. */
  readonly attributes: readonly string[];
  readonly setting: Readonly<Record<"constraint" | "form" | "epsilon" | "groups", string | number>>;
  readonly thresholds: Thresholds;
}

/** One threshold per group within 0 of each other is next to never more than a constant decision. */
const EPSILONS: Readonly<Record<ThresholdForm, readonly number[]>> = {
  randomised: [0, 0.03, 0.06, 0.09],
  deterministic: [0.03, 0.06, 0.09],
};

/** Rows of each class that every group of an intersection must have. */
const ENOUGH = 30;

/**
 * Every constraint, form and epsilon, best in accuracy on the rows of the fit first. The groups are the intersection of
 * the attributes; where one of its groups has fewer than 30 rows of a class, those of each attribute in turn.
 * @param attributes at least one, by name
 * @throws {UsageError} as `fitThresholds`
 */
export function thresholdCandidates(
  { scores, truth }: Omit<ScoredRows, "groups">,
  attributes: Readonly<Record<string, Column>>,
): ThresholdCandidate[] {
  const names = Object.keys(attributes);
  const groupsOf = (of: readonly string[]): Column =>
    intersect(of.map((name) => attributes[name]!));
  const whole = names.length === 1 || isSupported(groupsOf(names), truth);
  return (whole ? [names] : names.map((name) => [name]))
    .flatMap((of) =>
      (Object.keys(CONSTRAINTS) as ThresholdConstraint[]).flatMap((constraint) =>
        (Object.keys(EPSILONS) as ThresholdForm[]).flatMap((form) =>
          EPSILONS[form].map((epsilon): ThresholdCandidate => ({
            attributes: of,
            setting: { constraint, form, epsilon, groups: of.join("*") },
            thresholds: fitThresholds(
              { scores, truth, groups: groupsOf(of) },
              { constraint, form, epsilon },
            ),
          })),
        ),
      ),
    )
    .sort((a, b) => b.thresholds.fitted.value - a.thresholds.fitted.value);
}

function isSupported({ values, codes }: Column, truth: ArrayLike<number>): boolean {
  const rows = new Int32Array(2 * values.length);
  codes.forEach((code, row) => rows[2 * code + truth[row]!]!++);
  return rows.every((count) => count >= ENOUGH);
}
