/** @file Published formulas beside the metrics that they are named after. */
import { COMPAT } from "../../eval/metrics/compat.ts";
import type { Compat, Report } from "../../eval/report.ts";
import type { Rate } from "../../eval/report/values.ts";
import { measured } from "../format.ts";
import { type Cell, type Table, cell, left, right } from "./table.ts";
import { gapCell } from "./values.ts";

/** The correct FPR of a class. A binary report has it of one class, and with two the other's is the first's FNR. */
const fprOf = ({ positive, overall, perClass }: Report, label: string): Rate =>
  positive === null ? perClass[label]!.overall.fpr : label === positive ? overall.fpr : overall.fnr;

const UNDEFINED = "nothing to divide by";

const number = (value: number | null | undefined): Cell =>
  cell(measured({ value: value ?? null, reason: UNDEFINED }), undefined, "muted");

const notes = Object.entries(COMPAT).map(
  ([name, { formula, isNot, correct }]) =>
    `${name} is the published formula ${formula}, not ${isNot}. Correct: ${correct}.`,
);

/** What was asked for with `compat`; none otherwise. */
export const compatTables = (report: Report): Table[] =>
  report.compat ? [classTable(report, report.compat), pairTable(report, report.compat)] : [];

const classTable = (report: Report, { rates }: Compat): Table => ({
  title: "Published formulas (compat), by class",
  columns: [left("class"), right("FPR"), ...Object.keys(rates).map(right)],
  rows: report.classes.map((label) => [
    cell(label, undefined, "strong"),
    gapCell(fprOf(report, label)),
    ...Object.values(rates).map((byClass) => number(byClass[label])),
  ]),
  notes,
});

const pairTable = ({ classGaps }: Report, { pairs }: Compat): Table => ({
  title: "Published formulas (compat), by pair of classes",
  columns: [
    left("classes"),
    right("FPR gap"),
    right("recall ratio"),
    ...Object.keys(COMPAT).map(right),
  ],
  rows: pairs.map(({ classes, values }, i) => [
    cell(classes.join(", "), undefined, "strong"),
    ...[classGaps.pairs[i]!.fpr.gap, classGaps.pairs[i]!.recallRatio].map((value) =>
      cell(measured({ value, reason: UNDEFINED })),
    ),
    ...Object.keys(COMPAT).map((name) => number(values[name])),
  ]),
  notes: ["The gap or ratio of the two classes, each against the rest."],
});
