/** @file Each constraint: its value where the checkpoint was chosen, on the data evaluated, and after each method. */
import type { Report } from "../../eval/report.ts";
import { constraintOf, measured } from "../format.ts";
import {
  type Constraint,
  type Evaluation,
  type Measured,
  type Trajectory,
  subject,
  comparison,
} from "../model.ts";
import { type Standing, gapOf, meets, selectedEpoch, standing } from "../verdict.ts";
import { type Cell, type Table, type Tone, cell, left, right } from "./table.ts";
import { gapCell } from "./values.ts";

const TONES: Readonly<Record<Standing, Tone>> = {
  within: "met",
  beyond: "broken",
  undefined: "muted",
};

function standingCell(report: Report, rule: Constraint): Cell {
  const gap = gapOf(report, rule);
  if (!gap) return cell("not measured", undefined, "muted");
  return { ...gapCell(gap), tone: TONES[standing(gap, rule)] };
}

/** What selection judged: the value or the end of its interval, as the rule says. */
const judgedCell = (judged: Measured | undefined, rule: Constraint): Cell =>
  judged === undefined
    ? cell("not measured", undefined, "muted")
    : cell(
        measured(judged),
        undefined,
        judged.value === null ? "muted" : meets(judged.value, rule) ? "met" : "broken",
      );

/** A column a rule; a value within its limit reads as better, one beyond it as worse. */
export function constraintTable(trajectory: Trajectory, evaluation: Evaluation): Table {
  const kept = selectedEpoch(trajectory);
  const reports: readonly (readonly [where: string, report: Report])[] = [
    [evaluation.data, subject(evaluation)],
    ...Object.entries(comparison(evaluation)?.after ?? {}).map(
      ([method, report]) => [`${evaluation.data}, after ${method}`, report] as const,
    ),
  ];
  return {
    title: "Constraints",
    columns: [
      left("measured on"),
      ...trajectory.constraints.map((rule) => right(constraintOf(rule))),
    ],
    rows: [
      [
        cell(`validation, epoch ${trajectory.selected}`, undefined, "strong"),
        ...trajectory.constraints.map((rule, i) => judgedCell(kept?.constraints[i], rule)),
      ],
      ...reports.map(([where, report]) => [
        cell(where, undefined, "strong"),
        ...trajectory.constraints.map((rule) => standingCell(report, rule)),
      ]),
    ],
    notes: trajectory.constraints.some(({ bound }) => bound === "upper")
      ? ["The end of the interval that is nearer to unfairness is judged, not the value."]
      : [],
  };
}
