/** @file Which candidate of a method is kept: judged on validation alone, by the rule that chooses epochs. */
import type { EvaluateOptions } from "../eval/evaluate.ts";
import { type Check, type Constraint, violationOf } from "../eval/select.ts";
import {
  OBJECTIVES,
  type ObjectiveName,
  best,
  defaultConstraints,
  judge,
  keepsAccuracy,
} from "../train/judge.ts";
import { predictionsOf } from "./predictions.ts";
import type { Candidate, CompareTask, FitContext } from "./recipe.ts";
import type { Trial } from "./result.ts";

/** What is asked of a candidate on validation. */
export interface Criteria {
  readonly objective: ObjectiveName;
  /** Those that say nothing of the task are left out; by default eo.max of at most 0.10 over each attribute. */
  readonly constraints?: readonly Constraint[] | undefined;
  /** Accuracy below that of the baseline that may be given up. */
  readonly maxAccuracyDrop: number;
}

export interface Choice {
  readonly candidate: Candidate;
  /** Its index in `trials`. */
  readonly chosen: number;
  readonly trials: Trial[];
}

/**
 * The candidate of best objective among those that meet every constraint and keep the accuracy. With none, that of
 * least violation among those that keep the accuracy (an answer that is the same for everybody is fair and useless),
 * else of all; of equals the first. Test rows are not needed, nor given.
 * @param baseline what the accuracy is compared with; null for the baselines themselves
 */
export function chooseCandidate(
  candidates: readonly Candidate[],
  baseline: Candidate | null,
  { task, validation }: Pick<FitContext, "task" | "validation">,
  criteria: Criteria,
  evaluate: EvaluateOptions,
): Choice {
  const limits = constraintsOf(task, criteria.constraints);
  const judged = (candidate: Candidate) =>
    judge(
      predictionsOf(task, validation, candidate.predict(validation)),
      { objective: criteria.objective, constraints: limits },
      evaluate,
    );
  const before = baseline && judged(baseline).accuracy;
  const floor = before === null ? 0 : before - criteria.maxAccuracyDrop;
  const tried = candidates.map(({ setting, ...candidate }) => {
    const { objective, accuracy, checks } = judged({ setting, ...candidate });
    return { setting, objective, accuracy, checks: [...checks, keepsAccuracy(accuracy, floor)] };
  });
  const accurate = tried.filter(({ checks }) => checks.at(-1)!.violation === 0);
  const eligible = accurate.length > 0 ? accurate : tried;
  const chosen = tried.indexOf(eligible[best(eligible, OBJECTIVES[criteria.objective].better)]!);
  return {
    candidate: candidates[chosen]!,
    chosen,
    trials: tried.map(({ checks, ...trial }) => ({
      ...trial,
      checks: checks.map(checkReport),
      feasible: violationOf(checks) === 0,
    })),
  };
}

const constraintsOf = (
  task: CompareTask,
  asked: readonly Constraint[] | undefined,
): Constraint[] =>
  asked
    ? asked.filter(
        ({ attribute }) => attribute === undefined || task.attributes.includes(attribute),
      )
    : task.attributes.flatMap((attribute) => defaultConstraints(task, attribute));

const checkReport = ({ constraint, value, violation, reason }: Check): Trial["checks"][number] => ({
  metric: constraint.metric,
  attribute: constraint.attribute ?? null,
  limit: constraint.limit,
  value,
  violation,
  ...(reason !== undefined && { reason }),
});
