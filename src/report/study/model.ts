/** @file What every human form of a study is made from. */
import type { OverSeeds } from "../../study/forms.ts";
import { type StudyNumber, type StudyResult, numberIn } from "../../study/result.ts";
import type { Form } from "../../study/strategies.ts";
import type { StrategySummary } from "../../study/summary.ts";
import { percent } from "../format.ts";
import type { RunFacts } from "../model.ts";

export interface StudyReport {
  readonly title: string;
  readonly run: RunFacts;
  readonly result: StudyResult;
  readonly strategies: readonly StrategySummary[];
}

/** "1 strategy", "15 strategies". */
export const strategyCount = (strategies: readonly unknown[]): string =>
  `${strategies.length} ${strategies.length === 1 ? "strategy" : "strategies"}`;

/** One line of the strategy table. */
export type Line = Form | "published";

/** Corrected numbers first. */
export const LINES: readonly Line[] = ["corrected", "compat", "published"];

/** A number of one line; undefined where it has none. */
export function lineNumber(
  { forms, published }: StrategySummary,
  line: Line,
  metric: string,
  of: string | null = null,
): OverSeeds | undefined {
  if (line !== "published")
    return forms[line].numbers.find((number) => number.metric === metric && number.of === of);
  const found = published.flatMap(({ numbers }): StudyNumber[] => {
    const number = numberIn(numbers, metric, of);
    return number ? [number] : [];
  });
  const value = found[0]?.value;
  return value == null
    ? undefined
    : { metric, of, mean: value, sd: null, values: [value], range: null };
}

/** Whether a line has anything to show. */
export const hasLine = ({ forms, published }: StrategySummary, line: Line): boolean =>
  line === "published" ? published.length > 0 : forms[line].runs.length > 0;

/** Test rows below which a gap between groups tells little. */
const FEW_ROWS = 100;

/** What a reader must know before any number, one sentence each. */
export function basisNotes({ data, clip, seeds, runs }: StudyResult): string[] {
  const fewest = Math.min(...runs.flatMap((run) => (run.status === "done" ? [run.n] : [])));
  return [
    ...(data.synthetic
      ? [
          "The faces are drawn, not photographs: style stands for gender, tone for race. Published values do not apply.",
        ]
      : []),
    ...(data.scale < 1
      ? [
          `At scale ${data.scale}: ${percent(data.scale)} of the rows and of the epochs. Too little to reproduce anything; it shows that all of it runs.`,
        ]
      : []),
    ...(fewest < FEW_ROWS
      ? [`As few as ${fewest} test rows: differences between groups are mostly chance.`]
      : []),
    ...(clip.from !== null && !clip.released
      ? [
          `CLIP strategies start from ${clip.from}, not from the weights that the study took: published values do not apply to them.`,
        ]
      : []),
    ...(seeds.length < 3
      ? [
          `${seeds.length === 1 ? "One seed" : "Two seeds"}: how much chance there is in a number is not known; take three or more.`,
        ]
      : []),
  ];
}
