/** @file What embeddings tell of the removed attributes, before and after each method. */
import type { Leakage } from "../../eval/report/comparison.ts";
import { decimal } from "../format.ts";
import { type Evaluation, comparison } from "../model.ts";
import { type Table, cell, left, right } from "./table.ts";
import { gapCell, notesOf } from "./values.ts";

/** Null where no probe was fitted: a comparison of two models' predictions. */
export function leakageTable(evaluation: Evaluation): Table | null {
  const leakage = comparison(evaluation)?.leakage;
  if (!leakage) return null;
  const attributes = Object.keys(leakage.before);
  const rows: readonly (readonly [string, Readonly<Record<string, Leakage>>])[] = [
    ["before", leakage.before],
    ...Object.entries(leakage.after),
  ];
  const chance = (name: string): string[] => {
    const of = leakage.before[name]?.chance ?? null;
    return of === null ? [] : [`${decimal(of)} by ${name}`];
  };
  return {
    title: "What a linear probe tells from the embeddings",
    columns: [left("embeddings"), ...attributes.map((name) => right(name))],
    rows: rows.map(([method, of]) => [
      cell(method, undefined, "strong"),
      ...attributes.map((name) => (of[name] ? gapCell(of[name]) : cell(""))),
    ]),
    notes: [
      `Balanced accuracy, cross-validated on these rows. A probe that reads nothing shows ${attributes.flatMap(chance).join(", ")}.`,
      ...notesOf(
        rows.flatMap(([method, of]) =>
          Object.values(of).map(({ note }): [string, string | undefined] => [method, note]),
        ),
      ),
    ],
  };
}
