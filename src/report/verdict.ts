/** @file Whether the constraint holds: on validation, where the checkpoint was chosen, and on the data evaluated. */
import { compatGap } from "../eval/metrics/compat.ts";
import { excess } from "../eval/select.ts";
import type { Change, Comparison } from "../eval/report/comparison.ts";
import type { Gap } from "../eval/report/values.ts";
import type { Report } from "../eval/report.ts";
import { metricOf } from "./format.ts";
import type { Constraint, Epoch, Trajectory } from "./model.ts";

export type Verdict = "feasible" | "infeasible" | "unconstrained";

/** The epoch that was kept; null when the trajectory does not hold it. */
export const selectedEpoch = (trajectory: Trajectory): Epoch | null =>
  trajectory.epochs.find(({ epoch }) => epoch === trajectory.selected) ?? null;

/** What selection on validation came to. */
export const verdictOf = (trajectory: Trajectory): Verdict =>
  trajectory.constraints.length === 0
    ? "unconstrained"
    : selectedEpoch(trajectory)?.feasible
      ? "feasible"
      : "infeasible";

/** Why the kept epoch, when none met the constraints, is not feasible: what is undefined there, else its violation. */
export function shortfall(trajectory: Trajectory): string {
  const judged = selectedEpoch(trajectory)?.constraints ?? [];
  const missing = trajectory.constraints.flatMap(({ metric, attribute }, i) =>
    judged[i]?.value === null
      ? [
          `${metricOf(metric, attribute)} is undefined (${judged[i].reason ?? "no reason was given"})`,
        ]
      : [],
  );
  return missing.length > 0 ? `there, ${missing.join(" and ")}` : "it misses by least";
}

/** The gap that a rule is about; of a multi-class target, over its worst class. Null when it was not measured. */
export function gapOf(
  report: Report,
  { metric, attribute }: Pick<Constraint, "metric" | "attribute">,
): Gap | null {
  const gaps = attribute === null ? report.classGaps.gaps : report.attributes[attribute]?.gaps;
  return gaps?.[metric] ?? gaps?.[`${metric}.worst`] ?? compatGap(report, metric);
}

/** How a method changed the gap that a rule is about; null when that was not measured. */
export function changeOf(
  { change }: Comparison,
  method: string,
  { metric, attribute }: Pick<Constraint, "metric" | "attribute">,
): Change | null {
  const of = change[method];
  const changes = attribute === null ? of?.classGaps : of?.attributes[attribute]?.gaps;
  return changes?.[metric] ?? changes?.[`${metric}.worst`] ?? null;
}

export const meets = (value: number, { rule, limit }: Constraint): boolean =>
  excess(value, limit, rule === "at most" ? "lower" : "higher") === 0;

export type Standing = "within" | "beyond" | "undefined";

/** How a gap stands to its limit, judged as in selection: by its value, or by the unfair end of its interval. */
export function standing(gap: Gap | null, rule: Constraint): Standing {
  if (!gap || gap.value === null) return "undefined";
  const end = rule.rule === "at most" ? 1 : 0;
  const judged = rule.bound === "upper" ? (gap.interval?.[end] ?? gap.value) : gap.value;
  return meets(judged, rule) ? "within" : "beyond";
}
