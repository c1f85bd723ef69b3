/** @file Float64 products of row-major arrays: dot, A B', means and scatter matrices. */
import type { Embeddings } from "./embeddings.ts";
import { addTile, TILE, workspace } from "./tile-kernel.ts";

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

/** A B' of row-major A [rows, inner] and B [columns, inner] into `out` [rows, columns]; inner is 1 or more. */
export function productTransposed(
  a: Float32Array | Float64Array,
  rows: number,
  b: Float64Array,
  columns: number,
  inner: number,
  out: Float64Array,
): void {
  const tiles = Math.ceil(columns / TILE);
  const panel = inner * TILE;
  const atA = tiles * panel; // B's panels, one of A, one tile of the product
  const atC = atA + panel;
  const space = workspace(atC + TILE * TILE);
  for (let t = 0; t < tiles; t++) packRows(b, t * TILE, columns, inner, space, t * panel);
  space.fill(0, atC);
  for (let first = 0; first < rows; first += TILE) {
    packRows(a, first, rows, inner, space, atA);
    for (let t = 0; t < tiles; t++) {
      addTile(atA, t * panel, inner, atC);
      for (let i = 0; i < TILE * TILE; i++) {
        const row = first + (i >> 2);
        const column = t * TILE + (i & 3);
        if (row < rows && column < columns) out[row * columns + column] = space[atC + i]!;
        space[atC + i] = 0;
      }
    }
  }
}

/** Rows `first` to first + 3 of a matrix [rows, inner] as the columns of a panel [inner, 4]; zeros beyond the last. */
function packRows(
  matrix: Float32Array | Float64Array,
  first: number,
  rows: number,
  inner: number,
  panel: Float64Array,
  at: number,
): void {
  for (let lane = 0; lane < TILE; lane++) {
    const from = (first + lane) * inner;
    const isRow = first + lane < rows;
    for (let i = 0, to = at + lane; i < inner; i++, to += TILE)
      panel[to] = isRow ? matrix[from + i]! : 0;
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

/** Rows packed at a time, so that two columns of tiles stay in the cache. */
const BLOCK = 128;

/**
 * Scatter matrix sum (x - c)(x - c)' over rows, where c is the row of `centres` [C, D] that `labels` names
 * (the first for every row when there are no labels). Symmetric, [D, D]; divide by n - 1 for a covariance.
 * Centring comes before the products, so a large common mean costs no digits.
 */
export function scatter(
  { x, n, d }: Embeddings,
  centres: Float64Array,
  labels: Int32Array = new Int32Array(n),
): Float64Array {
  const tiles = Math.ceil(d / TILE);
  const pairs = (tiles * (tiles + 1)) / 2;
  const atSums = BLOCK * tiles * TILE;
  const space = workspace(atSums + pairs * TILE * TILE);
  space.fill(0);
  for (let start = 0; start < n; start += BLOCK) {
    const rows = Math.min(BLOCK, n - start);
    for (let r = 0; r < rows; r++) {
      const from = (start + r) * d;
      const centre = labels[start + r]! * d;
      for (let j = 0; j < d; j++)
        space[((j >> 2) * rows + r) * TILE + (j & 3)] = x[from + j]! - centres[centre + j]!;
    }
    const panel = rows * TILE;
    for (let i = 0, sums = atSums; i < tiles; i++)
      for (let j = i; j < tiles; j++, sums += TILE * TILE)
        addTile(i * panel, j * panel, rows, sums);
  }
  return unpackUpper(space.subarray(atSums), tiles, d);
}

/** The symmetric matrix [D, D] of which the tiles on and right of the diagonal are given, row after row. */
function unpackUpper(sums: Float64Array, tiles: number, d: number): Float64Array {
  const out = new Float64Array(d * d);
  let at = 0;
  for (let i = 0; i < tiles; i++)
    for (let j = i; j < tiles; j++)
      for (let e = 0; e < TILE * TILE; e++) {
        const row = i * TILE + (e >> 2);
        const column = j * TILE + (e & 3);
        const value = sums[at++]!;
        if (row < d && column < d) out[row * d + column] = out[column * d + row] = value;
      }
  return out;
}
