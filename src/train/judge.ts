/** @file What an epoch is worth: its objective and its constraints on the validation split. */
import {
  type Check,
  type Constraint,
  type EpochRecord,
  betweenClasses,
  check,
  checkConstraints,
  selectEpoch,
  violationOf,
} from "../eval/select.ts";
import { type EvaluateOptions, evaluate } from "../eval/evaluate.ts";
import type { Report } from "../eval/report.ts";
import { isCompat } from "../eval/metrics/compat.ts";
import { isScoreGap } from "../eval/metrics/gaps.ts";
import { crossEntropy } from "./classifier.ts";
import type { ScoredPredictions, Task } from "./predict.ts";

/** An objective: which way is better, and how it is read. Null when undefined. */
interface ObjectiveRule {
  readonly better: "lower" | "higher";
  readonly of: (report: Report, loss: number) => number | null;
}
export const OBJECTIVES = {
  loss: { better: "lower", of: (_report, loss) => loss },
  accuracy: { better: "higher", of: ({ overall }) => overall.accuracy.value },
  balanced_accuracy: { better: "higher", of: ({ overall }) => overall.balancedAccuracy.value },
  "worst_group.accuracy": { better: "higher", of: worstGroupAccuracy },
} as const satisfies Record<string, ObjectiveRule>;
export type ObjectiveName = keyof typeof OBJECTIVES;

/** Over the groups of every attribute; null when one of them has no row. */
function worstGroupAccuracy({ attributes }: Report): number | null {
  const values = Object.values(attributes).map(
    ({ gaps }) => gaps["worst_group.accuracy"]?.value ?? null,
  );
  return values.length === 0 || values.includes(null)
    ? null
    : Math.min(...values.filter((v) => v !== null));
}

/** What validation said of an epoch. Plain data. */
export interface Validation {
  readonly loss: number;
  readonly accuracy: number | null;
  readonly objective: number | null;
  readonly checks: readonly Check[];
  readonly feasible: boolean;
}

export interface Criteria {
  readonly objective: ObjectiveName;
  readonly constraints: readonly Constraint[];
}

const LIMIT = 0.1;

/**
 * The project's default: an equalized-odds gap of at most ten points; with several classes, in the worst of them. Groups
 * that are the target's own classes have no such gap (each has one true class alone): there it is the study's rule.
 */
export const defaultConstraints = (
  { target, positive }: Pick<Task, "target" | "positive">,
  attribute: string,
): Constraint[] =>
  attribute === target
    ? betweenClasses(LIMIT)
    : [
        {
          metric: positive === null ? "eo.max.worst" : "eo.max",
          attribute,
          limit: LIMIT,
          bound: "point",
        },
      ];

/** Judges predictions on the validation split. Intervals are drawn only where a constraint looks at them. */
export function judge(
  predictions: ScoredPredictions,
  { objective, constraints }: Criteria,
  options: EvaluateOptions,
): Validation {
  const intervals = constraints.some(({ bound }) => bound === "upper");
  const uncertainty = intervals ? options.uncertainty : { ...options.uncertainty, replicates: 0 };
  const scores = constraints.some(({ metric }) => isScoreGap(metric));
  const compat = constraints.some(({ metric }) => isCompat(metric));
  const report = evaluate(predictions, { ...options, scores, uncertainty, compat });
  const { truth, weights, classes } = predictions;
  const loss = crossEntropy(predictions.scores, truth, weights, classes.length);
  const checks = checkConstraints(report, constraints);
  return {
    loss,
    accuracy: report.overall.accuracy.value,
    objective: OBJECTIVES[objective].of(report, loss),
    checks,
    feasible: violationOf(checks) === 0,
  };
}

/** A check beside the constraints: without it the fairest model would be one that answers the same for everybody. */
export const keepsAccuracy = (accuracy: number | null, floor: number): Check =>
  check({ metric: "accuracy", limit: floor, bound: "point" }, accuracy, "higher");

/** The index of the validation to keep: the best feasible one, else by the rule of `selectEpoch`. @param better of the objective */
export function best(
  validations: readonly Pick<Validation, "objective" | "checks">[],
  better: "lower" | "higher",
): number {
  const trajectory = validations.map((v, epoch): EpochRecord => ({
    epoch,
    objective: v.objective ?? Number.NaN,
    checks: v.checks,
  }));
  return selectEpoch(trajectory, better).epoch;
}
