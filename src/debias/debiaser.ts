/** @file What every embedding method fits, and what it does to image and to text embeddings. */
import { UsageError } from "../run/errors.ts";
import { unitRows } from "../run/linalg/embeddings.ts";
import { applyEach } from "./compose.ts";
import type { Embeddings } from "./embeddings.ts";
import type { Eraser } from "./eraser.ts";

/** Which embeddings a method changes. */
export type Sides = "image" | "text" | "both";

/** A fitted method: plain data, frozen. */
export interface Debiaser {
  readonly method: string;
  /** Applied in order to image embeddings; none leaves them as they are. */
  readonly image: readonly Eraser[];
  /** Applied in order to text embeddings. */
  readonly text: readonly Eraser[];
  /** Erasers of the text of each class of the task, after `text`; only `bendvlm` has them. [C] */
  readonly classText: readonly (readonly Eraser[])[] | null;
  /** Whether rows are scaled back to unit length afterwards. */
  readonly renormalise: boolean;
}

/** Text embeddings that the prompt methods are fitted on; unit rows. */
export interface Prompts {
  /** Prompts that name the concept's classes and nothing else ("a photo of a woman"), and the class of each. */
  readonly spurious: Embeddings & { readonly labels: Int32Array };
  /** Prompts that name a class of the task and one of the concept ("a photo of a female doctor"). */
  readonly candidates: Embeddings & { readonly target: Int32Array; readonly labels: Int32Array };
  /** One per class of the task. [C, D] */
  readonly classes: Embeddings;
  /** `texts` of the model, or `means` of train rows that stand in for them where a model has no text side. */
  readonly source: "texts" | "means";
}

/** What a method is fitted on: rows of the train part alone. */
export interface DebiasData {
  readonly images: Embeddings;
  /** The class of each row in each concept to be removed. [concepts][N] */
  readonly concepts: readonly Int32Array[];
  /** The task's class of each row. [N] */
  readonly target: Int32Array;
  /** Of each concept; none where no method that needs them is fitted (`meansAsPrompts` makes some of train rows). */
  readonly prompts: readonly Prompts[];
  /** Matched rows of each concept, as `Train` has them; made from labels and target where they are not given. */
  readonly pairs?: readonly Int32Array[];
}

/** Image embeddings [N, D] after a method. */
export function debiasImages({ image, renormalise }: Debiaser, rows: Embeddings): Embeddings {
  const out = applyEach(image, rows);
  return renormalise ? unitRows(out) : out;
}

/**
 * Text embeddings of the task's classes [C, D], in the order of the fit, after a method.
 * @throws {UsageError} when there is not one text for each class that the method was fitted for
 */
export function debiasClassTexts(debiaser: Debiaser, classes: Embeddings): Embeddings {
  const { method, text, classText, renormalise } = debiaser;
  const { n, d } = classes;
  if (classText !== null && classText.length !== n)
    throw new UsageError(
      `${method}: fitted for ${classText.length} classes, received texts of ${n}; fit it on the task it is used for`,
    );
  const rows = applyEach(text, classes);
  const out = { x: rows.x.slice(), n, d };
  classText?.forEach((erasers, c) => {
    const own = { x: rows.x.slice(c * d, (c + 1) * d), n: 1, d };
    out.x.set(applyEach(erasers, own).x, c * d);
  });
  return renormalise ? unitRows(out) : out;
}
