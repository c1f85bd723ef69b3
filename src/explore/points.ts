/** @file Rows as the operands of large products, with bounds on the squared distances that products give. */
import { type Element, elementOf, roundingOf } from "../run/linalg/gemm.ts";
import type { Embeddings } from "../run/linalg/embeddings.ts";

type Numbers = Embeddings["x"];

/**
 * Points of which products are taken by blocks. With p the product of two rows, half their squared distance is at least
 * low[i] + low[j] - p and at most high[i] + high[j] - p, whatever the products' rounding.
 */
export interface Points {
  readonly n: number;
  readonly d: number;
  readonly element: Element;
  /** Rows from `start` to `end` minus the common centre, in an array of their own. */
  block(start: number, end: number): Numbers;
  readonly low: Float64Array; // [n]
  readonly high: Float64Array; // [n]
}

/** Mean row in float64. */
export function meanRow({ x, n, d }: Embeddings): Float64Array {
  const mean = new Float64Array(d);
  for (let at = 0; at < n * d; at += d) for (let c = 0; c < d; c++) mean[c]! += x[at + c]!;
  return mean.map((sum) => sum / n);
}

/** Rows from `start` to `end` (positions in `rows`, if given) minus `centre`. */
export function centredRows(
  { x, d }: Embeddings,
  centre: Float64Array,
  start: number,
  end: number,
  element: Element,
  rows: Int32Array | null = null,
): Numbers {
  const length = (end - start) * d;
  const out = element === "float32" ? new Float32Array(length) : new Float64Array(length);
  for (let i = start, to = 0; i < end; i++) {
    const from = (rows ? rows[i]! : i) * d;
    for (let c = 0; c < d; c++) out[to++] = x[from + c]! - centre[c]!;
  }
  return out;
}

/**
 * @param centre what distances do not depend on and rounding does; the mean of what is compared, say
 * @param rows of `x`, in the order wanted; all by default
 * @param element of the products; float64 for rows that float32 could not settle
 */
export function pointsOf(
  { x, n, d }: Embeddings,
  centre: Float64Array,
  rows: Int32Array | null = null,
  element: Element = elementOf(x),
): Points {
  const count = rows?.length ?? n;
  const low = new Float64Array(count);
  const high = new Float64Array(count);
  const rounding = roundingOf(element, d);
  for (let i = 0; i < count; i++) {
    const from = (rows ? rows[i]! : i) * d;
    let squares = 0;
    for (let c = 0; c < d; c++) {
      const value = x[from + c]! - centre[c]!;
      squares += value * value;
    }
    low[i] = (squares / 2) * (1 - rounding);
    high[i] = (squares / 2) * (1 + rounding);
  }
  return {
    n: count,
    d,
    element,
    block: (start, end) => centredRows({ x, n, d }, centre, start, end, element, rows),
    low,
    high,
  };
}

/** Squared Euclidean distance of row i of `a` and row j of `b`, in float64. */
export function squaredDistance(a: Numbers, i: number, b: Numbers, j: number, d: number): number {
  let sum = 0;
  for (let c = 0, p = i * d, q = j * d; c < d; c++) {
    const gap = a[p++]! - b[q++]!;
    sum += gap * gap;
  }
  return sum;
}
