/** @file Rankings of rows by their similarity to a query, and rankings drawn at random. */
import type { Uniform } from "../binomial.ts";

/** Row numbers by score, highest first, equal scores in the order of the rows; rows without one (NaN) are left out. */
export const rank = (scores: Float64Array): Int32Array =>
  Int32Array.from(scores.keys())
    .filter((row) => !Number.isNaN(scores[row]))
    .sort((a, b) => scores[b]! - scores[a]! || a - b);

/** Draws the list that a resample of its rows gives: rows with replacement, ranked as they were (Efron 1979). */
export function resampled(list: Int32Array, next: Uniform): () => Int32Array {
  const times = new Int32Array(list.length);
  const drawn = new Int32Array(list.length);
  return () => {
    times.fill(0);
    for (let i = 0; i < list.length; i++) times[Math.floor(next() * list.length)]! += 1;
    let at = 0;
    for (let i = 0; i < list.length; i++)
      for (let t = times[i]!; t > 0; t--) drawn[at++] = list[i]!;
    return drawn;
  };
}

/** Draws a ranking of the same rows that ignores their groups: any order is as likely (Fisher and Yates). */
export function shuffled(list: Int32Array, next: Uniform): () => Int32Array {
  const drawn = list.slice();
  return () => {
    for (let i = drawn.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      const swap = drawn[i]!;
      drawn[i] = drawn[j]!;
      drawn[j] = swap;
    }
    return drawn;
  };
}
