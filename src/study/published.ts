/** @file The published numbers of study 001, and what its confusion matrices give: the correct ones and its own formulas. */
import { type EvaluateOptions, evaluate } from "../eval/evaluate.ts";
import type { Predictions } from "../eval/predictions.ts";
import type { Report } from "../eval/report.ts";
import {
  CLASSES,
  GENDERS,
  type Matrix,
  type Printed,
  type PublishedRun,
  type StudyMetric,
} from "./printed.ts";
import { PUBLISHED_CLIP } from "./published-clip.ts";
import { PUBLISHED_CNN } from "./published-cnn.ts";

export const PUBLISHED: readonly PublishedRun[] = [...PUBLISHED_CNN, ...PUBLISHED_CLIP];

/** Rows that have this confusion matrix. */
export function matrixPredictions(classes: readonly string[], matrix: Matrix): Predictions {
  const pairs = matrix.flatMap((row, truth) =>
    row.flatMap((n, predicted) => Array.from({ length: n }, () => [truth, predicted] as const)),
  );
  return {
    classes,
    truth: Int32Array.from(pairs, ([truth]) => truth),
    predicted: Int32Array.from(pairs, ([, predicted]) => predicted),
    groups: {},
  };
}

/** What a published run's matrix gives, with the study's own formulas beside; null without a matrix. */
export function publishedReport(
  { target, matrix }: Pick<PublishedRun, "target" | "matrix">,
  options: Pick<EvaluateOptions, "excludedClasses" | "uncertainty"> = {},
): Report | null {
  if (matrix === null) return null;
  return evaluate(matrixPredictions(CLASSES[target], matrix), {
    ...(target === "gender" && { positive: GENDERS[1] }),
    compat: true,
    ...options,
  });
}

/** Of one class against the rest, from the report's own view or, of two classes, its mirror image. */
const ONE_CLASS = {
  recall: { own: "tpr", mirrored: "tnr" },
  fpr: { own: "fpr", mirrored: "fnr" },
  precision: { own: "ppv", mirrored: "npv" },
} as const;

const BETWEEN = { "class.tpr_gap": "tpr", "class.fpr_gap": "fpr" } as const;

/**
 * A measure of the study in a report on its target; null where it is undefined.
 * @param of a class, a pair of classes, or nothing for what is over all; `class.*` over all is of the widest pair.
 */
export function studyNumber(
  report: Report,
  { metric, of }: Pick<Printed, "metric" | "of">,
): number | null {
  switch (metric) {
    case "accuracy":
      return report.overall.accuracy.value;
    case "balanced_accuracy":
      return report.overall.balancedAccuracy.value;
    case "macro_f1":
      return mean(report.classes.map((label) => f1Of(report, label)));
    case "f1":
      return f1Of(report, one(metric, of));
    case "recall":
    case "fpr":
    case "precision": {
      const [label, { own, mirrored }] = [one(metric, of), ONE_CLASS[metric]];
      if (report.positive === null) return report.perClass[label]!.overall[own].value;
      return report.overall[label === report.positive ? own : mirrored].value;
    }
    case "class.tpr_gap":
    case "class.fpr_gap":
      return of === undefined
        ? report.classGaps.gaps[metric]!.value
        : pairIn(report.classGaps.pairs, metric, of)[BETWEEN[metric]].gap;
    case "class.di":
      return of === undefined
        ? report.classGaps.gaps[metric]!.value
        : pairIn(report.classGaps.pairs, metric, of).recallRatio;
    case "compat.fpr_a":
    case "compat.fpr_b":
    case "compat.di":
      return typeof of === "string"
        ? report.compat!.rates[metric]![of]!
        : pairIn(report.compat!.pairs, metric, of).values[metric]!;
  }
}

/** M-17 of the pair of classes that it is smallest of; null where no pair has it. */
export function smallestFormula({ compat }: Report): number | null {
  const values = (compat?.pairs ?? []).flatMap((pair) => pair.values["compat.di"] ?? []);
  return values.length > 0 ? Math.min(...values) : null;
}

function f1Of({ classes, confusion }: Report, label: string): number | null {
  const i = classes.indexOf(label);
  const hits = confusion[i]![i]!;
  const told = sum(confusion[i]!) + sum(confusion.map((row) => row[i]!));
  return told === 0 ? null : (2 * hits) / told;
}

function one(metric: StudyMetric, of: Printed["of"]): string {
  if (typeof of === "string") return of;
  throw new TypeError(`${metric} is of one class`);
}

function pairIn<T extends { readonly classes: readonly string[] }>(
  pairs: readonly T[],
  metric: StudyMetric,
  of: Printed["of"],
): T {
  const found = pairs.find(({ classes }) => classes.every((label) => of?.includes(label)));
  if (found !== undefined) return found;
  throw new TypeError(`${metric} is of two classes`);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const mean = (values: readonly (number | null)[]): number | null =>
  values.includes(null) ? null : sum(values.map((value) => value ?? 0)) / values.length;
