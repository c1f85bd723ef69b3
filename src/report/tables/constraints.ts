/** @file Each constraint: its value where the checkpoint was chosen, on the data evaluated, and after each method. */
import type { Report } from "../../eval/report.ts";
import { constraintOf, measured } from "../format.ts";
import {
  type Constraint,
  type Evaluation,
  type Trajectory,
  baseline,
  comparison,
} from "../model.ts";
import { type Standing, gapOf, selectedEpoch, standing } from "../verdict.ts";
import { type Cell, type Table, type Tone, cell, left, right } from "./table.ts";
import { gapCell } from "./values.ts";

const TONES: Readonly<Record<Standing, Tone>> = {
  within: "better",
  beyond: "worse",
  undefined: "muted",
};

function standingCell(report: Report, rule: Constraint): Cell {
  const gap = gapOf(report, rule);
  if (!gap) return cell("not measured", undefined, "muted");
  return { ...gapCell(gap), tone: TONES[standing(gap, rule)] };
}

/** Rows are rules; a value within its limit reads as better, one beyond it as worse. */
export function constraintTable(trajectory: Trajectory, evaluation: Evaluation): Table {
  const after = Object.entries(comparison(evaluation)?.after ?? {});
  const kept = selectedEpoch(trajectory);
  return {
    title: "Constraints",
    columns: [
      left("constraint"),
      right(`validation, epoch ${trajectory.selected}`),
      right(evaluation.data),
      ...after.map(([method]) => right(`after ${method}`)),
    ],
    rows: trajectory.constraints.map((rule, i) => [
      cell(constraintOf(rule), rule.bound === "upper" ? "upper bound" : undefined, "strong"),
      cell(
        kept?.constraints[i] ? measured(kept.constraints[i]) : "not measured",
        undefined,
        kept?.feasible ? "better" : undefined,
      ),
      standingCell(baseline(evaluation), rule),
      ...after.map(([, report]) => standingCell(report, rule)),
    ]),
    notes: [],
  };
}
