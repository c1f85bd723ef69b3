/** @file t-SNE: two dimensions in which near neighbours stay near (van der Maaten and Hinton 2008). */
import { setImmediate } from "node:timers/promises";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { nearestNeighbours } from "../neighbours.ts";
import type { FittedMap } from "./map.ts";
import { jointSimilarities } from "./perplexity.ts";
import { type Repulsion, exactRepulsion, treeRepulsion } from "./repulsion.ts";
import type { SparseGraph } from "./sparse-graph.ts";
import { isOnePoint, principalStart } from "./start.ts";

export interface TsneOptions {
  readonly perplexity: number;
  readonly iterations: number;
  readonly seed: number;
  readonly progress?: Progress;
  /** Rows up to which every pair is looked at; 500 by default. */
  readonly exactRows?: number;
}

const THETA = 0.5;
const EXAGGERATION = 12;
const EXAGGERATED = 250;
const LEAST_GAIN = 0.01;
/** Of the gradient; below it nothing moves any more. */
const LEAST_NORM = 1e-7;
/** Iterations between two reports of progress. */
const REPORT = 50;
/** Standard deviations at the start: of the first axis, and of the noise. */
const START = 1e-4;
const NOISE = 1e-6;

/**
 * A map of rows [N, D] into two dimensions by Euclidean distances. Start (principal components), learning rate, momentum
 * and gains are those of scikit-learn's TSNE. Similarities are those of the 3 x perplexity + 1 nearest neighbours, and
 * points push each other apart by Barnes and Hut's tree (theta 0.5); up to `exactRows` rows, both are of all pairs.
 * `kl` is the divergence of these similarities from those of the final map, normalised over all pairs in either case.
 * The same rows and seed give the same map. New points have no place in it.
 */
export async function fitTsne(x: Embeddings, options: TsneOptions): Promise<FittedMap> {
  const { n } = x;
  const { iterations, seed, progress = silent, exactRows = 500 } = options;
  const map = { dimensions: 2, explained: null, place: null };
  if (isOnePoint(x)) {
    const notes = [n === 1 ? "one row: there is nothing to map" : "all rows are equal: one point"];
    return { ...map, coordinates: new Float64Array(2 * n), notes, kl: null };
  }
  const perplexity = Math.min(options.perplexity, n - 1);
  const notes =
    perplexity < options.perplexity
      ? [`perplexity ${options.perplexity} was cut to ${perplexity}, the number of rows less one`]
      : [];
  const isExact = n <= exactRows;
  const k = isExact ? n - 1 : Math.min(n - 1, Math.floor(3 * perplexity) + 1);
  const similarities = jointSimilarities(await nearestNeighbours(x, k, { progress }), perplexity);
  const points = await principalStart(x, seed, (axes) => START / deviation(axes), NOISE, progress);
  const repulsion = isExact ? exactRepulsion : treeRepulsion(n, THETA);
  await descend(points, similarities, repulsion, iterations, progress);
  return { ...map, coordinates: points, notes, kl: divergence(points, similarities) };
}

/** Standard deviation of the first of two columns, whose mean is 0. */
function deviation(axes: Float64Array): number {
  let squares = 0;
  for (let at = 0; at < axes.length; at += 2) squares += axes[at]! ** 2;
  return Math.sqrt(squares / (axes.length / 2));
}

/** Gradient descent with momentum and a gain per number; moves `points` [n, 2]. */
async function descend(
  points: Float64Array,
  similarities: SparseGraph,
  repulsion: Repulsion,
  iterations: number,
  progress: Progress,
): Promise<void> {
  const rate = Math.max(points.length / 2 / EXAGGERATION / 4, 50);
  const exaggerated = Math.min(EXAGGERATED, Math.floor(iterations / 2));
  const gradient = new Float64Array(points.length);
  const forces = new Float64Array(points.length);
  const gains = new Float64Array(points.length).fill(1);
  const steps = new Float64Array(points.length);
  progress.start("t-SNE", iterations);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const isEarly = iteration < exaggerated;
    const momentum = isEarly ? 0.5 : 0.8;
    const total = repulsion(points, forces);
    attraction(points, similarities, isEarly ? EXAGGERATION : 1, gradient);
    let squares = 0;
    for (let i = 0; i < points.length; i++) {
      const slope = 4 * (gradient[i]! - forces[i]! / total);
      squares += slope * slope;
      const gain = steps[i]! * slope < 0 ? gains[i]! + 0.2 : gains[i]! * 0.8;
      gains[i] = Math.max(gain, LEAST_GAIN);
      steps[i] = momentum * steps[i]! - rate * gains[i]! * slope;
      points[i]! += steps[i]!;
    }
    if ((iteration + 1) % REPORT === 0) {
      if (!isEarly && Math.sqrt(squares) < LEAST_NORM) break;
      progress.update(iteration + 1);
      await setImmediate(); // whoever waits for the process is heard
    }
  }
  progress.stop();
}

/** sum_j factor * p_ij q_ij (y_i - y_j) into `out` [n, 2]. */
function attraction(
  points: Float64Array,
  { starts, columns, weights }: SparseGraph,
  factor: number,
  out: Float64Array,
): void {
  for (let i = 0; i < starts.length - 1; i++) {
    const x = points[2 * i]!;
    const y = points[2 * i + 1]!;
    let fx = 0;
    let fy = 0;
    for (let e = starts[i]!; e < starts[i + 1]!; e++) {
      const dx = x - points[2 * columns[e]!]!;
      const dy = y - points[2 * columns[e]! + 1]!;
      const pull = (factor * weights[e]!) / (1 + dx * dx + dy * dy);
      fx += pull * dx;
      fy += pull * dy;
    }
    out[2 * i] = fx;
    out[2 * i + 1] = fy;
  }
}

/** KL(P || Q), with Q's normaliser summed over all pairs. */
function divergence(points: Float64Array, { starts, columns, weights }: SparseGraph): number {
  const inverse = (i: number, j: number): number =>
    1 / (1 + (points[i]! - points[j]!) ** 2 + (points[i + 1]! - points[j + 1]!) ** 2);
  let total = 0;
  for (let i = 0; i < points.length; i += 2)
    for (let j = 0; j < i; j += 2) total += 2 * inverse(i, j);
  let sum = 0;
  for (let i = 0; i < starts.length - 1; i++)
    for (let e = starts[i]!; e < starts[i + 1]!; e++)
      if (weights[e]! > 0)
        sum += weights[e]! * Math.log((weights[e]! * total) / inverse(2 * i, 2 * columns[e]!));
  return sum;
}
