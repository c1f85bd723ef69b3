/** @file What a comparison needs to know of a method: candidates from train and validation rows, judged elsewhere. */
import type { Row } from "../data/row.ts";
import type { Prompts } from "../debias/debiaser.ts";
import { EquiclipError } from "../run/errors.ts";

/** Rows with their embeddings. */
export interface Part {
  readonly rows: readonly Row[];
  /** As the file or the model has them, of unit length unless a config says otherwise. [N, D] */
  readonly x: Float32Array;
  readonly d: number;
}

/** What is predicted, and what is to be removed. */
export interface CompareTask {
  readonly target: string;
  readonly classes: readonly string[];
  /** Positive class of a binary target, else null. */
  readonly positive: string | null;
  /** Attributes and intersections whose gaps are measured. */
  readonly attributes: readonly string[];
  /** Attributes to be removed from the embeddings, together. */
  readonly concepts: readonly string[];
}

/** What a method may look at. Test rows are not among it. */
export interface FitContext {
  readonly task: CompareTask;
  readonly train: Part;
  /** For early stopping and the like; the choice among candidates is made outside. */
  readonly validation: Part;
  /** Of each concept. */
  readonly prompts: readonly Prompts[];
  /** The undebiased head, fitted on the same train rows: a start, or scores to work on. */
  readonly base: BaseHead;
  /** Inverse strength of the L2 penalty of logistic heads. */
  readonly C: number;
  readonly seed: number;
}

/** A classifier's answer. */
export interface Output {
  /** Class probabilities. [N, C] */
  readonly scores: Float32Array;
  /** Class decided for. [N] */
  readonly predicted: Int32Array;
}

/** One setting of a method, fitted. */
export interface Candidate {
  /** What was set, such as { alpha: 0.5, k: 2 }. */
  readonly setting: Readonly<Record<string, number | string>>;
  /** Must not depend on which other rows are in the part, nor on their targets. */
  readonly predict: (part: Part) => Output;
  /** Embeddings after the method; null where it leaves them as they are. [N, D] */
  readonly embed: ((part: Part) => Float32Array) | null;
}

/** A logistic head on the embeddings as they are. */
export interface BaseHead extends Candidate {
  /** Of two classes one row [1, D], the logit of the second against the first; of more [C, D]. */
  readonly start: { readonly weight: Float64Array; readonly bias: Float64Array };
}

/** Thrown by a fit that this task or data cannot have, such as one concept too many; the table says why. */
export class NotApplicable extends EquiclipError {
  override name = "NotApplicable";
}

export interface Recipe {
  /** What it does, in one line. */
  readonly summary: string;
  /** What a reader must know before trusting it. */
  readonly caveat: string | null;
  /** Whether it must be told the group of a person to classify them. */
  readonly groupAtInference: boolean;
  /** What its change is measured against: a head fitted on the embeddings (by default), or the class prompts. */
  readonly baseline?: "base" | "prototype";
  /** Candidates are chosen among on validation; of equals the first is taken. */
  readonly fit: (context: FitContext) => Promise<readonly Candidate[]>;
}
