/** @file The largest eigenvalues of a symmetric matrix that is known by its products: block Krylov iteration. */
import { random } from "../random.ts";
import { symmetricEigen } from "./decompositions.ts";
import { dot } from "./products.ts";

/** Rows [R, D] times the matrix [D, D], for a few rows at a time. */
export type Times = (rows: Float64Array) => Promise<Float64Array>;

/** Eigenvalues, descending, and unit eigenvectors as rows [count, D]. */
export interface Spectrum {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Vectors beyond those asked for: what lies close behind them converges with them. */
const SPARE = 4;
/** Blocks of a basis; from the best vectors of a full one the next starts. */
const DEPTH = 12;

/**
 * The `count` largest eigenvalues of a positive semidefinite matrix, and their eigenvectors, of any sign; count is at most
 * d. Randomized block Krylov iteration (Musco and Musco 2015) with Rayleigh-Ritz on the whole basis and restarts, until
 * residuals are below `tolerance` times the largest eigenvalue or a restart no longer halves them. The seed is fixed.
 */
export async function topEigen(
  times: Times,
  d: number,
  count: number,
  tolerance: number,
): Promise<Spectrum> {
  const width = Math.min(d, count + SPARE);
  const { normal } = random("top-eigen", d);
  let start: Float64Array = Float64Array.from({ length: width * d }, normal);
  for (let least = Infinity; ;) {
    const { values, vectors, residual } = await krylov(times, start, d, count, width, tolerance);
    if (residual <= tolerance * Math.abs(values[0]!) || residual > least / 2)
      return { values: values.slice(0, count), vectors: vectors.slice(0, count * d) };
    least = residual;
    start = vectors;
  }
}

interface Ritz extends Spectrum {
  /** Largest |A v - value v| of those asked for. */
  readonly residual: number;
}

async function krylov(
  times: Times,
  start: Float64Array,
  d: number,
  count: number,
  width: number,
  tolerance: number,
): Promise<Ritz> {
  let basis = orthonormal(start, new Float64Array(0), d);
  let last = await times(basis);
  let images = last;
  for (let depth = 1; ; depth++) {
    const ritz = rayleighRitz(basis, images, d, count, width);
    const done = depth === DEPTH || ritz.residual <= tolerance * Math.abs(ritz.values[0]!);
    const fresh = done ? new Float64Array(0) : orthonormal(last, basis, d);
    if (fresh.length === 0) return ritz; // also when the matrix leads nowhere new
    last = await times(fresh);
    basis = joined(basis, fresh);
    images = joined(images, last);
  }
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/** The best `width` eigenvectors within the span of a basis [S, D], of which `images` are the products. */
function rayleighRitz(
  basis: Float64Array,
  images: Float64Array,
  d: number,
  count: number,
  width: number,
): Ritz {
  const size = basis.length / d;
  const inner = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      const value = dot(basis, i * d, images, j * d, d);
      inner[i * size + j] = value;
      inner[j * size + i] = value;
    }
  const { values, vectors: weights } = symmetricEigen(inner, size);
  const kept = Math.min(width, size);
  const vectors = combined(weights, basis, kept, size, d);
  const products = combined(weights, images, Math.min(count, size), size, d);
  let residual = 0;
  for (let i = 0; i < products.length / d; i++) {
    let squares = 0;
    for (let c = i * d; c < (i + 1) * d; c++)
      squares += (products[c]! - values[i]! * vectors[c]!) ** 2;
    residual = Math.max(residual, Math.sqrt(squares));
  }
  return { values: values.slice(0, kept), vectors, residual };
}

/** The first `rows` rows of weights [size, size] times rows [size, D]. */
function combined(
  weights: Float64Array,
  of: Float64Array,
  rows: number,
  size: number,
  d: number,
): Float64Array {
  const out = new Float64Array(rows * d);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < size; j++) {
      const weight = weights[i * size + j]!;
      for (let c = 0; c < d; c++) out[i * d + c]! += weight * of[j * d + c]!;
    }
  return out;
}

/** What a row may lose of its length to those before it and still name a direction of its own. */
const DEPENDENT = 1e-13;

/**
 * Rows orthonormal to each other and to those of an orthonormal `basis`, with the span of `rows` added to it; rows that
 * add nothing are left out. Gram-Schmidt, twice.
 */
export function orthonormal(rows: Float64Array, basis: Float64Array, d: number): Float64Array {
  const out = rows.slice();
  let count = 0;
  for (let at = 0; at < rows.length; at += d) {
    const row = out.subarray(count * d, (count + 1) * d);
    row.set(rows.subarray(at, at + d));
    const before = Math.sqrt(dot(row, 0, row, 0, d));
    for (let pass = 0; pass < 2; pass++) {
      for (let b = 0; b < basis.length; b += d) subtractShare(row, basis, b);
      for (let b = 0; b < count * d; b += d) subtractShare(row, out, b);
    }
    const norm = Math.sqrt(dot(row, 0, row, 0, d));
    if (norm <= DEPENDENT * before) continue;
    for (let c = 0; c < d; c++) row[c]! /= norm;
    count++;
  }
  return out.slice(0, count * d);
}

function subtractShare(row: Float64Array, of: Float64Array, at: number): void {
  const share = dot(row, 0, of, at, row.length);
  for (let c = 0; c < row.length; c++) row[c]! -= share * of[at + c]!;
}
