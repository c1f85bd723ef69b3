/** @file The trained model after one method: plain data, and what it says of rows. */
import { type Debiaser, debiasClassTexts, debiasImages } from "../../debias/debiaser.ts";
import { decide, type Thresholds } from "../../debias/thresholds/thresholds.ts";
import { type Classifier, probabilities } from "../classifier.ts";
import { intersectionOf } from "../columns.ts";
import { type ScoredPredictions, type Task, predictionsOf } from "../predict.ts";
import type { Embedded, Trained } from "../trained.ts";

interface Variants {
  /** Embeddings of images, class texts or both are changed. */
  readonly embedding: { readonly debiaser: Debiaser };
  /** The same scores, decided by the person's group. */
  readonly thresholds: {
    /** Attributes whose values together are the groups. */
    readonly attributes: readonly string[];
    readonly thresholds: Thresholds;
    /** Of the draws of the randomised form. */
    readonly seed: number;
  };
  /** Weights between those before training (0) and those kept (1). */
  readonly wise: { readonly alpha: number };
  /** The same embeddings, read by another head. */
  readonly head: { readonly classifier: Classifier };
}
export type VariantKind = keyof Variants;

/** What was set, such as { alpha: 0.5, k: 2 }. */
export type Setting = Readonly<Record<string, number | string>>;

export type Variant<K extends VariantKind = VariantKind> = {
  readonly [P in K]: { readonly kind: P; readonly setting: Setting } & Variants[P];
}[K];

/** The model that variants are made of. */
export interface Original {
  readonly task: Task;
  readonly classifier: Classifier;
  /** Compiles the model with weights so far from those before training to those kept; `wise` alone asks for it. */
  readonly between: (alpha: number) => Promise<Trained>;
}

/** What a variant says of rows. */
export interface Answer {
  readonly predictions: ScoredPredictions;
  /** Unit embeddings of the images as it reads them; null where they are those of the model. [rows, D] */
  readonly embeddings: Float32Array | null;
}

type AnswerOf<K extends VariantKind> = (
  variant: Variant<K>,
  original: Original,
  part: Embedded,
) => Promise<Answer>;

const ANSWERS: { readonly [K in VariantKind]: AnswerOf<K> } = {
  embedding: async ({ debiaser }, { task, classifier }, { rows, embeddings }) => {
    const d = classifier.width;
    const images = debiasImages(debiaser, { x: embeddings, n: rows.length, d });
    const x = Float32Array.from(images.x);
    const scores = probabilities(withTexts(debiaser, classifier), x);
    return {
      predictions: predictionsOf(task, rows, scores),
      embeddings: debiaser.image.length > 0 ? x : null,
    };
  },
  thresholds: async ({ attributes, thresholds, seed }, original, part) => {
    const { classes } = original.task;
    const before = predictOriginal(original, part);
    const positive = positiveOf(original.task);
    const decided = decide(
      thresholds,
      part.rows.map((_, i) => before.scores[i * classes.length + positive]!),
      intersectionOf(part.rows, attributes),
      { seed, ids: before.ids },
    );
    // the scores stay: thresholds decide otherwise, they do not know better
    const predicted = Int32Array.from(decided, (yes) => (yes ? positive : 1 - positive));
    return { predictions: { ...before, predicted }, embeddings: null };
  },
  wise: async ({ alpha }, { task, between }, { rows, pixels }) => {
    const trained = await between(alpha);
    try {
      const embeddings = await trained.encoder.images([...rows.keys()], pixels);
      const scores = probabilities(trained.classifier, embeddings);
      return { predictions: predictionsOf(task, rows, scores), embeddings };
    } finally {
      await trained.dispose();
    }
  },
  head: async ({ classifier }, { task }, { rows, embeddings }) => ({
    predictions: predictionsOf(task, rows, probabilities(classifier, embeddings)),
    embeddings: null,
  }),
};

/** Throws EquiclipError when the variant does not know a row's group. */
export const answerOf = <K extends VariantKind>(
  variant: Variant<K>,
  original: Original,
  part: Embedded,
): Promise<Answer> => ANSWERS[variant.kind](variant, original, part);

/** What the model says of rows before any method. */
export const predictOriginal = (
  { task, classifier }: Pick<Original, "task" | "classifier">,
  { rows, embeddings }: Embedded,
): ScoredPredictions => predictionsOf(task, rows, probabilities(classifier, embeddings));

/** The classifier with its class texts [C, D] debiased, where the method changes them. */
function withTexts(debiaser: Debiaser, classifier: Classifier): Classifier {
  if (debiaser.text.length === 0 && debiaser.classText === null) return classifier;
  const { weight, classes, width } = classifier;
  const texts = debiasClassTexts(debiaser, { x: weight, n: classes, d: width });
  return { ...classifier, weight: Float32Array.from(texts.x) };
}

/** Index of the positive class of a binary task. */
export const positiveOf = ({ classes, positive }: Task): number => classes.indexOf(positive!);
