/** @file Measures a table of predictions. */
import { basename, extname } from "node:path";
import { toJSON } from "../../debias/thresholds/json.ts";
import { compare } from "../../eval/compare.ts";
import { evaluate, type EvaluateOptions } from "../../eval/evaluate.ts";
import type { Predictions } from "../../eval/predictions.ts";
import type { Comparison } from "../../eval/report/comparison.ts";
import type { Report } from "../../eval/report.ts";
import type { TableColumns } from "../../eval/table/columns.ts";
import {
  type PredictionTable,
  readPredictionTable,
  type TableOptions,
} from "../../eval/table/read.ts";
import { THRESHOLD_RULES, type ThresholdRule } from "../../eval/table/threshold.ts";
import type { RunReport } from "../../report/model.ts";
import { UsageError } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { runFolder } from "../../run/folder.ts";
import { terminalProgress } from "../../run/progress.ts";
import { printReport, writeAllPredictions, writeReports } from "../reports.ts";
import { commandLine, machineFacts, timeOf } from "../run-report.ts";
import { type Parity, parityOf, thresholded } from "./group-thresholds.ts";
import {
  ANY,
  groupsOf,
  list,
  number,
  type Output,
  readingOf,
  referenceOf,
  type TableArgs,
  uncertaintyOf,
} from "./table-options.ts";

/** Reads the table, writes a report and prints it. Throws UsageError for what cannot be read or asked. */
export async function evalTable(
  args: TableArgs & { predictions: string },
  slices: Pick<EvaluateOptions, "slices">,
  { out, json }: Output,
): Promise<void> {
  const started = new Date();
  const { columns, attributes } = columnsOf(args);
  const file = args.predictions;
  const table = await readPredictionTable(file, columns, optionsOf(args), terminalProgress());
  checkGroups(table.predictions, attributes);
  const parity = parityOf(args, columns.groups);
  const options = { ...evaluateOptions(args), ...slices, attributes, positive: table.positive };
  const name = basename(file, extname(file));
  const target = runFolder(out ?? `eval-${name}`);
  const rules = parity && (await rulesOf(args, columns, table, parity));
  const measured = measure(table, columns, options, rules?.predictions ?? null);
  const result =
    args.id === undefined ? measured.result : await writeAllPredictions(measured, target);
  const report: RunReport = {
    title: args.title ?? basename(file),
    target: columns.truth,
    run: {
      summary: [],
      ...timeOf(started),
      imagesPerSecond: null,
      versions: machineFacts(),
      command: commandLine(),
      config: null,
    },
    data: null,
    trajectory: null,
    evaluation: {
      data: dataOf(args),
      result,
      erased: null,
      methods: parity
        ? {
            [THRESHOLDS]: {
              setting: { constraint: parity.constraint, limit: parity.limit },
              caveat: null,
              groupAtInference: true,
            },
          }
        : {},
    },
    mistakes: [],
    samples: [],
    notes: [],
  };
  if (rules)
    await writeFileAtomic(target.thresholds, `${JSON.stringify(toJSON(rules.thresholds))}\n`);
  await writeReports(report, target);
  printReport(report, target, json);
}

const THRESHOLDS = "thresholds";

/** Thresholds of each group, fitted on the split that is kept for that. */
async function rulesOf(
  args: TableArgs & { predictions: string },
  columns: TableColumns,
  table: PredictionTable,
  parity: Parity,
) {
  const { "threshold-split": on = "validation", "test-split": measured = "test", seed } = args;
  if (on === measured)
    throw new UsageError(
      `--group-thresholds may not be fitted on the rows that are measured, those of the split ${on}: they would look better than they are`,
    );
  const options = optionsOf(args);
  const fit = await readPredictionTable(args.predictions, columns, {
    ...options,
    // where a threshold makes the labels, those of the fit are not looked at
    ...(options.threshold !== undefined && { threshold: 0 }),
    splits: { test: on },
  });
  return thresholded(fit, table, parity, seed === undefined ? 0 : Number(seed));
}

/** The report of one model, or of both and what changed; each says what it was read from. */
function measure(
  { predictions, before, source }: PredictionTable,
  columns: TableColumns,
  options: EvaluateOptions,
  thresholds: Predictions | null,
) {
  const sourced = (report: Report): Report => ({ ...report, source });
  if (thresholds) {
    const after = { [THRESHOLDS]: thresholds };
    const compared = compare(predictions, after, options);
    const result: Comparison = { ...compared, before: sourced(compared.before) };
    return { result, before: predictions, after };
  }
  if (!before)
    return { result: sourced(evaluate(predictions, options)), before: predictions, after: {} };
  const method = columns.predicted ?? columns.score!;
  const after = { [method]: predictions };
  const compared = compare(before, after, options);
  const result: Comparison = {
    ...compared,
    before: sourced(compared.before),
    after: { [method]: sourced(compared.after[method]!) },
  };
  return { result, before, after };
}

const MOST_GROUPS = 1000;

/** Throws a UsageError for an intersection of more groups than anybody reads, which would take minutes. */
function checkGroups({ groups }: Predictions, attributes: readonly string[]): void {
  for (const attribute of attributes) {
    const sizes = attribute.split("*").map((name) => groups[name]!.values.length);
    const all = sizes.reduce((product, size) => product * size, 1);
    if (all > MOST_GROUPS)
      throw new UsageError(
        `--groups ${attribute}: ${sizes.join(" x ")} values make ${all} groups, expected ${MOST_GROUPS} at most; leave out a column, or make bands of numbers with --bins`,
      );
  }
}

/** The columns to read, and the attributes that are made of them. */
function columnsOf(args: TableArgs): {
  readonly columns: TableColumns;
  readonly attributes: readonly string[];
} {
  const { truth, groups, predicted, before, score, scores, weight, cluster, id, split } = args;
  if (truth === undefined) throw new UsageError("name the column of true labels with --truth");
  const { attributes, columns: grouped } = groupsOf(groups);
  return {
    columns: {
      truth,
      predicted,
      before,
      score,
      scores,
      weight,
      cluster,
      id,
      split,
      groups: grouped,
    },
    attributes,
  };
}

function optionsOf(args: TableArgs): TableOptions {
  const { positive, classes, threshold, split } = args;
  for (const option of ["test-split", "threshold-split"] as const)
    if (args[option] !== undefined && split === undefined)
      throw new UsageError(`--${option} needs the column of splits, with --split`);
  return {
    positive,
    classes: classes === undefined ? undefined : list("classes", classes),
    threshold: threshold === undefined ? undefined : thresholdOf(threshold),
    splits: {
      ...(args["test-split"] !== undefined && { test: args["test-split"] }),
      ...(args["threshold-split"] !== undefined && { threshold: args["threshold-split"] }),
    },
    ...readingOf(args),
  };
}

function thresholdOf(value: string): number | ThresholdRule {
  const rule = THRESHOLD_RULES.find((name) => name === value);
  if (rule !== undefined) return rule;
  return number("threshold", value, { ...ANY, what: `a number, or ${THRESHOLD_RULES.join(", ")}` });
}

function evaluateOptions(args: TableArgs): EvaluateOptions {
  const { reference = [], compat } = args;
  return {
    reference: Object.fromEntries(reference.map(referenceOf)),
    compat,
    ...uncertaintyOf(args),
  };
}

/** What was measured, in words that fit after "the". */
const dataOf = (args: TableArgs & { predictions: string }): string => {
  const file = basename(args.predictions);
  return args.split === undefined
    ? `table ${file}`
    : `${args["test-split"] ?? "test"} split of ${file}`;
};
