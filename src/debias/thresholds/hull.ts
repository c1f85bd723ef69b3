/** @file The upper convex hull of a curve: what a group reaches when thresholds may be drawn by chance. */
import { type Mixture, mixture } from "./mixture.ts";

/** A concave line over [0, 1] through points that thresholds reach. */
export interface Hull {
  readonly x: Float64Array; // [H], strictly ascending from 0 to 1
  readonly y: Float64Array; // [H]
  readonly threshold: Float64Array; // [H]
}

/** Hull of the points (x, y), x never falling from 0 to 1; of several at one x the highest counts. */
export function upperHull(x: Float64Array, y: Float64Array, threshold: Float64Array): Hull {
  const kept: number[] = [];
  const order = [...x.keys()].sort((a, b) => x[a]! - x[b]! || y[a]! - y[b]!);
  for (const c of order) {
    if (x[kept.at(-1) ?? -1] === x[c]) kept.pop();
    while (kept.length >= 2) {
      const [a, b] = [kept.at(-2)!, kept.at(-1)!];
      if ((y[b]! - y[a]!) * (x[c]! - x[a]!) > (y[c]! - y[a]!) * (x[b]! - x[a]!)) break;
      kept.pop(); // b lies on or below the line from a to c
    }
    kept.push(c);
  }
  const of = (values: Float64Array) => Float64Array.from(kept, (i) => values[i]!);
  return { x: of(x), y: of(y), threshold: of(threshold) };
}

/** First i of 1 .. length - 1 whose value is at least `least`; the last one where none is. */
function segmentEnd(values: Float64Array, least: number): number {
  let [low, high] = [1, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Height of the hull at `at`, 0 to 1. */
export function heightAt({ x, y }: Hull, at: number): number {
  const end = segmentEnd(x, at);
  const share = (x[end]! - at) / (x[end]! - x[end - 1]!);
  return share * y[end - 1]! + (1 - share) * y[end]!;
}

/** The thresholds that reach the hull at `at`. */
export function drawAt({ x, threshold }: Hull, at: number): Mixture {
  const end = segmentEnd(x, at);
  const weight = (x[end]! - at) / (x[end]! - x[end - 1]!);
  return mixture([
    { threshold: threshold[end - 1]!, weight },
    { threshold: threshold[end]!, weight: 1 - weight },
  ]);
}

/** Smallest x where a hull that never falls reaches `height`; 1 where it reaches it nowhere. */
export function firstReaching({ x, y }: Hull, height: number): number {
  if (height <= y[0]!) return 0;
  const end = segmentEnd(y, height);
  const rise = y[end]! - y[end - 1]!;
  return rise > 0
    ? Math.min(x[end]!, x[end - 1]! + ((height - y[end - 1]!) / rise) * (x[end]! - x[end - 1]!))
    : x[end]!;
}

/** x of the vertex where `value` of its place is largest; the first of equals. */
export function bestVertex({ x, y }: Hull, value: (x: number, y: number) => number): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) if (value(x[i]!, y[i]!) > value(x[best]!, y[best]!)) best = i;
  return x[best]!;
}
