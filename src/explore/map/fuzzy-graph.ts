/** @file How strongly rows belong to each other's neighbourhoods, as UMAP sees it (McInnes, Healy and Melville 2018, section 3.1). */
import type { Neighbours } from "../neighbours.ts";
import { type SparseGraph, symmetrised } from "./sparse-graph.ts";

const STEPS = 64;
const TOLERANCE = 1e-5;
/** The least width, as a part of the mean distance. */
const LEAST_WIDTH = 1e-3;

/**
 * Weights exp(-max(0, distance - rho) / sigma) of each row's neighbours, [m, k], where sigma makes them sum to
 * log2(k + 1). rho is the distance of the nearest that is not 0, so that each row is bound to one other (`isBound`); for
 * rows that are only placed it is 0.
 */
export function memberships({ k, distances }: Neighbours, isBound: boolean): Float64Array {
  const weights = new Float64Array(distances.length);
  const meanOfAll = mean(distances);
  for (let at = 0; at < distances.length; at += k) {
    const own = distances.subarray(at, at + k);
    const rho = isBound ? (own.find((distance) => distance > 0) ?? 0) : 0;
    const least = LEAST_WIDTH * (rho > 0 ? mean(own) : meanOfAll);
    const sigma = Math.max(widthOf(own, rho), least);
    for (let e = 0; e < k; e++) {
      const beyond = own[e]! - rho;
      weights[at + e] = beyond > 0 && sigma > 0 ? Math.exp(-beyond / sigma) : 1;
    }
  }
  return weights;
}

const mean = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The sigma of that sum, by bisection. */
function widthOf(distances: Float64Array, rho: number): number {
  const wanted = Math.log2(distances.length + 1);
  let low = 0;
  let high = Infinity;
  let sigma = 1;
  for (let step = 0; step < STEPS; step++) {
    let sum = 0;
    for (const distance of distances)
      sum += distance > rho ? Math.exp((rho - distance) / sigma) : 1;
    if (Math.abs(sum - wanted) < TOLERANCE) break;
    if (sum > wanted) high = sigma;
    else low = sigma;
    sigma = high === Infinity ? 2 * sigma : (low + high) / 2;
  }
  return sigma;
}

/** The union of all rows' fuzzy neighbourhoods: a + b - a b. */
export const fuzzyGraph = (neighbours: Neighbours): SparseGraph =>
  symmetrised(
    neighbours.indices,
    memberships(neighbours, true),
    neighbours.k,
    (forth, back) => forth + back - forth * back,
  );
