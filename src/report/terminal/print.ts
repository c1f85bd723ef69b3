/** @file What commands print: data plan, epochs, evaluation, before and after, or all of a run. */
import pc from "picocolors";
import type { Report } from "../../eval/report.ts";
import { caveats } from "../caveats.ts";
import { findings } from "../findings.ts";
import {
  type DataPlan,
  type Evaluation,
  type RunReport,
  type Trajectory,
  subject,
} from "../model.ts";
import { sideBySideTable } from "../tables/comparison.ts";
import { leakageTable } from "../tables/leakage.ts";
import { compatTables } from "../tables/compat.ts";
import { constraintTable } from "../tables/constraints.ts";
import { rejectedTable, splitTable } from "../tables/data.ts";
import { KEY_RATES, gapTable, groupTable, keyGaps } from "../tables/evaluation.ts";
import { outputTable } from "../tables/outputs.ts";
import { promptSetTable } from "../tables/prompt-sets.ts";
import { referenceTable } from "../tables/reference.ts";
import { sliceTable } from "../tables/slices.ts";
import type { Table } from "../tables/table.ts";
import { gapCell } from "../tables/values.ts";
import { trajectoryTable } from "../tables/trajectory.ts";
import { verdictOf } from "../verdict.ts";
import { bullet, findingsText, predictionsText } from "./findings.ts";
import { tableText } from "./table.ts";
import { type Terminal, wrap } from "./terminal.ts";

const join = (tables: readonly Table[], terminal: Terminal): string =>
  tables.map((table) => tableText(table, terminal)).join("\n\n");

const MOST_REJECTED = 20;

/** Rows per split and label, what balancing changed, what was rejected. */
export function dataText(plan: DataPlan, terminal: Terminal): string {
  const rejected = rejectedTable(plan, MOST_REJECTED);
  return join([splitTable(plan), ...(rejected ? [rejected] : [])], terminal);
}

export const trajectoryText = (trajectory: Trajectory, terminal: Terminal): string =>
  tableText(trajectoryTable(trajectory), terminal);

/** The key rates of every group, and the key gaps between them. */
export const evaluationText = (report: Report, terminal: Terminal): string =>
  join(
    [
      ...Object.entries(report.attributes).flatMap(([name, attribute]) => [
        groupTable(name, attribute, report.overall, KEY_RATES, gapCell),
        gapTable(`Gaps by ${name}`, keyGaps(attribute.gaps)),
        ...(attribute.reference ? [referenceTable(name, attribute.reference, KEY_RATES)] : []),
      ]),
      ...(report.slices ? [sliceTable(report.slices, gapCell)] : []),
      ...compatTables(report),
    ],
    terminal,
  );

/** Accuracy and the key gaps before and after each method; empty without debiasing. */
export function comparisonText(evaluation: Evaluation, terminal: Terminal): string {
  return [sideBySideTable(evaluation), leakageTable(evaluation)]
    .flatMap((table) => (table ? tableText(table, terminal) : []))
    .join("\n\n");
}

const VERDICTS = {
  feasible: { text: "FEASIBLE", color: "green" },
  infeasible: { text: "INFEASIBLE", color: "red" },
  unconstrained: { text: "NO CONSTRAINT", color: "dim" },
} as const;

function verdictText(trajectory: Trajectory, evaluation: Evaluation, terminal: Terminal): string {
  const { text, color } = VERDICTS[verdictOf(trajectory)];
  return [
    ...wrap(`${text}: epoch ${trajectory.selected} is kept`, terminal.columns).map(
      pc.createColors(terminal.color)[color],
    ),
    ...(trajectory.constraints.length > 0
      ? [tableText(constraintTable(trajectory, evaluation), terminal)]
      : []),
  ].join("\n");
}

export const list = (texts: readonly string[], terminal: Terminal): string =>
  texts.flatMap((text) => bullet("- ", text, terminal)).join("\n");

/** A run from data to verdict, in the order in which it happened; of a table of predictions, what was found. */
export function reportText(report: RunReport, terminal: Terminal): string {
  const { data, trajectory, evaluation } = report;
  if (subject(evaluation).source) return predictionsText(report, terminal);
  const { serious, other } = caveats(report);
  const beside = [promptSetTable(report), outputTable(report)];
  return [
    data && dataText(data, terminal),
    trajectory && trajectoryText(trajectory, terminal),
    evaluationText(subject(evaluation), terminal),
    ...beside.map((table) => table && tableText(table, terminal)),
    comparisonText(evaluation, terminal),
    findingsText(findings(subject(evaluation)), terminal),
    list([...serious, ...other], terminal),
    trajectory && verdictText(trajectory, evaluation, terminal),
  ]
    .filter(Boolean)
    .join("\n\n");
}
