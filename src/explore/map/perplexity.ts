/** @file Similarities of t-SNE in the original space: Gaussians as wide as the perplexity asks. */
import type { Neighbours } from "../neighbours.ts";
import { type SparseGraph, symmetrised } from "./sparse-graph.ts";

const STEPS = 100;
const TOLERANCE = 1e-5;

/**
 * P of t-SNE (van der Maaten and Hinton 2008, equations 1 and 2): conditional similarities of each row's neighbours, with
 * the entropy log(perplexity), made symmetric; all entries sum to 1. `neighbours` without the rows themselves, k >= 1.
 */
export function jointSimilarities(
  { k, indices, distances }: Neighbours,
  perplexity: number,
): SparseGraph {
  const conditional = new Float64Array(indices.length);
  const squares = new Float64Array(k);
  for (let at = 0; at < indices.length; at += k) {
    const nearest = distances[at]! ** 2;
    // those of the nearest taken off: the Gaussians' ratios stay, and none underflows
    for (let e = 0; e < k; e++) squares[e] = distances[at + e]! ** 2 - nearest;
    gaussian(squares, Math.log(perplexity), conditional.subarray(at, at + k));
  }
  const rows = indices.length / k;
  return symmetrised(indices, conditional, k, (forth, back) => (forth + back) / (2 * rows));
}

/** Probabilities exp(-beta d) / sum, with the beta of that entropy found by bisection. */
function gaussian(squares: Float64Array, entropy: number, out: Float64Array): void {
  let low = 0;
  let high = Infinity;
  let beta = 1;
  for (let step = 0; step < STEPS; step++) {
    let sum = 0;
    let moment = 0;
    for (let e = 0; e < squares.length; e++) {
      const p = Math.exp(-beta * squares[e]!);
      out[e] = p;
      sum += p;
      moment += p * squares[e]!;
    }
    for (let e = 0; e < squares.length; e++) out[e]! /= sum;
    const excess = Math.log(sum) + (beta * moment) / sum - entropy;
    if (Math.abs(excess) <= TOLERANCE) return;
    if (excess > 0) low = beta;
    else high = beta;
    beta = high === Infinity ? 2 * beta : (low + high) / 2;
  }
}
