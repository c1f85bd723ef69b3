/** @file INLP, iterative null-space projection: what a linear classifier reads is projected out, again and again. */
import { fitLogistic, predict } from "../../eval/probes/logistic.ts";
import { dot } from "../../run/linalg/products.ts";
import { checkTrain, type Embeddings } from "../embeddings.ts";
import { apply, createEraser, type Eraser, type EraserMethod } from "../eraser.ts";
import { removeSpan } from "../span.ts";

export interface InlpOptions {
  /** Classifiers fitted at most, each on what the ones before it left. Default 4. */
  readonly rounds?: number;
  /** Where the fit of a classifier ends, as `fitLogistic` has it. Default 1e-3: some 3 digits of a direction. */
  readonly tolerance?: number;
}

/**
 * x' = x - U U' x, U an orthonormal basis of the weights of all rounds' classifiers together: Ravfogel et al. 2020
 * (arXiv:2004.07667), algorithm 1. Classifiers are logistic regressions with |W|^2 / 2 beside the sum of log-losses and
 * a free intercept (C = 1 of scikit-learn). A round takes at most classes - 1 directions; it ends early when a
 * classifier does no better than naming the commonest class. Directions stand in the order of rounds and `share` is
 * the same for all: nothing measures what each of them removes.
 */
export const inlp: EraserMethod<InlpOptions> = {
  summary: "what logistic regressions read, projected out round by round",
  caveat:
    "a linear probe of another kind can still find the concept; each round takes other content with it",
  fit(train, { rounds = 4, tolerance = 1e-3 } = {}) {
    checkTrain(train);
    const { d, labels } = train;
    let eraser = projection(new Float64Array(0), d);
    for (let round = 0; round < rounds; round++) {
      const rows = apply(eraser, train);
      const model = fitLogistic(rows, labels, { tolerance });
      if (share(predict(model, rows), labels) <= commonest(labels)) break;
      eraser = projection(extended(eraser.read, { x: model.weight, n: model.bias.length, d }), d);
    }
    return eraser;
  },
};

function projection(basis: Float64Array, d: number): Eraser {
  const rank = basis.length / d;
  const directions = { centre: new Float64Array(d), read: basis, write: basis };
  return createEraser(
    "inlp",
    { ...directions, share: new Float64Array(rank).fill(1 / rank) },
    rank,
  );
}

/** An orthonormal basis and that of what is new in the weights. [R, D] */
function extended(basis: Float64Array, weights: Embeddings): Float64Array {
  const { d } = weights;
  // the rest is projected twice: once leaves the rounding of the larger part that went
  const rest = [0, 1].reduce((rows) => apply(projection(basis, d), rows), weights);
  const size = Math.sqrt(dot(weights.x, 0, Float64Array.from(weights.x), 0, weights.x.length));
  const { read } = removeSpan("inlp", rest, { floor: 1e-6 * size });
  return Float64Array.of(...basis, ...read);
}

/** Share of labels that are equal. */
const share = (predicted: Int32Array, labels: Int32Array): number =>
  predicted.filter((label, row) => label === labels[row]).length / labels.length;

function commonest(labels: Int32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(...counts.values()) / labels.length;
}
