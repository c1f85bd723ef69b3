/** @file What was chosen on validation: settings, how many were tried, whether they met the limits. */
import type { DoneCell } from "../../compare/result.ts";
import { count, decimal, limit, metricOf } from "../format.ts";
import { type Cell, type Table, cell, left, right } from "../tables/table.ts";
import type { TaskView } from "./model.ts";

/** "alpha 0.5, k 2". */
const settingText = (setting: Readonly<Record<string, number | string>>): string =>
  Object.entries(setting)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ") || "as it is";

/** A row a method and seed. */
export function choiceTable({ task, result }: TaskView): Table {
  const cells = result.cells.flatMap((of): DoneCell[] =>
    of.task === task.id && of.status === "done" ? [of] : [],
  );
  return {
    title: "Chosen on validation, without a look at test",
    columns: [
      left("method"),
      right("seed"),
      left("setting"),
      right("tried"),
      right("accuracy"),
      left("limits"),
    ],
    rows: cells.map(({ method, seed, trials, chosen }) => {
      const { setting, accuracy, checks, feasible } = trials[chosen]!;
      const broken = checks.filter(({ violation }) => violation !== 0);
      return [
        cell(method, undefined, "strong"),
        cell(String(seed)),
        cell(settingText(setting)),
        cell(count(trials.length)),
        cell(accuracy === null ? "n/a" : decimal(accuracy)),
        feasible ? cell("met", undefined, "met") : limitCell(broken),
      ];
    }),
    notes: [],
  };
}

const limitCell = (broken: DoneCell["trials"][number]["checks"]): Cell =>
  cell(
    broken
      .map(
        ({ metric, attribute, limit: most, value }) =>
          `${metricOf(metric, attribute)} ${value === null ? "n/a" : decimal(value)}, limit ${limit(most)}`,
      )
      .join("; "),
    undefined,
    "broken",
  );
