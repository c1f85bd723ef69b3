/** @file Orthogonal projection along the differences between class means. */
import { UsageError } from "../../run/errors.ts";
import type { Embeddings } from "../embeddings.ts";
import { checkClasses } from "../embeddings.ts";
import type { Eraser, EraserMethod } from "../eraser.ts";
import { classDeviations } from "./moments.ts";
import { removeSpan } from "../span.ts";

export interface MeanDifferenceOptions {
  /** Project around the mean of all rows, which then stays where it is; false projects around 0. Default true. */
  readonly centred?: boolean;
}

/**
 * x' = x - U U' (x - mu), U an orthonormal basis of the deviations of the class means from the common mean: for two
 * classes the unit difference of their means. Directions are ordered by the between-class variance they carry.
 * Rank at most classes - 1, summed over concepts. Equals concept-erasure's `method="orth"`.
 */
export const meanDifference: EraserMethod<MeanDifferenceOptions> = {
  summary: "orthogonal projection along the differences between class means",
  caveat: null,
  fit: (train, options) => fit(train, [train.labels], options),
  joint: fit,
};

function fit(
  rows: Embeddings,
  concepts: readonly Int32Array[],
  { centred = true }: MeanDifferenceOptions = {},
): Eraser {
  const { x, n, d } = rows;
  const { mean, concepts: sums } = classDeviations(rows, concepts);
  if (n < 2) throw new UsageError(`mean-difference: expected at least 2 rows, received ${n}`);
  // a row is (class mean - mean) weighted by the root of the class's share
  const deviations = sums.flatMap(({ counts, deviations }) => {
    checkClasses(counts.filter((count) => count > 0).length);
    return Array.from(deviations, (value, i) => {
      const count = counts[Math.floor(i / d)]!;
      return count > 0 ? value / Math.sqrt(count * n) : 0;
    });
  });
  // means that differ by rounding alone span nothing
  let square = 0;
  for (const value of x) square += value ** 2;
  return removeSpan(
    "mean-difference",
    { x: Float64Array.from(deviations), n: deviations.length / d, d },
    { floor: 1e-12 * Math.sqrt(square / n), centre: centred ? mean : new Float64Array(d) },
  );
}
