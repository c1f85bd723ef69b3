/** @file Metrics of the scores, by group. */
import type { Attribute } from "../../eval/report.ts";
import type { Group } from "../../eval/report/values.ts";
import { SCORE_NAMES, SCORE_RATES, type ScoreName } from "../../eval/metrics/scores.ts";
import { count } from "../format.ts";
import { type Cell, type Table, cell, left, right } from "./table.ts";
import { gapCell, notesOf } from "./values.ts";

const measuredIn = (groups: readonly (readonly [string, Group])[]): ScoreName[] =>
  SCORE_NAMES.filter((name) => groups.some(([, { scores }]) => scores?.[name] !== undefined));

/** Every metric of every group and of all rows; null where there are no scores. */
export function scoreTable(name: string, attribute: Attribute, overall: Group): Table | null {
  const groups = [...Object.entries(attribute.groups), ["all", overall] as const];
  const metrics = measuredIn(Object.entries(attribute.groups));
  if (metrics.length === 0) return null;
  const value = ({ scores }: Group, metric: ScoreName): Cell => {
    const rate = scores?.[metric];
    return rate ? gapCell(rate) : cell("");
  };
  return {
    title: `Scores by ${name}`,
    columns: [
      left(name),
      right("rows"),
      ...metrics.map((metric) => right(SCORE_RATES[metric].label)),
    ],
    rows: groups.map(([group, of], i) => [
      cell(group, undefined, i === groups.length - 1 ? "muted" : "strong"),
      cell(count(of.count)),
      ...metrics.map((metric) => value(of, metric)),
    ]),
    notes: notesOf(
      groups.flatMap(([group, { scores }]) =>
        metrics.map(
          (metric) => [`${group}, ${SCORE_RATES[metric].label}`, scores?.[metric]?.note] as const,
        ),
      ),
    ),
  };
}
