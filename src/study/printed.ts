/** @file What a published number is: which measure, in which source, and whether its confusion matrix gives it. */

/** Counts, rows true class, columns predicted. */
export type Matrix = readonly (readonly number[])[];

/** The measures that study 001 printed. Those named `compat.` are not what the study calls them. */
export type StudyMetric =
  | "accuracy"
  | "balanced_accuracy"
  | "macro_f1"
  | "recall"
  | "fpr"
  | "precision"
  | "f1"
  | "class.tpr_gap"
  | "class.fpr_gap"
  | "class.di"
  | "compat.fpr_a"
  | "compat.fpr_b"
  | "compat.di";

/** One number as it was printed: digits tell how exactly. */
export interface Printed {
  readonly metric: StudyMetric;
  /** A class, two classes for what is between them, or absent for what is over all. */
  readonly of?: string | readonly [string, string];
  /** In the study's report. */
  readonly report?: string;
  /** In the logs of its code: more exact, not always equal. */
  readonly code?: string;
  /** Why the confusion matrix does not give it; absent where it does. */
  readonly unlike?: string;
}

/** One run of the study. */
export interface PublishedRun {
  /** The config is `configs/001-STRATEGY.yaml`, or there is none. */
  readonly strategy: string;
  /** Where one strategy was run more than once. */
  readonly run?: string;
  /** In the specification of the study. */
  readonly section: string;
  readonly target: "gender" | "race";
  /** Test rows, or null where they are not told. */
  readonly n: number | null;
  /** In the order of `CLASSES[target]`; null where no counts were published. */
  readonly matrix: Matrix | null;
  readonly printed: readonly Printed[];
}

export const GENDERS = ["male", "female"] as const;
export const RACES = ["white", "black", "asian", "indian", "other"] as const;
/** Classes of a target in the order of its matrices. */
export const CLASSES = { gender: GENDERS, race: RACES } as const;
