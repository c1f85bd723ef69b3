/** @file UMAP's descent: edges pull their ends together, random points push (McInnes, Healy and Melville 2018, section 3.2). */
import type { Closeness } from "./closeness.ts";

/** Edges from points that move to points. */
export interface Edges {
  readonly heads: Int32Array;
  readonly tails: Int32Array;
  /** Of an edge, above 0 to 1. */
  readonly weights: Float64Array;
}

export interface Layout {
  /** Points at the edges' heads, [m, 2]; they are moved. */
  readonly heads: Float64Array;
  /** Points at the edges' tails, [n, 2]: `heads` itself, which moves both ends, or points that stay. */
  readonly tails: Float64Array;
  readonly edges: Edges;
  readonly epochs: number;
  readonly closeness: Closeness;
  /** Learning rate at the start; it falls to 0 in equal steps. */
  readonly rate: number;
  /** A whole number below 2^31 that names the stream of random points. */
  readonly seed: number;
}

/** Random points per pull. */
const PUSHES = 5;
/** The largest step of a coordinate, before the rate. */
const LARGEST = 4;
/** Keeps the push finite at distance 0. */
const NEAR = 0.001;

const clipped = (value: number): number =>
  value > LARGEST ? LARGEST : value < -LARGEST ? -LARGEST : value;

/**
 * One epoch after the other; each `yield` tells how many are done. An edge of weight w acts in w / (largest weight) of
 * the epochs.
 */
export function* settle(layout: Layout): Generator<number, void, void> {
  const { edges, epochs, rate, seed } = layout;
  const largest = edges.weights.reduce((most, weight) => Math.max(most, weight), 0);
  const periods = edges.weights.map((weight) => largest / weight); // in epochs
  const next = periods.slice();
  let state = seed || 1; // of Marsaglia's xorshift, which is never 0
  for (let epoch = 1; epoch <= epochs; epoch++) {
    state = pass(layout, periods, next, epoch, rate * (1 - (epoch - 1) / epochs), state);
    yield epoch;
  }
}

/** Moves points by the edges whose turn it is; gives the next state of the random numbers. */
function pass(
  { heads, tails, edges, closeness: { a, b } }: Layout,
  periods: Float64Array,
  next: Float64Array,
  epoch: number,
  step: number,
  random: number,
): number {
  const { heads: from, tails: to } = edges;
  const movesBoth = heads === tails;
  const points = tails.length / 2;
  let state = random;
  for (let e = 0; e < periods.length; e++) {
    if (next[e]! > epoch) continue;
    next[e]! += periods[e]!;
    const head = 2 * from[e]!;
    const tail = 2 * to[e]!;
    let x = heads[head]!;
    let y = heads[head + 1]!;
    let dx = x - tails[tail]!;
    let dy = y - tails[tail + 1]!;
    let square = dx * dx + dy * dy;
    if (square > 0) {
      const power = Math.exp(b * Math.log(square)); // half the time of **
      const slope = (-2 * a * b * power) / (square * (a * power + 1));
      const moveX = step * clipped(slope * dx);
      const moveY = step * clipped(slope * dy);
      x += moveX;
      y += moveY;
      if (movesBoth) {
        tails[tail]! -= moveX;
        tails[tail + 1]! -= moveY;
      }
    }
    for (let push = 0; push < PUSHES; push++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const other = 2 * ((state >>> 0) % points);
      if (movesBoth && other === head) continue;
      dx = x - tails[other]!;
      dy = y - tails[other + 1]!;
      square = dx * dx + dy * dy;
      const slope = (2 * b) / ((NEAR + square) * (a * Math.exp(b * Math.log(square)) + 1));
      x += step * clipped(slope * dx);
      y += step * clipped(slope * dy);
    }
    heads[head] = x;
    heads[head + 1] = y;
  }
  return state;
}
