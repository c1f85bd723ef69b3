/** @file Float64 products of row-major arrays: dot, A B', means and scatter matrices. */
import type { Embeddings } from "./embeddings.ts";

/** Sum of products. `at` and `bt` are where the two vectors of length `d` start. */
export function dot(
  a: Float32Array | Float64Array,
  at: number,
  b: Float64Array,
  bt: number,
  d: number,
): number {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += a[at + j]! * b[bt + j]!;
  return sum;
}

/**
 * A B' of row-major A [rows, inner] and B [columns, inner] into `out` [rows, columns]. Two rows meet four columns at a
 * time, which is 3 times as fast as one by one; at the edges the last ones are computed again rather than apart.
 */
export function productTransposed(
  a: Float32Array | Float64Array,
  rows: number,
  b: Float64Array,
  columns: number,
  inner: number,
  out: Float64Array,
): void {
  for (let c = 0; c < columns; c += 4) {
    const [c1, c2, c3] = [1, 2, 3].map((i) => Math.min(c + i, columns - 1)) as [
      number,
      number,
      number,
    ];
    for (let r = 0; r < rows; r += 2) {
      const r1 = Math.min(r + 1, rows - 1);
      let s00 = 0,
        s01 = 0,
        s02 = 0,
        s03 = 0;
      let s10 = 0,
        s11 = 0,
        s12 = 0,
        s13 = 0;
      for (let i = 0; i < inner; i++) {
        const a0 = a[r * inner + i]!;
        const a1 = a[r1 * inner + i]!;
        const b0 = b[c * inner + i]!;
        const b1 = b[c1 * inner + i]!;
        const b2 = b[c2 * inner + i]!;
        const b3 = b[c3 * inner + i]!;
        s00 += a0 * b0;
        s01 += a0 * b1;
        s02 += a0 * b2;
        s03 += a0 * b3;
        s10 += a1 * b0;
        s11 += a1 * b1;
        s12 += a1 * b2;
        s13 += a1 * b3;
      }
      out[r * columns + c] = s00;
      out[r * columns + c1] = s01;
      out[r * columns + c2] = s02;
      out[r * columns + c3] = s03;
      out[r1 * columns + c] = s10;
      out[r1 * columns + c1] = s11;
      out[r1 * columns + c2] = s12;
      out[r1 * columns + c3] = s13;
    }
  }
}

/** Rows of a matrix [R, D] transposed to [D, R]. */
export function transpose(matrix: Float64Array, d: number): Float64Array {
  const rows = matrix.length / d;
  const out = new Float64Array(matrix.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < d; j++) out[j * rows + i] = matrix[i * d + j]!;
  return out;
}

/** Applies a map of vectors [D] to each row of a matrix [R, D]. */
export function mapRows(
  matrix: Float64Array,
  d: number,
  map: (row: Float64Array) => Float64Array,
): Float64Array {
  const out = new Float64Array(matrix.length);
  for (let at = 0; at < matrix.length; at += d) out.set(map(matrix.subarray(at, at + d)), at);
  return out;
}

/** Mean row and size of each class. */
export interface ClassMeans {
  /** [C, D]; zeros for a class without rows. */
  readonly means: Float64Array;
  readonly counts: Float64Array;
}

/** Class means; with all labels 0 the plain mean. `labels` are in [0, classes). */
export function classMeans(
  { x, n, d }: Embeddings,
  labels: Int32Array,
  classes: number,
): ClassMeans {
  const means = new Float64Array(classes * d);
  const counts = new Float64Array(classes);
  for (let row = 0; row < n; row++) {
    const to = labels[row]! * d;
    counts[labels[row]!]!++;
    for (let j = 0; j < d; j++) means[to + j]! += x[row * d + j]!;
  }
  for (let i = 0; i < means.length; i++) means[i]! /= Math.max(1, counts[Math.floor(i / d)]!);
  return { means, counts };
}

/** Rows packed at a time, so that one block stays in the cache; columns of one register tile. */
const BLOCK = 128;
const TILE = 3;

/**
 * Scatter matrix sum (x - c)(x - c)' over rows, where c is the row of `centres` [C, D] that `labels` names
 * (the first for every row when there are no labels). Symmetric, [D, D]; divide by n - 1 for a covariance.
 * Centring comes before the products, so a large common mean costs no digits.
 */
export function scatter(
  { x, n, d }: Embeddings,
  centres: Float64Array,
  labels?: Int32Array,
): Float64Array {
  const tiles = Math.ceil(d / TILE);
  const width = tiles * TILE; // d padded with zero columns
  const padded = new Float64Array(width * width);
  const panel = new Float64Array(BLOCK * width); // [tile, row in block, column in tile]
  for (let start = 0; start < n; start += BLOCK) {
    const rows = Math.min(BLOCK, n - start);
    for (let r = 0; r < rows; r++) {
      const from = (start + r) * d;
      const centre = (labels?.[start + r] ?? 0) * d;
      for (let j = 0; j < d; j++) {
        const t = Math.floor(j / TILE);
        panel[(t * rows + r) * TILE + (j - t * TILE)] = x[from + j]! - centres[centre + j]!;
      }
    }
    addProducts(padded, panel, rows, tiles);
  }
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = i; j < d; j++) out[i * d + j] = out[j * d + i] = padded[i * width + j]!;
  return out;
}

/** Adds panel' panel to the upper tiles of `sums`; nine sums stay in registers, which is 4 times as fast as a plain loop. */
function addProducts(sums: Float64Array, panel: Float64Array, rows: number, tiles: number): void {
  const width = tiles * TILE;
  const step = rows * TILE;
  for (let i = 0; i < tiles; i++)
    for (let j = i; j < tiles; j++) {
      let s00 = 0,
        s01 = 0,
        s02 = 0;
      let s10 = 0,
        s11 = 0,
        s12 = 0;
      let s20 = 0,
        s21 = 0,
        s22 = 0;
      const end = (i + 1) * step;
      for (let a = i * step, b = j * step; a < end; a += TILE, b += TILE) {
        const a0 = panel[a]!;
        const a1 = panel[a + 1]!;
        const a2 = panel[a + 2]!;
        const b0 = panel[b]!;
        const b1 = panel[b + 1]!;
        const b2 = panel[b + 2]!;
        s00 += a0 * b0;
        s01 += a0 * b1;
        s02 += a0 * b2;
        s10 += a1 * b0;
        s11 += a1 * b1;
        s12 += a1 * b2;
        s20 += a2 * b0;
        s21 += a2 * b1;
        s22 += a2 * b2;
      }
      const at = (i * width + j) * TILE;
      sums[at]! += s00;
      sums[at + 1]! += s01;
      sums[at + 2]! += s02;
      sums[at + width]! += s10;
      sums[at + width + 1]! += s11;
      sums[at + width + 2]! += s12;
      sums[at + 2 * width]! += s20;
      sums[at + 2 * width + 1]! += s21;
      sums[at + 2 * width + 2]! += s22;
    }
}
