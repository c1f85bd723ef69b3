/**
 * @file Published formulas that are not the metric they are named after, under names of their own: so that published
 * numbers can be reproduced and shown beside the correct ones, and for nothing else.
 */
import { OVER_GROUPS } from "./gaps.ts";
import type { Gap } from "../report/values.ts";
import type { Compat, Report } from "../report.ts";

/** Counts, rows true class, columns predicted. */
type Matrix = readonly (readonly number[])[];

export interface CompatDefinition {
  readonly label: string;
  readonly formula: string;
  readonly isNot: string;
  /** The metric that is what this one is named after. */
  readonly correct: string;
  readonly undefinedWhen: string;
  /** Of class i, whose rows are `matrix[i]`. */
  readonly of: (matrix: Matrix, i: number) => number;
  /** How two classes are compared. */
  readonly pair: "difference" | "ratio";
}

/** M[i][j] is the number of rows of true class i predicted as j, n_i the rows of class i, K the number of classes. */
export const COMPAT = {
  "compat.fpr_a": {
    label: "share of false positives among the errors of a class",
    formula: "FP_i/(FP_i+FN_i)",
    isNot: "a false positive rate: it divides by errors, not by the rows of the other classes",
    correct: "fpr",
    undefinedWhen: "the class has neither false positives nor false negatives",
    of: (matrix, i) => {
      const hits = matrix[i]![i]!;
      const falsePositives = sum(matrix.map((row) => row[i]!)) - hits;
      return falsePositives / (falsePositives + sum(matrix[i]!) - hits);
    },
    pair: "difference",
  },
  "compat.fpr_b": {
    label: "false positive rate of a row-normalised confusion matrix",
    formula: "1/(K-1) * sum over j != i of M[j][i]/n_j",
    isNot:
      "the false positive rate, unless all other classes have equally many rows: it counts each class once, not each row",
    correct: "fpr",
    undefinedWhen: "another class has no rows",
    of: (matrix, i) => {
      const shares = matrix.filter((_, j) => j !== i).map((row) => row[i]! / sum(row));
      return sum(shares) / shares.length;
    },
    pair: "difference",
  },
  "compat.di": {
    label: "ratio of recalls, each divided once more by the rows of its class",
    formula: "min/max of TPR_i/n_i",
    isNot:
      "disparate impact: classes of unequal size fail it even when every row is classified right",
    correct: "class.di",
    undefinedWhen: "a class has no rows, or no row of either class is classified right",
    of: (matrix, i) => matrix[i]![i]! / sum(matrix[i]!) ** 2,
    pair: "ratio",
  },
} as const satisfies Record<string, CompatDefinition>;

/** Of every class and every pair of classes, null where undefined. What only serves a ratio has pairs alone. */
export function measureCompat(classes: readonly string[], matrix: Matrix): Compat {
  const measured = Object.entries(COMPAT).map(([name, { of, pair }]) => ({
    name,
    pair,
    values: classes.map((_, i) => of(matrix, i)),
  }));
  const pairValue = ({ values, pair }: (typeof measured)[number], a: number, b: number) => {
    const [low, high] = [values[a]!, values[b]!].toSorted((x, y) => x - y);
    return orNull(OVER_GROUPS[pair](low!, high!));
  };
  return {
    rates: Object.fromEntries(
      measured
        .filter(({ pair }) => pair === "difference")
        .map(({ name, values }) => [
          name,
          Object.fromEntries(classes.map((label, i) => [label, orNull(values[i]!)])),
        ]),
    ),
    pairs: classes.flatMap((first, a) =>
      classes.slice(a + 1).map((second, after) => ({
        classes: [first, second] satisfies [string, string],
        values: Object.fromEntries(
          measured.map((of) => [of.name, pairValue(of, a, a + 1 + after)]),
        ),
      })),
    ),
  };
}

/** Whether a metric is one of these. */
export const isCompat = (metric: string): metric is CompatName => Object.hasOwn(COMPAT, metric);
export type CompatName = keyof typeof COMPAT;

/** The worst pair of classes, as a gap; null for another metric, or a report without these. Excluded classes do not count. */
export function compatGap(
  { compat, classGaps }: Pick<Report, "compat" | "classGaps">,
  metric: string,
): Gap | null {
  if (compat === undefined || !isCompat(metric)) return null;
  const left = classGaps.excluding?.classes ?? [];
  const pairs = compat.pairs
    .filter(({ classes }) => !classes.some((label) => left.includes(label)))
    .map(({ classes, values }) => ({ classes, value: values[metric]! }));
  const undefinedPair = pairs.find(({ value }) => value === null);
  const { pair, undefinedWhen } = COMPAT[metric];
  const worth = (value: number | null): number => (pair === "ratio" ? -1 : 1) * (value ?? 0);
  const worst = undefinedPair ?? pairs.reduce((a, b) => (worth(b.value) > worth(a.value) ? b : a));
  return {
    value: worst.value,
    groups: worst.classes,
    rate: null,
    interval: null,
    fair: null,
    undefinedGroups: [],
    ...(undefinedPair && { reason: undefinedWhen }),
  };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
