/** @file What a table of predictions is: file, columns, threshold, and the rows that were left out. */
import type { Source } from "../../eval/report/source.ts";
import { count } from "../format.ts";
import type { Fact } from "../model.ts";
import { type Table, cell, left, right } from "./table.ts";

function thresholdText({ threshold }: Source): string {
  if (!threshold) return "none: labels were read";
  const { value, rule, split, rows } = threshold;
  return rule === "given"
    ? `${value}, as given`
    : `${value}, best for ${rule} on ${count(rows)} rows${split === null ? ", the same that are measured" : ` of split ${split}`}`;
}

export const sourceFacts = (source: Source, measured: number): Fact[] => [
  { label: "file", value: source.file },
  { label: "format", value: source.format },
  { label: "rows", value: `${count(measured)} measured of ${count(source.rows)} read` },
  { label: "predicted positive from", value: thresholdText(source) },
];

/** All of it as tables, where there is no other form for facts. */
export const sourceTables = (source: Source, measured: number): Table[] => {
  const facts: Table = {
    title: "Source",
    columns: [left("fact"), left("value")],
    rows: sourceFacts(source, measured).map(({ label, value }) => [
      cell(label, undefined, "muted"),
      cell(value),
    ]),
    notes: [],
  };
  return [facts, columnTable(source), ...leftOutTables(source)];
};

export const columnTable = ({ columns }: Source): Table => ({
  title: "Columns",
  columns: [left("role"), left("column")],
  rows: Object.entries(columns).map(([role, column]) => [
    cell(role, undefined, "strong"),
    cell(column),
  ]),
  notes: [],
});

const rowTable = (title: string, rows: Source["leftOut"]): Table[] =>
  rows.length === 0
    ? []
    : [
        {
          title,
          columns: [left("column"), left("reason"), right("rows"), left("the first of them")],
          rows: rows.map(({ column, reason, rows: n, first }) => [
            cell(column, undefined, "strong"),
            cell(reason),
            cell(count(n)),
            cell(first.join(", ")),
          ]),
          notes: [],
        },
      ];

/** Rows that are in no number, and those that are in none by one attribute. */
export const leftOutTables = ({ leftOut, noGroup }: Source): Table[] => [
  ...rowTable("Rows left out", leftOut),
  ...rowTable("Rows without a value of an attribute, left out there only", noGroup),
];
