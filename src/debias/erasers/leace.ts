/**
 * @file LEACE, least-squares concept erasure: the smallest change after which no linear probe beats a constant guess.
 * Belrose et al. 2023 (arXiv:2306.03819); numbers agree with the Python package concept-erasure.
 */
import { UsageError } from "../../run/errors.ts";
import { checkClasses } from "../embeddings.ts";
import { createEraser, type Eraser, type EraserMethod } from "../eraser.ts";
import { rightSingular } from "../../run/linalg/decompositions.ts";
import { type Moments, momentsOf } from "./moments.ts";
import { mapRows } from "../../run/linalg/products.ts";
import { whitening } from "./whitening.ts";

export interface LeaceOptions {
  /** Shrink the covariance towards a multiple of the identity; needed when rows are few. Default true. */
  readonly shrinkage?: boolean;
  /**
   * Singular values of the whitened cross-covariance at or below this are kept. They are at most 1/2. Default 1e-6:
   * rounding alone. concept-erasure has 0.01, which leaves a class of fewer than about 1 row in 10,000 as it is.
   */
  readonly tolerance?: number;
}

/**
 * x' = x - W^+ U U' W (x - mu); W S W' = I for the covariance S, U the left singular vectors of W S_xz, S_xz the
 * cross-covariance with the one-hot labels of every concept side by side. Rank at most classes - 1, summed over
 * concepts. (concept-erasure's `method="orth"`, W = I, is `mean-difference` here; its `constrain_cov_trace` never
 * acts, as the trace can only shrink.)
 */
export const leace: EraserMethod<LeaceOptions> = {
  summary: "least-squares concept erasure: the smallest change that makes every class mean equal",
  caveat: "says nothing of what a non-linear probe still finds",
  fit: (train, options) => leaceFromMoments(momentsOf(train, [train.labels]), options),
  joint: (rows, concepts, options) => leaceFromMoments(momentsOf(rows, concepts), options),
};

/**
 * LEACE of rows that were seen in batches: `batches.map(momentsOf).reduce(mergeMoments)` in one pass, so data need not
 * fit into memory; the result is that of a fit on all rows together.
 * @throws {EquiclipError} when fewer than two rows, or fewer than two classes of a concept, were seen
 */
export function leaceFromMoments(
  moments: Moments,
  { shrinkage = true, tolerance = 1e-6 }: LeaceOptions = {},
): Eraser {
  const { n, mean, scatter, concepts } = moments;
  if (n < 2) throw new UsageError(`leace: expected at least 2 rows, received ${n}`);
  for (const { counts } of concepts) checkClasses(counts.filter((count) => count > 0).length);
  const d = mean.length;
  const covariance = shrinkage ? shrink(scatter, n, d) : scatter.map((value) => value / (n - 1));
  const W = whitening(covariance, d);
  const crossCovariance = Float64Array.from(
    concepts.flatMap(({ deviations }) => Array.from(deviations, (value) => value / (n - 1))),
  ); // [sum of C, D]
  const { values, vectors } = rightSingular(mapRows(crossCovariance, d, W.whiten), d);
  const kept = values.filter((value) => value > tolerance);
  const basis = vectors.subarray(0, kept.length * d);
  const total = kept.reduce((sum, value) => sum + value ** 2, 0);
  return createEraser(
    "leace",
    {
      centre: mean,
      read: mapRows(basis, d, W.pull),
      write: mapRows(basis, d, W.colour),
      share: kept.map((value) => value ** 2 / total),
    },
    kept.length,
  );
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
