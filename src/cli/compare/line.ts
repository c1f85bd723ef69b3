/** @file One line for each cell of a comparison as it ends. */
import type { CompareCell, CompareResult } from "../../compare/result.ts";
import { summarise } from "../../compare/summary.ts";
import { decimal, duration, signed } from "../../report/format.ts";

/** How far the whole comparison is. */
export interface Progressed {
  /** Seconds that the cell took. */
  readonly seconds: number;
  readonly done: number;
  readonly all: number;
  /** Seconds that the rest will take. */
  readonly left: number;
}

/** `12/60 gender-without-race leace seed 0: accuracy 0.930, eo.max[race] 0.158 -0.042 better; so far fairer (3.1 s, 2 min left)` */
export function cellLine(cell: CompareCell, soFar: CompareResult, at: Progressed): string {
  const { task, method, seed } = cell;
  const time = `${duration(at.seconds)}${at.done < at.all ? `, ${duration(at.left)} left` : ""}`;
  const place = `${at.done}/${at.all} ${task} ${method} seed ${seed}`;
  if (cell.status !== "done") return `${place}: ${cell.status}: ${cell.reason} (${time})`;
  const { accuracy } = cell.test.overall;
  const gaps = Object.entries(cell.test.attributes).map(([attribute, { "eo.max": gap }]) => {
    const change = cell.change?.attributes[attribute]?.["eo.max"];
    const by = change?.value == null ? "" : ` (${signed(change.value)} ${change.verdict})`;
    return `eo.max[${attribute}] ${shown(gap)}${by}`;
  });
  const outcome = summarise(soFar)
    .find((of) => of.task === task)
    ?.methods.find((of) => of.method === method)?.outcome;
  const verdict = outcome ? `; so far ${outcome}` : "";
  return `${place}: accuracy ${shown(accuracy)}, ${gaps.join(", ")}${verdict} (${time})`;
}

const shown = ({ value }: { readonly value: number | null }): string =>
  value === null ? "n/a" : decimal(value);
