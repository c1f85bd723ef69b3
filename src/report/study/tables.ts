/** @file The strategies of a study as tables: their numbers, accuracy by group, what its formula says. */
import type { OverSeeds } from "../../study/forms.ts";
import type { StudyResult } from "../../study/result.ts";
import type { StrategySummary } from "../../study/summary.ts";
import { count, decimal, interval, percent } from "../format.ts";
import { type Cell, type Table, type Tone, cell, left, right } from "../tables/table.ts";
import { LINES, type Line, type StudyReport, hasLine, lineNumber } from "./model.ts";

const METRICS = [
  { head: "balanced accuracy", metric: "balanced_accuracy", of: null },
  { head: "accuracy", metric: "accuracy", of: null },
  { head: "macro F1", metric: "macro_f1", of: null },
  { head: "TPR male", metric: "recall", of: "male" },
  { head: "TPR female", metric: "recall", of: "female" },
  { head: "class gap", metric: "class.tpr_gap", of: null },
  { head: "recall ratio", metric: "class.di", of: null },
  { head: "M-17", metric: "compat.di", of: null },
  { head: "eo.max by race", metric: "eo.max", of: "race" },
  { head: "eo.max by gender", metric: "eo.max", of: "gender" },
] as const;

/** Those that fit a terminal of 80 columns. */
const BRIEF: readonly string[] = [
  "balanced accuracy",
  "class gap",
  "recall ratio",
  "eo.max by race",
];

/** "0.826" with "±0.010" over seeds; of one seed with the interval of its test rows, where there is room. */
function numberCell(of: OverSeeds | undefined, tone?: Tone, isBrief = false): Cell {
  if (of === undefined) return cell("");
  if (of.mean === null) return cell("n/a", of.reason, "muted");
  const spread = of.sd === null ? interval(isBrief ? null : of.range) : `±${decimal(of.sd)}`;
  return cell(decimal(of.mean), spread, tone);
}

/** The strategy, on the first of its lines; what it predicts where that is not gender. */
const nameCell = ({ strategy: { key, target } }: StrategySummary, line: number): Cell =>
  line === 0 ? cell(key, target === "gender" ? "" : `predicts ${target}`, "strong") : cell("");

/** "95%". */
export const levelOf = ({ uncertainty }: StudyResult): string =>
  percent(uncertainty.level).replace(".0%", "%");

/** Where some seeds are missing: of how many a mean is. */
function seedsOf({ forms }: StrategySummary, line: Line, asked: number): string | undefined {
  if (line === "published") return undefined;
  const { length } = forms[line].runs;
  return length === asked ? undefined : `${length} of ${asked} seeds`;
}

/** Test rows of a line: of its seeds, from the fewest to the most. */
function rowsCell({ forms, published }: StrategySummary, line: Line): Cell {
  const all =
    line === "published"
      ? published.slice(0, 1).flatMap(({ run }) => run.n ?? [])
      : forms[line].runs.map(({ n }) => n);
  if (all.length === 0) return cell("");
  const [least, most] = [Math.min(...all), Math.max(...all)];
  return cell(least === most ? count(least) : `${count(least)} to ${count(most)}`, "", "muted");
}

/** Three lines a strategy: corrected, as the study did it, as it was published. */
export function strategyTable({ strategies, result }: StudyReport, isBrief = false): Table {
  const metrics = METRICS.filter(
    ({ head, metric, of }) =>
      (!isBrief || BRIEF.includes(head)) &&
      strategies.some((of_) => LINES.some((line) => lineNumber(of_, line, metric, of))),
  );
  return {
    title: "Strategies",
    columns: [
      left("strategy"),
      left("form"),
      ...(isBrief ? [] : [right("test rows")]),
      ...metrics.map(({ head }) => right(head)),
    ],
    rows: strategies.flatMap((summary) =>
      LINES.filter((line) =>
        metrics.some(({ metric, of }) => lineNumber(summary, line, metric, of)),
      ).map((line, i) => [
        nameCell(summary, i),
        cell(
          line,
          seedsOf(summary, line, result.seeds.length),
          line === "corrected" ? undefined : "muted",
        ),
        ...(isBrief ? [] : [rowsCell(summary, line)]),
        ...metrics.map(({ metric, of }) =>
          numberCell(
            lineNumber(summary, line, metric, of),
            line === "corrected" ? undefined : "muted",
            isBrief,
          ),
        ),
      ]),
    ),
    notes: isBrief
      ? []
      : [
          `${result.seeds.length === 1 ? `One seed, with the ${levelOf(result)} interval of its test rows` : `Means over ${result.seeds.length} seeds, ± their standard deviation; of a single one, the ${levelOf(result)} interval of its test rows`}. Corrected: flaws mended. Compat: as the study did it. Published: the study's own, from its confusion matrix where there is one.`,
          "Class gap: the largest difference between the TPRs of two classes (0 is fair). Recall ratio: the smallest TPR over the largest (1 is fair).",
          "M-17 is what the study called disparate impact: the ratio of recalls, each divided once more by the rows of its class. It is no measure of fairness, and stands here to be compared.",
          "eo.max by race: the largest difference between races in TPR or FPR.",
        ],
  };
}

/** Accuracy in each group of an attribute; null where no run has it. */
export function groupTable({ strategies }: StudyReport, attribute: string): Table | null {
  const prefix = `${attribute}=`;
  const groups = [
    ...new Set(
      strategies.flatMap(({ forms }) =>
        Object.values(forms).flatMap(({ numbers }) =>
          numbers.flatMap(({ metric, of }) =>
            metric === "accuracy" && of?.startsWith(prefix) ? [of] : [],
          ),
        ),
      ),
    ),
  ];
  const rows = strategies.flatMap((summary) =>
    LINES.filter(
      (line) =>
        line !== "published" &&
        groups.some((group) => lineNumber(summary, line, "accuracy", group)),
    ).map((line, i) => [
      nameCell(summary, i),
      cell(line, undefined, line === "corrected" ? undefined : "muted"),
      ...groups.map((group) => numberCell(lineNumber(summary, line, "accuracy", group))),
    ]),
  );
  return rows.length === 0
    ? null
    : {
        title: `Accuracy by ${attribute}`,
        columns: [
          left("strategy"),
          left("form"),
          ...groups.map((group) => right(group.slice(prefix.length))),
        ],
        rows,
        notes: [],
      };
}

/** What the study's formula says, beside the measure that it is named after, on the same predictions. */
export function formulaTable({ strategies }: StudyReport): Table {
  const LIMIT = 0.8;
  const verdict = (of: OverSeeds | undefined): string =>
    of?.mean == null ? "" : of.mean < LIMIT ? "fails 0.8" : "passes 0.8";
  return {
    title: "Disparate impact: the study's formula beside the recall ratio, same predictions",
    columns: [
      left("strategy"),
      left("form"),
      right("M-17"),
      right("recall ratio"),
      left("verdict"),
    ],
    rows: strategies.flatMap((summary) =>
      LINES.filter((line) => hasLine(summary, line) && lineNumber(summary, line, "compat.di")).map(
        (line, i) => {
          const [compat, ratio] = ["compat.di", "class.di"].map((metric) =>
            lineNumber(summary, line, metric),
          );
          const [was, is] = [verdict(compat), verdict(ratio)];
          return [
            nameCell(summary, i),
            cell(line, undefined, "muted"),
            numberCell(compat, "muted"),
            numberCell(ratio),
            is === ""
              ? cell("")
              : was === is
                ? cell(is, "by both", "muted")
                : cell(is, `where M-17 ${was}`, "worse"),
          ];
        },
      ),
    ),
    notes: [],
  };
}
