/** @file The groups of one attribute in few columns: what a terminal of 80 columns has room for. */
import type { Attribute, Report } from "../../eval/report.ts";
import type { Group, Rate } from "../../eval/report/values.ts";
import { extremes } from "../extremes.ts";
import { count, undefinedFor } from "../format.ts";
import { type Cell, type Table, cell, left, right } from "./table.ts";

const RATES_SHOWN = { accuracy: "accuracy", tpr: "TPR", fpr: "FPR" } as const;
const MOST = 12;

const short = (value: number): string => value.toFixed(2);

/** "0.82" with "[.79, .85]". */
export function shortCell({ value, interval }: Rate): Cell {
  if (value === null) return cell("n/a", undefined, "muted");
  const ends = interval?.map((end) => short(end).replace(/^0(?=\.)/, "")).join(", ");
  return cell(short(value), ends && `[${ends}]`);
}

/** Why rates are missing, each reason once. */
function missing(groups: readonly (readonly [string, Group])[]): string[] {
  const reasons = groups.flatMap(([, of]) =>
    Object.entries(RATES_SHOWN).flatMap(([rate, head]) => {
      const { value, reason } = of[rate as keyof typeof RATES_SHOWN];
      return value === null ? [`${head} ${undefinedFor(reason)}`] : [];
    }),
  );
  return [...new Set(reasons)];
}

/** Accuracy, TPR and FPR; of many groups the worst and the best by accuracy. */
export function compactTable(name: string, attribute: Attribute, report: Report): Table {
  const { overall, uncertainty } = report;
  const shown = extremes(attribute.groups, "accuracy", uncertainty.minSupport, MOST);
  const groups = [...shown.groups, ["all", overall] as const];
  return {
    title: `By ${name}`,
    columns: [left(""), right("rows"), ...Object.values(RATES_SHOWN).map(right)],
    rows: groups.map(([group, of], i) => [
      cell(group, undefined, i === groups.length - 1 ? "muted" : "strong"),
      cell(count(of.count)),
      shortCell(of.accuracy),
      shortCell(of.tpr),
      shortCell(of.fpr),
    ]),
    notes: [...(shown.note === null ? [] : [shown.note]), ...missing(groups)],
  };
}
