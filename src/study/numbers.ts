/** @file The numbers of one run, from its stored predictions alone; the change between two runs on the rows that they share. */
import { compare } from "../eval/compare.ts";
import type { Column } from "../eval/counts/cells.ts";
import { type EvaluateOptions, evaluate } from "../eval/evaluate.ts";
import type { Predictions } from "../eval/predictions.ts";
import type { ChangeReport } from "../eval/report/comparison.ts";
import type { Report } from "../eval/report.ts";
import { smallestFormula, studyNumber } from "./published.ts";
import type { StudyMetric } from "./printed.ts";
import type { StudyNumber } from "./result.ts";

/** A number or how it is told between groups. */
type Told = Pick<StudyNumber, "value" | "interval"> & { readonly reason?: string | undefined };

const UNDEFINED = "nothing to divide by";

const orReason = (value: number | null): Told =>
  value === null ? { value, interval: null, reason: UNDEFINED } : { value, interval: null };

/**
 * Balanced accuracy, macro F1, the recall of each class, gaps between the classes, the study's own disparate impact,
 * equalized odds and accuracy by each attribute other than the target.
 */
function numbersOf(report: Report, target: string): StudyNumber[] {
  const number = (metric: string, of: string | null, told: Told): StudyNumber => ({
    metric,
    of,
    value: told.value,
    interval: told.interval,
    ...(told.value === null && { reason: told.reason ?? UNDEFINED }),
  });
  const study = (metric: StudyMetric): Told => orReason(studyNumber(report, { metric }));
  const { overall, classGaps } = report;
  return [
    number("accuracy", null, overall.accuracy),
    number("balanced_accuracy", null, overall.balancedAccuracy),
    number("macro_f1", null, study("macro_f1")),
    ...report.classes.map((label) => number("recall", label, recallOf(report, label))),
    number("class.tpr_gap", null, classGaps.gaps["class.tpr_gap"]!),
    number("class.di", null, classGaps.gaps["class.di"]!),
    number("compat.di", null, orReason(smallestFormula(report))),
    ...Object.entries(report.attributes)
      .filter(([name]) => name !== target)
      .flatMap(([name, { groups, gaps }]) => [
        number("eo.max", name, (gaps["eo.max"] ?? gaps["eo.max.worst"])!),
        ...Object.entries(groups).map(([group, { accuracy }]) =>
          number("accuracy", `${name}=${group}`, accuracy),
        ),
      ]),
  ];
}

function recallOf({ positive, overall, perClass }: Report, label: string): Told {
  if (positive === null) return perClass[label]!.overall.tpr;
  return label === positive ? overall.tpr : overall.tnr;
}

/** What is asked of predictions of a target. */
const studyOptions = (
  { classes, groups }: Predictions,
  target: string,
  uncertainty: NonNullable<EvaluateOptions["uncertainty"]>,
): EvaluateOptions => ({
  positive: classes.length === 2 ? positiveOf(classes) : undefined,
  attributes: Object.keys(groups).filter((name) => name !== target),
  compat: true,
  scores: false,
  uncertainty,
});

/** Of two classes: the study's, else the last. */
const positiveOf = (classes: readonly string[]): string =>
  classes.includes("female") ? "female" : classes.at(-1)!;

/** What a run's predictions are worth. */
export function measure(
  predictions: Predictions,
  target: string,
  uncertainty: NonNullable<EvaluateOptions["uncertainty"]>,
) {
  const report = evaluate(predictions, studyOptions(predictions, target, uncertainty));
  const { n, classes, confusion } = report;
  return { n, classes, confusion, numbers: numbersOf(report, target) };
}

/** Fewer shared rows than this tell nothing. */
const LEAST_SHARED = 20;

/** Numbers whose change has a paired interval, and where a comparison holds it. */
const PAIRED: Readonly<Record<string, (change: ChangeReport, of: string | null) => unknown>> = {
  accuracy: ({ overall }, of) => (of === null ? overall["accuracy"] : undefined),
  balanced_accuracy: ({ overall }) => overall["balancedAccuracy"],
  "class.tpr_gap": ({ classGaps }) => classGaps["class.tpr_gap"],
  "class.di": ({ classGaps }) => classGaps["class.di"],
  "eo.max": ({ attributes }, of) => {
    const gaps = attributes[of ?? ""]?.gaps;
    return gaps?.["eo.max"] ?? gaps?.["eo.max.worst"];
  },
};

export interface PairedNumbers {
  /** Rows that both predicted. */
  readonly rows: number;
  /** After minus before; empty with a reason where too few rows are shared. */
  readonly numbers: readonly StudyNumber[];
  readonly reason?: string;
}

/**
 * The change from one run to another on the test rows that both have, which are resampled together.
 * @param before,after predictions with row names, of the same classes
 */
export function pairedNumbers(
  before: Predictions,
  after: Predictions,
  target: string,
  uncertainty: NonNullable<EvaluateOptions["uncertainty"]>,
): PairedNumbers {
  if (before.classes.join("\0") !== after.classes.join("\0"))
    return { rows: 0, numbers: [], reason: "the two tell different classes apart" };
  const places = new Map((after.ids ?? []).map((id, row) => [id, row]));
  const shared = (before.ids ?? []).flatMap((id, row) => {
    const other = places.get(id);
    return other === undefined ? [] : [[row, other] as const];
  });
  if (shared.length < LEAST_SHARED)
    return {
      rows: shared.length,
      numbers: [],
      reason: `only ${shared.length} test rows are the same`,
    };
  const was = rowsOf(
    before,
    shared.map(([row]) => row),
  );
  const is = rowsOf(
    after,
    shared.map(([, row]) => row),
  );
  const missing = was.classes.find((_, c) => !was.truth.includes(c));
  if (missing !== undefined)
    return { rows: shared.length, numbers: [], reason: `no shared test row is ${missing}` };
  const options = studyOptions(was, target, uncertainty);
  const { before: first, after: second, change } = compare(was, { after: is }, options);
  const old = numbersOf(first, target);
  return {
    rows: shared.length,
    numbers: numbersOf(second["after"]!, target).flatMap((number, i): StudyNumber[] => {
      const earlier = old[i]!;
      if (number.value === null || earlier.value === null) return [];
      const paired = PAIRED[number.metric]?.(change["after"]!, number.of) as Told | undefined;
      const { metric, of } = number;
      const value = number.value - earlier.value;
      return [{ metric, of, value, interval: paired?.interval ?? null }];
    }),
  };
}

/** Some rows of a table, without scores. */
function rowsOf(predictions: Predictions, rows: readonly number[]): Predictions {
  const take = (codes: Int32Array): Int32Array => Int32Array.from(rows, (row) => codes[row]!);
  const column = ({ values, codes }: Column): Column => ({ values, codes: take(codes) });
  const { ids, classes, truth, predicted, groups } = predictions;
  return {
    ids: rows.map((row) => ids![row]!),
    classes,
    truth: take(truth),
    predicted: take(predicted),
    groups: Object.fromEntries(Object.entries(groups).map(([name, of]) => [name, column(of)])),
  };
}
