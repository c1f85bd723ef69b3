/** @file Before and after debiasing: values, paired changes, and what was chosen. */
import { RATES, type RateName } from "../../eval/rates.ts";
import type { Change, Comparison, Gap, Rate, Report } from "../../eval/report.ts";
import { count } from "../format.ts";
import { type Evaluation, type MethodChoice, comparison } from "../model.ts";
import { type Cell, type Table, cell, left, right } from "./table.ts";
import { changeCell, gapCell, notesOf, verdictCell } from "./values.ts";

/** One value that both reports hold, and its paired change. */
export interface Compared {
  readonly metric: string;
  readonly attribute: string | null;
  readonly group: string | null;
  readonly before: Rate | Gap;
  readonly after: Rate | Gap;
  readonly change: Change;
}

const isRate = (name: string): name is RateName => name in RATES;

/** Everything that a comparison holds of one method: overall rates, gaps of each attribute, groups, classes. */
export function compared(of: Comparison, method: string): Compared[] {
  const { before } = of;
  const [after, change] = [of.after[method], of.change[method]];
  if (!after || !change) return [];
  const rows = (
    attribute: string | null,
    group: string | null,
    changes: Readonly<Record<string, Change>>,
    value: (report: Report, metric: string) => Rate | Gap | undefined,
  ): Compared[] =>
    Object.entries(changes).flatMap(([metric, by]) => {
      const [from, to] = [value(before, metric), value(after, metric)];
      return from && to ? [{ metric, attribute, group, before: from, after: to, change: by }] : [];
    });
  const attributes = Object.entries(change.attributes);
  return [
    ...rows(null, null, change.overall, ({ overall }, metric) =>
      isRate(metric) ? overall[metric] : undefined,
    ),
    ...attributes.flatMap(([attribute, { gaps }]) =>
      rows(attribute, null, gaps, (report, metric) => report.attributes[attribute]?.gaps[metric]),
    ),
    ...rows(null, null, change.classGaps, (report, metric) => report.classGaps.gaps[metric]),
    ...attributes.flatMap(([attribute, { groups }]) =>
      Object.entries(groups).flatMap(([group, changes]) =>
        rows(attribute, group, changes, (report, metric) =>
          isRate(metric) ? report.attributes[attribute]?.groups[group]?.[metric] : undefined,
        ),
      ),
    ),
  ];
}

const OVERALL = ["accuracy", "balancedAccuracy"];

/** What a reader asks first: accuracy, and every gap between groups. */
export const isKey = ({ metric, attribute, group }: Compared): boolean =>
  attribute === null ? OVERALL.includes(metric) : group === null;

/** The words for a rate; the name of anything else. */
export const rateLabel = (metric: string): string =>
  isRate(metric) ? RATES[metric].label : metric;

const nameOf = ({ metric, attribute, group }: Compared): Cell =>
  cell(
    rateLabel(metric),
    group === null
      ? attribute === null
        ? undefined
        : `by ${attribute}`
      : `${attribute}: ${group}`,
    "strong",
  );

const choice = ({ alpha, k }: MethodChoice): string =>
  `alpha ${alpha}${k === null ? "" : `, k ${k}`}`;

/** "after leace (alpha 1)". */
export const methodTitle = (method: string, evaluation: Evaluation): string => {
  const chosen = evaluation.methods[method];
  return chosen ? `${method} (${choice(chosen)})` : method;
};

export const changeTable = (title: string, rows: readonly Compared[]): Table => ({
  title,
  columns: [left("metric"), right("before"), right("after"), right("change"), left("verdict")],
  rows: rows.map((row) => [
    nameOf(row),
    gapCell(row.before),
    gapCell(row.after),
    changeCell(row.change),
    verdictCell(row.change),
  ]),
  notes: notesOf(rows.map((row) => [nameOf(row).text, row.change.note])),
});

/** One row a method: what was chosen on validation, and how its changes turned out. Null without debiasing. */
export function methodTable(evaluation: Evaluation): Table | null {
  const of = comparison(evaluation);
  if (!of) return null;
  return {
    title: `Before and after removing ${evaluation.erased ?? "an attribute"}`,
    columns: [
      left("method"),
      left("chosen on validation"),
      right("accuracy"),
      right("better"),
      right("no evidence"),
      right("worse"),
    ],
    rows: [
      [cell("before", undefined, "strong"), cell(""), gapCell(of.before.overall.accuracy)],
      ...Object.entries(of.after).map(([method, after]) => {
        const key = compared(of, method).filter(isKey);
        const tally = (verdict: Change["verdict"]): string =>
          count(key.filter(({ change }) => change.verdict === verdict).length);
        const chosen = evaluation.methods[method];
        return [
          cell(method, undefined, "strong"),
          cell(chosen ? choice(chosen) : ""),
          gapCell(after.overall.accuracy),
          cell(tally("better")),
          cell(tally("unclear")),
          cell(tally("worse")),
        ];
      }),
    ].map((row) => [...row, ...Array.from({ length: 6 - row.length }, () => cell(""))]),
    notes: ["Counts are over accuracy, balanced accuracy and every gap between groups."],
  };
}
