/** @file The one plain value from which every human form of a report is made: page, Markdown, terminal. */
import type { Rejected, Split } from "../data/row.ts";
import type { Comparison } from "../eval/report/comparison.ts";
import type { Report } from "../eval/report.ts";
import type { NetworkSummary } from "../model/cnn/summary.ts";

/** A label and its value, ready to print. */
export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** What was run, on what, and how fast. */
export interface RunFacts {
  /** Model, what trains, objective, optimizer, epochs, ... in the order to print them. */
  readonly summary: readonly Fact[];
  /** ISO 8601. */
  readonly started: string;
  readonly finished: string;
  readonly seconds: number;
  readonly imagesPerSecond: number | null;
  readonly peakMemoryBytes: number | null;
  /** Of this program, Node, the engine, the machine. */
  readonly versions: readonly Fact[];
  /** The command that repeats the run. */
  readonly command: string;
  /** The config with every default filled in, as YAML; null where there is none: a table of predictions. */
  readonly config: string | null;
}

/** Rows of one combination of target and sensitive labels. */
export interface DataCell {
  /** In the order of `DataPlan.attributes`. */
  readonly labels: readonly string[];
  /** Rows of train before balancing. */
  readonly trainBefore: number;
  /** Rows after balancing, which touches train alone unless it is of all rows (`compat`). */
  readonly counts: Readonly<Record<Split, number>>;
}

export interface DataPlan {
  /** What was read: a folder or file path, or "synthetic faces". */
  readonly source: string;
  /** Drawn by the project, not photographs. */
  readonly synthetic: boolean;
  /** The attributes that span the cells, target first. */
  readonly attributes: readonly string[];
  readonly cells: readonly DataCell[];
  readonly balancing: {
    readonly method: string;
    /** Of all rows before their split, which touches every split. */
    readonly compat: boolean;
    readonly removed: number;
    readonly added: number;
  } | null;
  readonly rejected: readonly Rejected[];
}

/** One rule of checkpoint selection. */
export interface Constraint {
  readonly metric: string;
  /** Sensitive attribute or intersection (`a*b`); null for gaps between the target's classes. */
  readonly attribute: string | null;
  readonly rule: "at most" | "at least";
  readonly limit: number;
  /** The value itself is judged, or the end of its interval that is nearer to unfairness. */
  readonly bound: "point" | "upper";
}

/** A number, or null with the reason why it is undefined. */
export interface Measured {
  readonly value: number | null;
  readonly reason?: string | undefined;
}

export interface Epoch {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly validationLoss: number;
  readonly objective: Measured;
  /** What was judged on validation, in the order of `Trajectory.constraints`. */
  readonly constraints: readonly Measured[];
  readonly feasible: boolean;
}

export interface Trajectory {
  readonly objective: { readonly name: string; readonly better: "lower" | "higher" };
  readonly constraints: readonly Constraint[];
  readonly epochs: readonly Epoch[];
  /** The epoch whose weights were kept. */
  readonly selected: number;
}

/** What was chosen on validation for one debiasing method. */
export interface MethodChoice {
  /** Such as { alpha: 1, k: 2 }. */
  readonly setting: Readonly<Record<string, number | string>>;
  /** What must be known before trusting it, or null. */
  readonly caveat: string | null;
  /** Whether a person's group must be known to classify them. */
  readonly groupAtInference: boolean;
}

export interface Evaluation {
  /** What was measured, in words that fit after "the": "test split", "folder faces/", "table predictions.csv". */
  readonly data: string;
  readonly result: Report | Comparison;
  /** The attributes that debiasing removed, in words; null without debiasing, and for two models of a table. */
  readonly erased: string | null;
  /** By the methods of a comparison. */
  readonly methods: Readonly<Record<string, MethodChoice>>;
}

/** One picture and what the model said of it. */
export interface Face {
  readonly id: string;
  readonly truth: string;
  readonly predicted: string | null;
  /** Probability of the predicted class. */
  readonly confidence: number | null;
  /** A `data:image/...` URI; null where the config does not allow pictures. */
  readonly thumbnail: string | null;
}

/** Some of the rows of one group that were got wrong. */
export interface Mistakes {
  readonly attribute: string;
  readonly group: string;
  readonly wrong: number;
  readonly rows: number;
  readonly faces: readonly Face[];
}

/** What other prompts made of the same images. */
export interface PromptSetResult {
  readonly name: string;
  readonly target: string;
  /** By class. */
  readonly prompts: Readonly<Record<string, string | readonly string[]>>;
  readonly report: Report;
}

/** How well a number is told: mean absolute error in its own units; or shares of rows put into their own age group, or none. */
type NumberScore =
  | { readonly kind: "number"; readonly meanAbsoluteError: number }
  | { readonly kind: "age-groups"; readonly accuracy: number; readonly unknown: number };
export type NumberOutput = NumberScore & {
  readonly name: string;
  readonly rows: number;
  readonly groups: readonly (NumberScore & {
    readonly attribute: string;
    readonly group: string;
    readonly rows: number;
  })[];
};
/** What a network says beside its target. */
export type OutputResult =
  | NumberOutput
  | {
      readonly kind: "classes";
      readonly name: string;
      readonly rows: number;
      readonly report: Report;
    };

export interface RunReport {
  readonly title: string;
  /** The attribute that is predicted. */
  readonly target: string;
  readonly run: RunFacts;
  /** Null when there was no training to plan data for: a finished run on other data, a table of predictions. */
  readonly data: DataPlan | null;
  /** Null when nothing was trained. */
  readonly trajectory: Trajectory | null;
  readonly evaluation: Evaluation;
  readonly promptSets?: readonly PromptSetResult[];
  readonly outputs?: readonly OutputResult[];
  /** The layers of a convolutional network; null for other models. */
  readonly network?: NetworkSummary | null;
  readonly mistakes: readonly Mistakes[];
  /** Some of the pictures that went in. */
  readonly samples: readonly Face[];
  /** Caveats that only the caller knows; `caveats` adds those that follow from the facts. */
  readonly notes: readonly string[];
}

/**
 * What is told of in full: the model as trained, before any debiasing; of a table that holds an earlier model's labels
 * too, the later model.
 */
export function subject({ result }: Evaluation): Report {
  if (!("before" in result)) return result;
  const [later] = Object.values(result.after);
  return result.before.source && later ? later : result.before;
}

/** The comparison, or null where there is one model alone. */
export const comparison = ({ result }: Evaluation): Comparison | null =>
  "before" in result ? result : null;
