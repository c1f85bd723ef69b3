/** @file PCA of matched pairs, each centred on its own middle: what differs within a pair is the concept. */
import { UsageError } from "../../run/errors.ts";
import { checkTrain, classCount, type Train } from "../embeddings.ts";
import { createEraser, type EraserMethod } from "../eraser.ts";
import { scatter } from "../../run/linalg/products.ts";
import { matchedPairs } from "./pairs.ts";
import { principalDirections } from "./principal.ts";

export interface PcaPairOptions {
  /** Number of directions. Default classes - 1, the dimension that C class means span. */
  readonly k?: number;
}

/**
 * h' = h - alpha V V' h, V the leading principal directions of a - m and b - m over pairs (a, b) with middle m:
 * SentDebias, Liang et al. 2020 (arXiv:2007.08100). Pairs are texts that differ in one word or images matched on the
 * other attributes; without `train.pairs`, images of different classes are paired at random. Of more pairs than rows
 * (each row has one with every other class) evenly as many are taken.
 */
export const pcaPair: EraserMethod<PcaPairOptions> = {
  summary: "PCA of pair-centred rows, projected out",
  caveat: null,
  fit(train, { k } = {}) {
    checkTrain(train);
    const { d } = train;
    // a - m = (a - b) / 2 and b - m its opposite: the stack's scatter is half that of the differences
    const differences = pairDifferences(train, train.pairs ?? matchedPairs(train.labels));
    const directions = principalDirections(scatter(differences, new Float64Array(d)), d);
    return createEraser("pca-pair", directions, k ?? Math.min(d, classCount(train.labels) - 1));
  },
};

/** Row a - row b of each pair, of at most N of them. [P, D] */
function pairDifferences({ x, n, d }: Train, pairs: Int32Array) {
  const count = pairs.length / 2;
  const bad = pairs.find((row) => row < 0 || row >= n);
  if (count < 1 || !Number.isInteger(count) || bad !== undefined)
    throw new UsageError(
      `pca-pair: expected pairs of row numbers from 0 to ${n - 1}, received ${bad === undefined ? `${pairs.length} numbers` : `row ${bad}`}`,
    );
  const used = Math.min(count, n);
  const out = new Float64Array(used * d);
  for (let row = 0; row < used; row++) {
    const p = Math.floor((row * count) / used);
    const [a, b] = [pairs[2 * p]! * d, pairs[2 * p + 1]! * d];
    for (let j = 0; j < d; j++) out[row * d + j] = x[a + j]! - x[b + j]!;
  }
  return { x: out, n: used, d };
}
