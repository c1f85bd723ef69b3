/** @file Orthogonal projection along the differences between class means. */
import { checkTrain, classCount } from "./embeddings.ts";
import { createEraser, type EraserMethod } from "./eraser.ts";
import { rightSingular } from "../run/linalg/decompositions.ts";
import { classMeans, pooledMean } from "../run/linalg/products.ts";

export interface MeanDifferenceOptions {
  /** Project around the mean of all rows, which then stays where it is; false projects around 0. Default true. */
  readonly centred?: boolean;
}

/**
 * x' = x - U U' (x - mu), U an orthonormal basis of the deviations of the class means from the common mean: for two
 * classes the unit difference of their means. Directions are ordered by the between-class variance they carry.
 * Rank at most classes - 1. Equals concept-erasure's `method="orth"`.
 */
export const meanDifference: EraserMethod<MeanDifferenceOptions> = {
  summary: "orthogonal projection along the differences between class means",
  caveat: null,
  fit(train, { centred = true } = {}) {
    checkTrain(train);
    const { x, n, d, labels } = train;
    const { means, counts } = classMeans(train, labels, classCount(labels));
    const mean = pooledMean({ means, counts }, d);
    const deviations = means.map(
      (value, i) => (value - mean[i % d]!) * Math.sqrt(counts[Math.floor(i / d)]! / n),
    );
    const { values, vectors } = rightSingular(deviations, d);
    // means that differ by rounding alone span nothing
    let square = 0;
    for (const value of x) square += value ** 2;
    const floor = 1e-12 * Math.sqrt(square / n);
    const variances = values.filter((value) => value > floor).map((value) => value ** 2);
    const total = variances.reduce((a, b) => a + b, 0);
    const basis = vectors.slice(0, variances.length * d);
    return createEraser(
      "mean-difference",
      {
        centre: centred ? mean : new Float64Array(d),
        read: basis,
        write: basis,
        share: variances.map((value) => value / total),
      },
      variances.length,
    );
  },
};
