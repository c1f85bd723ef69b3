/** @file Orthogonal projection off the span of given rows. */
import { rightSingular } from "../run/linalg/decompositions.ts";
import { createEraser, type Eraser } from "./eraser.ts";
import type { Embeddings } from "./embeddings.ts";

/** Where a span is taken as found, and what it is measured from. */
export interface SpanOptions {
  /** Singular values of the rows at or below this are rounding, not directions. */
  readonly floor: number;
  /** The point that stays; default 0. [D] */
  readonly centre?: Float64Array;
}

/** Rounding of unit rows of single precision, with room to spare: two texts that differ in a comma are further apart. */
export const UNIT_ROW_FLOOR = 1e-5;

/**
 * x' = x - U U' (x - centre), U an orthonormal basis of the rows' span [R, D], strongest direction first. Of A' = rows
 * it is I - A (A' A)^-1 A' where that inverse exists, and the same projection where rows are collinear or all zero.
 */
export function removeSpan(
  method: string,
  { x, n, d }: Embeddings,
  { floor, centre = new Float64Array(d) }: SpanOptions,
): Eraser {
  const none = { values: new Float64Array(0), vectors: new Float64Array(0) };
  const { values, vectors } = n > 0 ? rightSingular(Float64Array.from(x), d) : none;
  const squares = values.filter((value) => value > floor).map((value) => value ** 2);
  const total = squares.reduce((a, b) => a + b, 0);
  const basis = vectors.slice(0, squares.length * d);
  const share = squares.map((value) => value / total);
  return createEraser(method, { centre, read: basis, write: basis, share }, share.length);
}

/** Rows [sum of R, D] of one or more tables of the same D. */
export function stack(tables: readonly Embeddings[]): Embeddings {
  const { d } = tables[0]!;
  const n = tables.reduce((sum, table) => sum + table.n, 0);
  const x = new Float64Array(n * d);
  let at = 0;
  for (const table of tables) {
    x.set(table.x, at);
    at += table.n * d;
  }
  return { x, n, d };
}
