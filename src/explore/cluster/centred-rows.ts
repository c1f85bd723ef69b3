/** @file Rows minus their mean, as k-means takes products of them with centres. */
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { elementOf, roundingOf, timesTransposed } from "../../run/linalg/gemm.ts";
import { centredRows } from "../points.ts";

export interface CentredRows extends Embeddings {
  /** What rows are centred by; zeros where they are not. [d] */
  readonly mean: Float64Array;
  /** Rows minus the mean, rounded to their own type. [n, d] */
  readonly centred: Embeddings["x"];
  /** Half the squared length of each centred row, in float64. [n] */
  readonly halves: Float64Array;
  /** Sum of squared lengths. */
  readonly total: number;
  /** Bound on a product's error, by the half squares of its two sides. */
  readonly rounding: number;
}

export function centreRows(rows: Embeddings, mean: Float64Array): CentredRows {
  const { x, n, d } = rows;
  const element = elementOf(x);
  const halves = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let squares = 0;
    for (let c = 0; c < d; c++) squares += (x[i * d + c]! - mean[c]!) ** 2;
    halves[i] = squares / 2;
  }
  return {
    ...rows,
    mean,
    centred: mean.every((value) => value === 0) ? x : centredRows(rows, mean, 0, n, element),
    halves,
    total: 2 * halves.reduce((a, b) => a + b, 0),
    rounding: roundingOf(element, d),
  };
}

export function halfSquares(rows: Float64Array, d: number): Float64Array {
  const out = new Float64Array(rows.length / d);
  for (let i = 0; i < rows.length; i++) out[Math.floor(i / d)]! += rows[i]! ** 2 / 2;
  return out;
}

/** Squared distance of row i to centre j of centres [k, d] of centred rows, in float64. */
export function squareTo(
  { x, d, mean }: CentredRows,
  i: number,
  centres: Float64Array,
  j: number,
): number {
  let sum = 0;
  for (let c = 0; c < d; c++) {
    const gap = x[i * d + c]! - mean[c]! - centres[j * d + c]!;
    sum += gap * gap;
  }
  return sum;
}

/** Products taken at a time: 4 MiB of float32. */
const AT_ONCE = 2 ** 20;

/** Products of rows [start, end) with each of `centres` [count, d], by blocks: [end - start, count], row-major. */
export async function eachProducts(
  { centred, n, d }: CentredRows,
  centres: Float64Array,
  visit: (products: Embeddings["x"], start: number, end: number) => void,
): Promise<void> {
  const count = centres.length / d;
  const typed = centred instanceof Float32Array ? Float32Array.from(centres) : centres;
  const block = Math.max(256, Math.floor(AT_ONCE / count));
  for (let start = 0; start < n; start += block) {
    const end = Math.min(start + block, n);
    const rows = centred.subarray(start * d, end * d);
    visit(await timesTransposed(rows, end - start, typed, count, d), start, end);
  }
}
