/**
 * @file LEACE, least-squares concept erasure: the smallest change after which no linear probe beats a constant guess.
 * Belrose et al. 2023 (arXiv:2306.03819); numbers agree with the Python package concept-erasure.
 */
import { checkTrain, classCount, type Train } from "./embeddings.ts";
import { createEraser, type EraserMethod } from "./eraser.ts";
import { rightSingular } from "../run/linalg/decompositions.ts";
import { classMeans, mapRows, pooledMean, scatter } from "../run/linalg/products.ts";
import { whitening } from "./whitening.ts";

export interface LeaceOptions {
  /** Shrink the covariance towards a multiple of the identity; needed when rows are few. Default true. */
  readonly shrinkage?: boolean;
  /** Singular values of the whitened cross-covariance at or below this are kept. Default 0.01, absolute. */
  readonly tolerance?: number;
}

/**
 * x' = x - W^+ U U' W (x - mu); W S W' = I for the covariance S, U the left singular vectors of W S_xz, S_xz the
 * cross-covariance with the one-hot labels. Rank at most classes - 1.
 * (concept-erasure's `method="orth"`, W = I, is `mean-difference` here; its `constrain_cov_trace` never acts, as
 * the trace can only shrink.)
 */
export const leace: EraserMethod<LeaceOptions> = {
  summary: "least-squares concept erasure: the smallest change that makes every class mean equal",
  caveat: null,
  fit(train, { shrinkage = true, tolerance = 0.01 } = {}) {
    checkTrain(train);
    const { d } = train;
    const { centre, covariance, crossCovariance } = moments(train, shrinkage);
    const W = whitening(covariance, d);
    const { values, vectors } = rightSingular(mapRows(crossCovariance, d, W.whiten), d);
    const kept = values.filter((value) => value > tolerance);
    const basis = vectors.subarray(0, kept.length * d);
    const total = kept.reduce((sum, value) => sum + value ** 2, 0);
    return createEraser(
      "leace",
      {
        centre,
        read: mapRows(basis, d, W.pull),
        write: mapRows(basis, d, W.colour),
        share: kept.map((value) => value ** 2 / total),
      },
      kept.length,
    );
  },
};

/** Mean [D], covariance [D, D] and the covariance of x with each class's 0/1 column [C, D]. */
function moments(train: Train, shrinkage: boolean) {
  const { n, d, labels } = train;
  const { means, counts } = classMeans(train, labels, classCount(labels));
  const centre = pooledMean({ means, counts }, d);
  const sums = scatter(train, centre);
  return {
    centre,
    covariance: shrinkage ? shrink(sums, n, d) : sums.map((value) => value / (n - 1)),
    crossCovariance: means.map(
      (mean, i) => ((mean - centre[i % d]!) * counts[Math.floor(i / d)]!) / (n - 1),
    ),
  };
}

/**
 * Optimal linear shrinkage of S = scatter / n towards (tr S / d) I: Bodnar, Gupta and Parolya 2014, as in
 * concept-erasure; the weight of S is kept within [0, 1], where the formula can leave it for n << d.
 */
function shrink(sums: Float64Array, n: number, d: number): Float64Array {
  const S = sums.map((value) => value / n);
  let trace = 0;
  for (let i = 0; i < d; i++) trace += S[i * d + i]!;
  const target = trace / d;
  const targetNorm = trace * target; // squared Frobenius norm of target * I
  const spread = S.reduce((sum, value) => sum + value ** 2, 0) - targetNorm; // 0 when S is target * I already
  const weight = spread > 0 ? Math.min(1, Math.max(0, 1 - trace ** 2 / n / spread)) : 1;
  const out = S.map((value) => weight * value);
  for (let i = 0; i < d; i++) out[i * d + i]! += (1 - weight) * target;
  return out;
}
