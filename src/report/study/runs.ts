/** @file What reproduces, every run and what has no number, as tables and lines. */
import { publishedWarnings } from "../../study/claims.ts";
import type { ReproductionVerdict } from "../../study/reproduction.ts";
import type { StudyRun } from "../../study/result.ts";
import type { StrategySummary } from "../../study/summary.ts";
import { count, decimal, duration, interval, signed, undefinedFor } from "../format.ts";
import {
  type Cell,
  type Column,
  type Table,
  type Tone,
  cell,
  left,
  right,
} from "../tables/table.ts";
import { list } from "../words.ts";
import type { StudyReport } from "./model.ts";

const VERDICT_TONES: Readonly<Record<ReproductionVerdict, Tone>> = {
  reproduced: "met",
  "not reproduced": "broken",
  "not comparable": "unclear",
  "no rule": "muted",
  "nothing published": "muted",
};

/** What reproduces, by rule. */
export const reproductionTable = ({ strategies }: StudyReport): Table => ({
  title: "What reproduces",
  columns: [left("strategy"), left("verdict"), right("difference"), left("compared")],
  rows: strategies.map(({ strategy, reproduction: { verdict, text, difference } }) => [
    cell(strategy.key, undefined, "strong"),
    cell(verdict, undefined, VERDICT_TONES[verdict]),
    cell(difference === null ? "" : signed(difference)),
    cell(text),
  ]),
  notes: [
    "Compat numbers against published ones (Serawan: corrected, as the published losses are of scaled ages). Networks: within 0.03 of the published balanced accuracy, or accuracy where that alone was published, over three seeds on data of like size. Zero-shot: within 0.02 with the released weights. For the others there is no rule.",
    ...strategies.flatMap(({ strategy, published }) =>
      published.flatMap(({ run }) =>
        publishedWarnings(run).map(
          (text) => `What is published of ${strategy.key} contradicts itself: ${text}.`,
        ),
      ),
    ),
  ],
});

/** Every run. */
export const runsTable = ({ result }: StudyReport): Table => {
  const columns: readonly Column[] = [
    left("strategy"),
    left("form"),
    right("seed"),
    right("balanced accuracy"),
    right("class gap"),
    right("trained on"),
    right("epochs"),
    right("tested on"),
    right("time"),
  ];
  return {
    title: "Runs",
    columns,
    rows: result.runs.map((run) => [
      cell(run.strategy, undefined, "strong"),
      cell(run.form),
      cell(String(run.seed)),
      ...runCells(run),
    ]),
    notes: result.runs.some(({ status }) => status !== "done")
      ? ["Runs that failed or wait are run again with --resume."]
      : [],
  };
};

function runCells(run: StudyRun): Cell[] {
  if (run.status !== "done") return [cell(`${run.status}: ${run.reason}`, undefined, "broken")];
  const number = (metric: string): Cell => {
    const found = run.numbers.find((of) => of.metric === metric && of.of === null);
    if (!found) return cell("");
    return found.value === null
      ? cell(undefinedFor(found.reason), undefined, "muted")
      : cell(decimal(found.value), interval(found.interval));
  };
  return [
    number("balanced_accuracy"),
    number("class.tpr_gap"),
    cell(run.trained === null ? "nothing" : count(run.trained)),
    cell(run.epochs === null ? "" : String(run.epochs)),
    cell(count(run.n)),
    cell(duration(run.seconds)),
  ];
}

/** Strategies without a number, by the reason. */
export function problemsOf(strategies: readonly StrategySummary[]): string[] {
  const by = new Map<string, string[]>();
  for (const { strategy, forms } of strategies)
    for (const [form, { problems }] of Object.entries(forms))
      for (const reason of problems)
        by.set(reason, [...(by.get(reason) ?? []), `${strategy.key} (${form})`]);
  return [...by].map(([reason, who]) => `${list(who, who.length)}: ${reason}`);
}
