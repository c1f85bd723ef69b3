/** @file What every human form of a sweep is made from. */
import type { SweepFit, SweepResult, SweepSetting } from "../../debias/sweep/result.ts";
import type { RunFacts } from "../model.ts";

export interface SweepRun {
  readonly title: string;
  readonly run: RunFacts;
  readonly result: SweepResult;
}

const CENTRING_WORDS = {
  class: "each class on its own mean",
  pairs: "matched pairs",
  common: "one common mean",
} as const satisfies Record<SweepFit["centring"], string>;

/** "matched pairs, apart": how a subspace was found. */
export const fitTitle = ({ centring, modality }: Pick<SweepFit, "centring" | "modality">): string =>
  `${CENTRING_WORDS[centring]}, ${modality === "pooled" ? "images and texts pooled" : "images and texts apart"}`;

/** The same for a legend: "matched pairs, apart". */
export const shortTitle = ({
  centring,
  modality,
}: Pick<SweepFit, "centring" | "modality">): string =>
  `${CENTRING_WORDS[centring]}, ${modality === "pooled" ? "pooled" : "apart"}`;

/** "alpha 0.4, k 164, softmax over images": what was done with it. */
export const settingText = ({ alpha, k, axis }: SweepSetting): string =>
  `alpha ${alpha}, k ${k}, softmax over ${axis}`;

export const fitOf = (
  { fits }: SweepResult,
  { centring, modality }: Pick<SweepFit, "centring" | "modality">,
): SweepFit => fits.find((fit) => fit.centring === centring && fit.modality === modality)!;

/** "eo.max by gender". */
export const gapName = ({ gap: { metric, attribute } }: SweepResult): string =>
  attribute === null ? metric : `${metric} by ${attribute}`;

/** As published, and its correction: what the others are compared with. */
export const PUBLISHED = { centring: "class", modality: "pooled" } as const;
export const CORRECTED = { centring: "pairs", modality: "separate" } as const;
