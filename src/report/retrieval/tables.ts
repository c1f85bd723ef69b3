/** @file A retrieval report as tables. */
import type { RetrievalAttribute, RetrievalMetric, TopShare } from "../../eval/retrieval/report.ts";
import { count, decimal, percent, some } from "../format.ts";
import { type Cell, type Table, cell, left, right } from "../tables/table.ts";
import { gapCell, notesOf } from "../tables/values.ts";

/** By chance alone so far off in at most 5% of the reports, all comparisons together. */
export const isBeyondChance = ({ chance }: TopShare): boolean => (chance.pHolm ?? 1) < 0.05;

const shareCell = (top: TopShare, k: number): Cell =>
  cell(
    percent(top.share),
    `${count(top.rows)} of ${count(k)}, by chance ${percent(top.chance.low)} to ${percent(top.chance.high)}`,
    isBeyondChance(top) ? "broken" : undefined,
  );

/** The share of each group among the first k beside its share of all rows. */
export const shareTable = (
  query: string,
  name: string,
  { groups, missing, tied }: RetrievalAttribute,
  ks: readonly number[],
): Table => ({
  title: `${query}: who is found first, by ${name}`,
  columns: [left(name), right("of all rows"), ...ks.map((k) => right(`of the first ${count(k)}`))],
  rows: Object.entries(groups).map(([group, of]) => [
    cell(group, undefined, "strong"),
    cell(percent(of.prior), `${count(of.rows)}`),
    ...ks.map((k) => shareCell(of.top[k]!, k)),
  ]),
  notes: [
    ...notesOf(Object.entries(groups).map(([group, { note }]) => [group, note] as const)),
    ...Object.entries(tied)
      .filter(([, rows]) => rows > 0)
      .map(
        ([k, rows]) =>
          `${count(rows)} more row${rows === 1 ? " is" : "s are"} as similar as the last of the first ${k}: the order of the table decides`,
      ),
    ...(missing > 0 ? [`${count(missing)} rows have no ${name} and are left out here.`] : []),
  ],
});

/** The skew of each group. */
export const skewTable = (
  query: string,
  name: string,
  { groups }: RetrievalAttribute,
  ks: readonly number[],
): Table => ({
  title: `${query}: skew by ${name}`,
  columns: [left(name), ...ks.flatMap((k) => [right(`skew@${k}`), right("p, corrected")])],
  rows: Object.entries(groups).map(([group, { top }]) => [
    cell(group, undefined, "strong"),
    ...ks.flatMap((k) => [gapCell(top[k]!.skew), pCell(top[k]!.chance)]),
  ]),
  notes: notesOf(
    Object.entries(groups).flatMap(([group, { top }]) =>
      ks.map((k) => [`${group}, skew@${k}`, top[k]!.skew.note] as const),
    ),
  ),
});

const pCell = ({ pValue, pHolm }: { pValue: number; pHolm?: number | undefined }): Cell =>
  cell(pText(pValue), pHolm === undefined ? undefined : pText(pHolm));

const pText = (p: number): string => (p < 0.001 ? "<0.001" : decimal(p));

const chanceCell = ({ fair }: RetrievalMetric): Cell =>
  fair === null
    ? cell("")
    : cell(
        fair.expected === null ? "minus infinity" : decimal(fair.expected),
        `95%: ${fair.p95 === null ? "minus infinity" : decimal(fair.p95)}`,
      );

/** Whether a metric is worth a first look. */
export const isKeyMetric = (metric: string): boolean => /^(max_skew@|min_skew@|ndkl$)/.test(metric);

/**
 * The metrics over all groups, with what random rankings of the same rows show.
 * @param shown which ones; all by default
 */
export function metricTable(
  query: string,
  name: string,
  { metrics }: RetrievalAttribute,
  shown: (metric: string) => boolean = () => true,
): Table {
  const entries = Object.entries(metrics).filter(([metric]) => shown(metric));
  return {
    title: `${query}: metrics by ${name}`,
    columns: [
      left("metric"),
      right("value"),
      left("group"),
      right("a random ranking"),
      right("p, corrected"),
    ],
    rows: entries.map(([metric, of]) => [
      cell(metric, undefined, "strong"),
      gapCell(of),
      cell(of.value === null ? "" : some(of.groups)),
      chanceCell(of),
      of.fair === null ? cell("") : pCell(of.fair),
    ]),
    notes: notesOf(entries.map(([metric, { note }]) => [metric, note] as const)),
  };
}
