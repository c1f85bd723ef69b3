/** @file The calibrated projection: texts that differ in the concept alone are brought together. Chuang et al. 2023. */
import { unitRows } from "../../run/linalg/embeddings.ts";
import { UsageError } from "../../run/errors.ts";
import { rightSingular } from "../../run/linalg/decompositions.ts";
import { dot } from "../../run/linalg/products.ts";
import type { Prompts } from "../debiaser.ts";
import { createEraser, type Eraser } from "../eraser.ts";
import type { DebiasMethod, Variant } from "../method.ts";
import { matchedDifferences } from "./differences.ts";
import { spuriousProjection } from "./prompt-orth.ts";
import { stack } from "../span.ts";

/** Weights of calibration to try; the source has 1000. */
const LAMBDAS = [1, 10, 100, 1000];
const PUBLISHED = 1000;

/**
 * x' = P0 (I + lambda M)^-1 x: Chuang et al. 2023 (arXiv:2302.00070). P0 is that of `prompt-orth`; M is the mean
 * over pairs of candidate prompts of one target class and two concept classes of (z_i - z_j)(z_i - z_j)'. With
 * M = V S V' the inverse is I - V E V', E = lambda S / (1 + lambda S), and so
 *
 * x' = x - Q Q' x - (I - Q Q') V E V' x,
 *
 * Q the basis that P0 removes: the identity less a map of low rank, which is what an eraser is.
 */
export const promptCalibrated: DebiasMethod = {
  summary: "`prompt-orth`, and texts that differ in the concept alone brought together",
  caveat: "as good as its texts: it is told nothing of the images",
  needs: ["prompts"],
  sides: "text",
  fit({ prompts }) {
    const projection = spuriousProjection("prompt-calibrated", prompts);
    const { values, vectors } = rightSingular(pairDifferences(prompts), projection.d);
    const at = (lambda: number): Variant => ({
      setting: { lambda },
      erasers: [calibrated(projection, { values, vectors }, lambda)],
    });
    return { standard: at(PUBLISHED), strengths: () => LAMBDAS.map(at) };
  },
};

/**
 * Rows (z_i - z_j) / sqrt(P) of all P pairs: their Gram matrix is M. [P, D]
 * @throws {UsageError} without pairs
 */
function pairDifferences(prompts: readonly Prompts[]): Float64Array {
  const { x, n } = stack(
    prompts.map(({ candidates }) =>
      matchedDifferences(unitRows(candidates), candidates.labels, candidates.target),
    ),
  );
  if (n === 0)
    throw new UsageError(
      "prompt-calibrated: expected candidate prompts of one target class and different classes of the concept, received none",
    );
  return Float64Array.from(x, (value) => value / Math.sqrt(n));
}

function calibrated(
  projection: Eraser,
  { values, vectors }: { readonly values: Float64Array; readonly vectors: Float64Array },
  lambda: number,
): Eraser {
  const { d, read: Q, k } = projection;
  const write = vectors.slice();
  values.forEach((value, j) => {
    const row = write.subarray(j * d, (j + 1) * d);
    const amount = (lambda * value ** 2) / (1 + lambda * value ** 2);
    for (let i = 0; i < d; i++) row[i]! *= amount;
    for (let q = 0; q < k; q++) {
      const along = dot(row, 0, Q, q * d, d);
      for (let i = 0; i < d; i++) row[i]! -= along * Q[q * d + i]!;
    }
  });
  const join = (a: Float64Array, b: Float64Array) => Float64Array.of(...a, ...b);
  const directions = { centre: projection.centre, read: join(Q, vectors), write: join(Q, write) };
  const rank = k + values.length;
  const share = Float64Array.from({ length: rank }, (_, j) =>
    dot(directions.write, j * d, directions.write, j * d, d),
  );
  const total = share.reduce((a, b) => a + b, 0) || 1;
  return createEraser(
    "prompt-calibrated",
    { ...directions, share: share.map((value) => value / total) },
    rank,
  );
}
