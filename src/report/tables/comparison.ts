/** @file Before and after debiasing: values, paired changes, and what was chosen. */
import { RATES, type RateName } from "../../eval/metrics/rates.ts";
import { SCORE_RATES, type ScoreName } from "../../eval/metrics/scores.ts";
import type { Change, Comparison } from "../../eval/report/comparison.ts";
import type { Gap, Group, Rate } from "../../eval/report/values.ts";
import type { Report } from "../../eval/report.ts";
import { type Evaluation, type MethodChoice, comparison } from "../model.ts";
import { type Cell, type Table, cell, left, right } from "./table.ts";
import { isKeyGap } from "./evaluation.ts";
import { TONES, changeCell, gapCell, notesOf, verdictCell } from "./values.ts";

/** One value that both reports hold, and its paired change. */
export interface Compared {
  readonly metric: string;
  readonly attribute: string | null;
  readonly group: string | null;
  readonly before: Rate | Gap;
  readonly after: Rate | Gap;
  readonly change: Change;
}

const isRate = (name: string): name is RateName => Object.hasOwn(RATES, name);
const isScore = (name: string): name is ScoreName => Object.hasOwn(SCORE_RATES, name);

const rateOf = (group: Group | undefined, name: string): Rate | undefined =>
  isRate(name) ? group?.[name] : isScore(name) ? group?.scores?.[name] : undefined;

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
    ...rows(null, null, change.overall, ({ overall }, metric) => rateOf(overall, metric)),
    ...attributes.flatMap(([attribute, { gaps }]) =>
      rows(attribute, null, gaps, (report, metric) => report.attributes[attribute]?.gaps[metric]),
    ),
    ...rows(null, null, change.classGaps, (report, metric) => report.classGaps.gaps[metric]),
    ...attributes.flatMap(([attribute, { groups }]) =>
      Object.entries(groups).flatMap(([group, changes]) =>
        rows(attribute, group, changes, (report, metric) =>
          rateOf(report.attributes[attribute]?.groups[group], metric),
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
  isRate(metric) ? RATES[metric].label : isScore(metric) ? SCORE_RATES[metric].label : metric;

/** The few of those that fit beside each other for every method. */
export const isHeadline = (row: Compared): boolean =>
  isKey(row) && (row.attribute === null || isKeyGap(row.metric));

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

/** "alpha 1, k 2; group needed at inference" */
const choice = ({ setting, groupAtInference }: MethodChoice): string =>
  [
    Object.entries(setting)
      .map(([name, value]) => `${name} ${value}`)
      .join(", "),
    groupAtInference ? "group needed at inference" : "",
  ]
    .filter(Boolean)
    .join("; ");

/** One line for each method that has anything to say. */
const choices = ({ methods }: Evaluation): string[] =>
  Object.entries(methods).flatMap(([method, of]) => {
    const told = choice(of);
    return told ? `${method}: ${told}.` : [];
  });

/** "leace (alpha 1, k 2)". */
export const methodTitle = (method: string, evaluation: Evaluation): string => {
  const chosen = evaluation.methods[method];
  const told = chosen && choice(chosen);
  return told ? `${method} (${told})` : method;
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

/** Where a value went, and by how much. */
const afterCell = ({ after, change }: Compared): Cell => {
  const { text, detail } = changeCell(change);
  return {
    ...gapCell(after),
    detail: ["Δ", text, detail].filter(Boolean).join(" "),
    tone: TONES[change.verdict],
  };
};

/** All methods beside each other: accuracy and the key gaps before, and after each with its paired change. */
export function sideBySideTable(evaluation: Evaluation): Table | null {
  const of = comparison(evaluation);
  if (!of) return null;
  const methods = Object.keys(of.after).map((method) => ({
    method,
    rows: compared(of, method).filter(isHeadline),
  }));
  return {
    title: `Before and after${evaluation.erased === null ? "" : ` removing ${evaluation.erased}`}`,
    columns: [left("metric"), right("before"), ...methods.map(({ method }) => right(method))],
    rows: (methods[0]?.rows ?? []).map((row, r) => [
      nameOf(row),
      gapCell(row.before),
      ...methods.map(({ rows }) => (rows[r] ? afterCell(rows[r]) : cell(""))),
    ]),
    notes: [
      "Δ is the change, with its paired interval: one that holds 0 is no evidence of a change.",
      ...choices(evaluation),
    ],
  };
}
