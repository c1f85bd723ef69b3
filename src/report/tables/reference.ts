/** @file Every group against the reference group: differences and ratios of rates. */
import { RATES, type RateName } from "../../eval/metrics/rates.ts";
import type { Against, Reference } from "../../eval/report/reference.ts";
import { type Cell, type Table, cell, left, right } from "./table.ts";
import { gapCell, notesOf } from "./values.ts";

const OTHERS = "all others";

/** A block of rows a group, a row a rate; a block for all other groups together where there are several. */
export function referenceTable(
  name: string,
  { group: reference, groups, others }: Reference,
  rates: readonly RateName[],
): Table {
  const entries = Object.entries(groups);
  const blocks = entries.length > 1 ? [...entries, [OTHERS, others] as const] : entries;
  const rows = ([group, against]: readonly [string, Against]): Cell[][] => [
    ...rates.map((rate, i) => [
      cell(i === 0 ? group : "", undefined, "strong"),
      cell(RATES[rate].label),
      gapCell(against.rates[rate].difference),
      gapCell(against.rates[rate].ratio),
    ]),
    [cell(""), cell("average odds"), gapCell(against.averageOdds), cell("")],
    [cell(""), cell("average odds, sizes"), gapCell(against.averageAbsoluteOdds), cell("")],
  ];
  return {
    title: `By ${name}, against ${reference}`,
    columns: [
      left(name),
      left("rate"),
      right(`minus ${reference}`),
      right(`divided by ${reference}`),
    ],
    rows: blocks.flatMap(rows),
    notes: notesOf(
      blocks.flatMap(([group, against]) =>
        rates.map(
          (rate) => [`${group}, ${RATES[rate].label}`, against.rates[rate].ratio.note] as const,
        ),
      ),
    ),
  };
}
