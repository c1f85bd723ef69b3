/** @file Rankings of rows by their similarity to a query, their resamples, and rankings drawn at random. */
import { multinomial, type Uniform } from "../uncertainty/binomial.ts";
import type { Ranked } from "./prefixes.ts";

/** Row numbers by score, highest first, equal scores in the order of the rows; rows without one (NaN) are left out. */
export const rank = (scores: Float64Array): Int32Array =>
  Int32Array.from(scores.keys())
    .filter((row) => !Number.isNaN(scores[row]))
    .sort((a, b) => scores[b]! - scores[a]! || a - b);

/** Rows of each group, [G]. */
export function membersOf(list: Int32Array, groups: number): Float64Array {
  const members = new Float64Array(groups);
  for (let i = 0; i < list.length; i++) members[list[i]!]! += 1;
  return members;
}

/** Draws once more; what it returns is overwritten by the next draw. */
export type Draw = () => Ranked;

/**
 * Resamples: rows drawn with replacement, ranked as they were (Efron 1979).
 * @param list groups of the ranked rows, best row first, [N]
 * @param depth how many of the first rows are looked at
 */
export const resampled = (list: Int32Array, groups: number, depth: number, next: Uniform): Draw =>
  depth === list.length
    ? resampledWhole(list, membersOf(list, groups), next)
    : resampledFirst(list, membersOf(list, groups), depth, next);

function resampledWhole(list: Int32Array, { length: groups }: Float64Array, next: Uniform): Draw {
  const times = new Uint8Array(list.length); // small, to stay in cache; 256 times the same row is out of the question
  const first = new Int32Array(list.length);
  return () => {
    times.fill(0);
    for (let i = 0; i < list.length; i++) times[Math.floor(next() * list.length)]! += 1;
    let at = 0;
    for (let i = 0; i < list.length; i++)
      for (let t = times[i]!; t > 0; t--) first[at++] = list[i]!;
    return { first, members: membersOf(first, groups) };
  };
}

/**
 * The same without drawing the rows that are not looked at. N rows drawn from a list and ranked are N sorted uniform
 * numbers, each of which follows from the one before; of the rest it matters only how many are of which group.
 */
function resampledFirst(list: Int32Array, all: Float64Array, depth: number, next: Uniform): Draw {
  const rows = list.length;
  const first = new Int32Array(depth);
  const members = new Float64Array(all.length);
  const beyond = new Float64Array(all.length); // rows of the list that are not behind yet
  return () => {
    beyond.set(all);
    let above = 1; // share of the list that lies beyond
    let place = 0;
    let row = 0;
    for (let i = 0; i < depth; i++) {
      above *= (1 - next()) ** (1 / (rows - i));
      place = Math.min(rows * (1 - above), rows - 1);
      for (; row < Math.floor(place); row++) beyond[list[row]!]! -= 1;
      first[i] = list[row]!;
    }
    beyond[list[row]!]! -= place - row;
    multinomial(rows - depth, beyond, [0, all.length], members, next);
    for (let i = 0; i < depth; i++) members[first[i]!]! += 1;
    return { first, members };
  };
}

/** Rankings of the same rows that ignore their groups: all orders are equally likely (Fisher and Yates). */
export function shuffled(list: Int32Array, groups: number, depth: number, next: Uniform): Draw {
  const drawn: Ranked = { first: list.slice(), members: membersOf(list, groups) };
  const { first } = drawn;
  return () => {
    for (let i = 0; i < depth; i++) {
      const j = i + Math.floor(next() * (list.length - i));
      const swap = first[i]!;
      first[i] = first[j]!;
      first[j] = swap;
    }
    return drawn;
  };
}
