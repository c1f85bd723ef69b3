/** @file The study's projection experiment: every alpha and k for each way to find the subspace. */
import { countForShare } from "../eraser.ts";
import type { Embeddings } from "../embeddings.ts";
import { type LogitsAt, projectedLogits } from "./projected-logits.ts";
import { predictOverTexts } from "./softmax-axis.ts";
import {
  CENTRINGS,
  type Centring,
  type Subspace,
  type SubspaceRows,
  fitSubspace,
} from "./subspace.ts";

/** Images and texts centred and fitted together, as the study did, or each for itself. */
export const MODALITIES = ["pooled", "separate"] as const;
export type Modality = (typeof MODALITIES)[number];

/** What directions are fitted on: rows of train, and texts that name the attribute's classes. */
export interface SweepTrain {
  readonly images: SubspaceRows;
  readonly texts: SubspaceRows;
}

/** Rows to classify and the texts of the target's classes. */
export interface SweepRows {
  readonly images: Embeddings;
  /** [C, D] */
  readonly classTexts: Embeddings;
}

/** What predictions are worth; null when undefined. */
export interface Worth {
  readonly accuracy: number | null;
  readonly gap: number | null;
}

/** One way to find the subspace. */
export interface Fit {
  readonly centring: Centring;
  readonly modality: Modality;
  readonly image: Subspace;
  /** The same one where images and texts are pooled. */
  readonly text: Subspace;
}

/** One strength of one fit on validation rows. */
export interface SweepTrial extends Worth {
  readonly k: number;
  readonly alpha: number;
}

/** Every centring, with images and texts pooled and apart. */
export const fitAll = ({ images, texts }: SweepTrain): Fit[] =>
  CENTRINGS.flatMap((centring) =>
    MODALITIES.map((modality): Fit => {
      if (modality === "separate")
        return {
          centring,
          modality,
          image: fitSubspace([images], centring),
          text: fitSubspace([texts], centring),
        };
      const both = fitSubspace([images, texts], centring);
      return { centring, modality, image: both, text: both };
    }),
  );

/** Directions of images and texts alike that a fit has. */
export const rankOf = ({ image, text }: Fit): number =>
  Math.max(image.eraser.share.length, text.eraser.share.length);

/** Logits of rows after a fit's projection with k directions; texts may have fewer, of which all are used. */
export const logitsOf = (
  { image, text }: Fit,
  { images, classTexts }: SweepRows,
  k: number,
): LogitsAt => projectedLogits(images, classTexts, { image: image.eraser, text: text.eraser }, k);

/** Every alpha at every k that the fit has, judged with softmax over texts. */
export function sweep(
  fit: Fit,
  rows: SweepRows,
  { alphas, ks }: { readonly alphas: readonly number[]; readonly ks: readonly number[] },
  judge: (predicted: Int32Array) => Worth,
): SweepTrial[] {
  return ks
    .filter((k) => k <= rankOf(fit))
    .flatMap((k) => {
      const at = logitsOf(fit, rows, k);
      return alphas.map((alpha) => ({
        k,
        alpha,
        ...judge(predictOverTexts(at(alpha), rows.classTexts.n)),
      }));
    });
}

/** The study's k: 164 directions, or as many as hold 99% of the variance where those are fewer. */
export const studyK = ({ image }: Fit): number =>
  Math.min(164, countForShare(image.eraser.share, 0.99));
