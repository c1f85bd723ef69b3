/** @file A study as tables: all strategies, accuracy by group, what corrections changed, what reproduces, the runs. */
import { publishedWarnings } from "../../study/claims.ts";
import type { OverSeeds } from "../../study/forms.ts";
import type { ReproductionVerdict } from "../../study/reproduction.ts";
import type { StudyResult, StudyRun } from "../../study/result.ts";
import type { Change, StrategySummary } from "../../study/summary.ts";
import { count, decimal, duration, interval, percent, signed, undefinedFor } from "../format.ts";
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

const WORDS: Readonly<Record<Line, string>> = {
  corrected: "corrected",
  compat: "compat",
  published: "published",
};

/** The strategy, on the first of its lines; what it predicts where that is not gender. */
const nameCell = ({ strategy: { key, target } }: StrategySummary, line: number): Cell =>
  line === 0 ? cell(key, target === "gender" ? "" : `predicts ${target}`, "strong") : cell("");

/** "95%". */
const levelOf = ({ uncertainty }: StudyResult): string =>
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
          WORDS[line],
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
      cell(WORDS[line], undefined, line === "corrected" ? undefined : "muted"),
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

/** Which way each change is better. */
const BETTER: Readonly<Record<string, 1 | -1>> = {
  balanced_accuracy: 1,
  "class.tpr_gap": -1,
  "class.di": 1,
  "eo.max": -1,
};

export function changeTone({ metric, mean, interval: ends }: Change): Tone {
  if (ends === null || (ends[0] <= 0 && ends[1] >= 0)) return "unclear";
  return mean * (BETTER[metric] ?? 1) > 0 ? "better" : "worse";
}

/** "+0.036" with "[+0.012, +0.060]". */
const changeCell = (change: Change | undefined): Cell =>
  change === undefined
    ? cell("")
    : cell(signed(change.mean), interval(change.interval, signed), changeTone(change));

const CHANGES: readonly (readonly [head: string, metric: string, of: string | null])[] = [
  ["balanced accuracy", "balanced_accuracy", null],
  ["class gap", "class.tpr_gap", null],
  ["eo.max by race", "eo.max", "race"],
];

/** What mending the flaws of each strategy changed, on the same test rows. */
export const correctionTable = ({ strategies, result }: StudyReport): Table => ({
  title: "What mending the flaws changed (corrected minus compat, same test rows)",
  columns: [
    left("strategy"),
    left("mended"),
    right("test rows"),
    ...CHANGES.map(([head]) => right(head)),
  ],
  rows: strategies
    .filter(({ strategy }) => strategy.forms.compat !== null)
    .map(({ strategy, changes, shared, forms }) => {
      const has = changes.length > 0;
      const why =
        shared.problems[0] ??
        forms.compat.problems[0] ??
        forms.corrected.problems[0] ??
        "not both forms were run";
      return [
        cell(strategy.key, undefined, "strong"),
        cell(has ? strategy.mends.join("; ") : why, undefined, has ? undefined : "muted"),
        cell(shared.rows.length === 0 ? "" : count(Math.min(...shared.rows))),
        ...CHANGES.map(([, metric, of]) =>
          changeCell(changes.find((change) => change.metric === metric && change.of === of)),
        ),
      ];
    }),
  notes: [
    `Paired: both forms predicted the same rows. ${levelOf(result)} intervals: ${basisOf(strategies)}; not corrected for the number of strategies. All flaws of a strategy are mended at once.`,
  ],
});

/** Where the intervals of changes come from: seeds may fail, or all change by the same. */
function basisOf(strategies: readonly StrategySummary[]): string {
  const bases = new Set(strategies.flatMap(({ changes }) => changes.map(({ basis }) => basis)));
  const rows = "of the rows (paired bootstrap)";
  return bases.has("splits")
    ? `over the seeds' random splits (corrected resampled t, Nadeau and Bengio 2003)${bases.has("rows") ? `, or ${rows} where one seed has both forms or all changed by the same` : ""}`
    : rows;
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
            cell(WORDS[line], undefined, "muted"),
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
