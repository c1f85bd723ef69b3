/** @file Methods that find one concept's directions in labelled rows, as methods for any number of concepts. */
import { fitEach } from "./compose.ts";
import type { DebiasData, Sides } from "./debiaser.ts";
import { classCount, type Train } from "./embeddings.ts";
import type { EraserMethod } from "./eraser.ts";
import { byAlphaAndK, type DebiasMethod, type Grid } from "./method.ts";
import { matchedPairs } from "./erasers/pairs.ts";

/** How a method differs from the others. */
export interface LabelMethodTraits {
  /** Default `image`, the rows that it is fitted on. */
  readonly sides?: Sides;
  /** Whether it reads pairs of rows. */
  readonly paired?: boolean;
  /** Strengths to try on embeddings of D numbers, where the usual ones do not suit. */
  readonly grid?: (d: number) => Grid;
}

/** Jointly where the method can and is not told otherwise, else each concept on what the ones before it left. */
export function ofLabels<Options extends object>(
  method: EraserMethod<Options>,
  { sides = "image", paired = false, grid }: LabelMethodTraits = {},
): DebiasMethod {
  const { summary, caveat, joint } = method;
  return {
    summary,
    caveat,
    needs: paired ? ["labels", "pairs", "target"] : ["labels"],
    sides,
    fit(data, { together }) {
      const { images, concepts } = data;
      const each = (train: Train, concept: number) =>
        method.fit(paired ? { ...train, ...pairsOf(data, concept) } : train);
      const chain =
        joint !== undefined && together === "joint"
          ? [joint(images, concepts)]
          : fitEach(each, images, concepts);
      return byAlphaAndK(chain, grid?.(images.d));
    },
  };
}

/** Given pairs, else rows that differ in the concept and agree in target and other concepts, else (none do) any. */
function pairsOf({ concepts, target, pairs }: DebiasData, concept: number): Pick<Train, "pairs"> {
  const given = pairs?.[concept];
  if (given !== undefined) return { pairs: given };
  const others = [target, ...concepts.filter((_, i) => i !== concept)];
  const matched = matchedPairs(concepts[concept]!, intersection(others));
  return matched.length > 0 ? { pairs: matched } : {};
}

/** One number for each combination of labels. [N] */
const intersection = (labels: readonly Int32Array[]): Int32Array =>
  labels.reduce((cells, next) => {
    const count = classCount(next);
    return cells.map((cell, row) => cell * count + next[row]!);
  });
