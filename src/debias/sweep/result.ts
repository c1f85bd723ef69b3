/** @file The machine form of a sweep: what each subspace holds, what removing it does, and the study's run beside it. */
import type { Change } from "../../eval/report/comparison.ts";
import type { Gap, Rate } from "../../eval/report/values.ts";
import type { Modality, SweepTrial, Worth } from "./sweep.ts";
import type { Centring } from "./subspace.ts";

export const SWEEP_SCHEMA = "equiclip.sweep/1";

/** What a subspace holds, by direction. */
export interface Spectrum {
  /** Explained variance ratio of each direction. [R] */
  readonly share: readonly number[];
  /** Length of the differences of class means projected on the first k directions, over their own. [R] */
  readonly signal: readonly number[] | null;
}

export interface SweepFit {
  readonly centring: Centring;
  readonly modality: Modality;
  readonly image: Spectrum;
  /** Null where images and texts are pooled: they share one. */
  readonly text: Spectrum | null;
  /** On validation rows, softmax over texts. */
  readonly trials: readonly SweepTrial[];
}

/** Over the texts, or (compat) over the images of a batch. */
export type SoftmaxAxis = "texts" | "images";

/** How predictions were made. */
export interface SweepSetting {
  readonly centring: Centring;
  readonly modality: Modality;
  readonly axis: SoftmaxAxis;
  readonly alpha: number;
  readonly k: number;
}

/** One way beside the others; test rows were looked at once, after everything was chosen. */
export interface SweepSide {
  readonly name: string;
  /** Null where nothing is removed. */
  readonly setting: SweepSetting | null;
  readonly validation: Worth;
  readonly test: {
    readonly accuracy: Rate;
    readonly gap: Gap;
    /** Against nothing removed, paired: the same rows are resampled for both. */
    readonly change: { readonly accuracy: Change; readonly gap: Change } | null;
  };
}

/** Compat: what softmax over the images of a batch makes of the study's setting on validation rows. */
export interface AxisCheck {
  readonly batch: number;
  readonly order: "as read" | "shuffled";
  readonly accuracy: number | null;
  /** Share of predictions that differ from those of batches of 4 in the order read. */
  readonly changed: number;
  /** The same with softmax over texts. */
  readonly changedOverTexts: number;
  /** Share of rows that get the first class. */
  readonly firstClass: number;
}

export interface SweepResult {
  readonly schema: typeof SWEEP_SCHEMA;
  readonly name: string;
  readonly target: string;
  readonly classes: readonly string[];
  /** Attribute whose subspace is removed. */
  readonly attribute: string;
  /** The gap that is watched, such as `eo.max` by the attribute, or `class.tpr_gap` where it is the target. */
  readonly gap: {
    readonly metric: string;
    readonly attribute: string | null;
    readonly limit: number;
  };
  readonly rows: {
    readonly images: number;
    readonly imagePairs: number;
    readonly texts: number;
    readonly textPairs: number;
    readonly validation: number;
    readonly test: number;
  };
  readonly alphas: readonly number[];
  readonly fits: readonly SweepFit[];
  /** Chosen on validation among pairs, images and texts apart, k up to 10: the best accuracy within the limit. */
  readonly chosen: { readonly setting: SweepSetting; readonly feasible: boolean };
  readonly axis: readonly AxisCheck[];
  readonly sides: readonly SweepSide[];
  readonly notes: readonly string[];
}
