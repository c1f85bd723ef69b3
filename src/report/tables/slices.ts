/** @file Slices that are worse off than everyone else. */
import type { Rate } from "../../eval/report/values.ts";
import type { Slice, Slices } from "../../eval/report/slices.ts";
import { count, pValue } from "../format.ts";
import { rateWords } from "../words.ts";
import { shortCell } from "./compact.ts";
import { type Cell, type Table, cell, left, right } from "./table.ts";
import { gapCell, rateCell } from "./values.ts";

/** "race=indian & age_band=0-2". */
export const whereOf = (where: Slice["where"]): string =>
  Object.entries(where)
    .map(([attribute, value]) => `${attribute}=${value}`)
    .join(" & ");

const withinText = ({ within }: Slice): string | undefined =>
  within.length > 0 ? `within ${within.map(whereOf).join("; ")}` : undefined;

const rateNameCell = ({ rate, class: of }: Slice): Cell =>
  cell(rateWords(rate), of === undefined ? undefined : `class ${of}`);

/** What was tested, and what became of what is not listed. */
function notesOf({ attributes, found, ...of }: Slices): string[] {
  const depth = Math.min(of.depth, attributes.length);
  const tested = `${count(of.tested)} slices by rate were tested, of up to ${depth} of ${attributes.join(", ")}.`;
  const more: readonly (readonly [n: number, what: string])[] = [
    [of.unlisted, "more are worse off by less."],
    [of.explained, "more are worse off only because they overlap with those listed."],
    [of.skipped, `more have fewer than ${count(of.minSupport)} rows, and were not tested.`],
  ];
  return [
    found.length === 0
      ? `${tested} None is evidently worse off than everyone else.`
      : `${tested} Those listed are worse off than everyone else beyond chance, corrected for all that were tested (Holm); first those that are so by most at least.`,
    ...more.filter(([n]) => n > 0).map(([n, what]) => `${count(n)} ${what}`),
  ];
}

/**
 * Every slice found, what it is part of, and how many were tested.
 * @param write the cell of a rate: `rateCell` has its counts, `gapCell` is shorter
 */
export const sliceTable = (slices: Slices, write: (rate: Rate) => Cell = rateCell): Table => ({
  title: "Slices that are worse off",
  columns: [
    left("slice"),
    left("rate"),
    right("rows"),
    right("its rate"),
    right("everyone else"),
    right("difference"),
    right("p, corrected"),
  ],
  rows: slices.found.map((slice) => [
    cell(whereOf(slice.where), withinText(slice), "strong"),
    rateNameCell(slice),
    cell(count(slice.of.support)),
    write(slice.of),
    write(slice.rest),
    gapCell(slice.difference),
    cell(pValue(slice.pHolm)),
  ]),
  notes: notesOf(slices),
});

const MOST = 5;

/** The worst of them in few columns; null when there is none. */
export function compactSliceTable({ found, unlisted }: Slices): Table | null {
  if (found.length === 0) return null;
  const more = Math.max(0, found.length - MOST) + unlisted;
  return {
    title: "Slices that are worse off",
    columns: [left(""), left("rate"), right("rows"), right("its rate"), right("everyone else")],
    rows: found
      .slice(0, MOST)
      .map((slice) => [
        cell(whereOf(slice.where), undefined, "strong"),
        rateNameCell(slice),
        cell(count(slice.of.support)),
        shortCell(slice.of),
        shortCell(slice.rest),
      ]),
    notes: more > 0 ? [`${count(more)} more are worse off by less.`] : [],
  };
}
