/** @file What an audit found: distributions and problems. */
import type { Audit } from "../../data/audit.ts";
import type { Rejected } from "../../data/row.ts";
import { count, percent } from "../format.ts";
import { type Table, cell, left, right } from "./table.ts";

/** Rows of every label of every attribute. */
export const labelTable = ({ counts, rows }: Audit): Table => ({
  title: "Labels",
  columns: [left("attribute"), left("label"), right("rows"), right("share")],
  rows: counts.flatMap(({ attribute, counts: labels }) =>
    Object.entries(labels).map(([label, n], i) => [
      cell(i === 0 ? attribute : "", undefined, "strong"),
      cell(label),
      cell(count(n)),
      cell(percent(n / rows)),
    ]),
  ),
  notes: [],
});

/** Rows by the labels of two attributes, one table per pair. */
export const crossTables = ({ crossTables: pairs }: Audit): Table[] =>
  pairs.map(({ attributes: [outer, inner], counts }) => {
    const columns = [...new Set(Object.values(counts).flatMap((row) => Object.keys(row)))];
    return {
      title: `${outer} by ${inner}`,
      columns: [left(outer), ...columns.map(right)],
      rows: Object.entries(counts).map(([label, row]) => [
        cell(label, undefined, "strong"),
        ...columns.map((name) => cell(count(row[name] ?? 0))),
      ]),
      notes: [],
    };
  });

/** Numbers by decade, one table per number. */
export const numberTables = ({ numbers, rows }: Audit): Table[] =>
  numbers.map(({ attribute, min, median, max, decades, medianPerValue }) => ({
    title: attribute,
    columns: [left("from"), right("rows"), right("share")],
    rows: (decades ?? []).map(({ from, count: n }) => [
      cell(`${from}-${from + 9}`),
      cell(count(n)),
      cell(percent(n / rows)),
    ]),
    notes: [
      `from ${min} to ${max}, median ${median}; median rows per whole ${attribute}: ${medianPerValue}`,
    ],
  }));

const names = (ids: readonly string[]): string =>
  ids.slice(0, 3).join(", ") + (ids.length > 3 ? `, and ${ids.length - 3} more` : "");
const examples = (rejected: readonly Rejected[]): string =>
  rejected.length === 0 ? "" : `${rejected[0]!.id}: ${rejected[0]!.reason}`;

/** Every kind of problem with its number and an example. */
export function problemTable(audit: Audit): Table {
  const { rejected, unreadable, byteDuplicates, nearDuplicates, conflicts } = audit;
  const problems: readonly (readonly [string, number, string])[] = [
    ["names or records without labels", rejected.length, examples(rejected)],
    ["unreadable images", unreadable.length, examples(unreadable)],
    ["groups of equal files", byteDuplicates.length, names(byteDuplicates[0] ?? [])],
    ["groups of near-duplicates", nearDuplicates.length, names(nearDuplicates[0] ?? [])],
    ["duplicates with conflicting labels", conflicts.length, conflictText(audit)],
  ];
  return {
    title: "Problems",
    columns: [left("kind"), right("found"), left("for example")],
    rows: problems.map(([kind, found, example]) => [
      cell(kind),
      cell(count(found), undefined, found === 0 ? "met" : "broken"),
      cell(example),
    ]),
    notes: [
      "Near-duplicates stay on one side of every split, so they cannot leak from train into test.",
    ],
  };
}

function conflictText({ conflicts: [first] }: Audit): string {
  return first ? `${names(first.ids)} differ in ${first.attributes.join(", ")}` : "";
}
