/** @file Slices that are worse off than everyone else. */
import type { Slice, Slices } from "../../eval/report.ts";
import { count, pValue } from "../format.ts";
import { rateWords } from "../words.ts";
import { type Table, cell, left, right } from "./table.ts";
import { gapCell, rateCell } from "./values.ts";

/** "race=indian & age_band=0-2". */
export const whereOf = (where: Slice["where"]): string =>
  Object.entries(where)
    .map(([attribute, value]) => `${attribute}=${value}`)
    .join(" & ");

const withinText = ({ within }: Slice): string | undefined =>
  within.length > 0 ? `within ${within.map(whereOf).join("; ")}` : undefined;

/** How many there are that are not listed, and why. */
const restOf = ({ unlisted, explained, minSupport, skipped }: Slices): string[] => [
  ...(unlisted > 0 ? [`${count(unlisted)} more are worse off by less.`] : []),
  ...(explained > 0
    ? [`${count(explained)} more are worse off only because they overlap with those listed.`]
    : []),
  ...(skipped > 0
    ? [`${count(skipped)} more have fewer than ${count(minSupport)} rows, and were not tested.`]
    : []),
];

/** Every slice found, what it is part of, and how many were tested. */
export const sliceTable = (slices: Slices): Table => ({
  title: "Slices that are worse off",
  columns: [
    left("slice"),
    left("rate"),
    right("slice"),
    right("everyone else"),
    right("difference"),
    right("p, corrected"),
  ],
  rows: slices.found.map((slice) => [
    cell(whereOf(slice.where), withinText(slice), "strong"),
    cell(rateWords(slice.rate), slice.class === undefined ? undefined : `class ${slice.class}`),
    rateCell(slice.of),
    rateCell(slice.rest),
    gapCell(slice.difference),
    cell(pValue(slice.pHolm)),
  ]),
  notes: [
    `${count(slices.tested)} slices by rate were tested, of up to ${slices.depth} of ${slices.attributes.join(", ")}. Those listed are worse off than everyone else beyond chance, corrected for all that were tested (Holm).`,
    ...restOf(slices),
  ],
});
