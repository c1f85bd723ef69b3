/**
 * @file Eigenvectors of a symmetric matrix: Householder's reduction to a tridiagonal one, then QL with implicit shifts
 * (Wilkinson and Reinsch 1971, tred2 and tql2), with every inner loop over contiguous numbers.
 */
import { EquiclipError } from "../errors.ts";
import { dot, transpose } from "./products.ts";

/**
 * Eigenvalues in no order and their unit eigenvectors as rows [D, D] of a symmetric matrix [D, D], of which the lower
 * triangle is read. Residuals, and cosines between eigenvectors, are within some D * eps.
 * @throws {EquiclipError} when a number is NaN or infinite
 */
export function eigenRows(
  matrix: Float64Array,
  d: number,
): { values: Float64Array; vectors: Float64Array } {
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const scaled = matrix.map((value) => value / largest); // so that no square overflows
  const { diagonal, offDiagonal, reflections, betas } = tridiagonal(scaled, d);
  const columns = transpose(productOfReflections(reflections, betas, d), d);
  diagonalise(diagonal, offDiagonal, columns);
  return { values: diagonal.map((value) => value * largest), vectors: transpose(columns, d) };
}

/** A tridiagonal T = R A R', and R as reflections. */
interface Tridiagonal {
  /** [D] */
  readonly diagonal: Float64Array;
  /** Entry i is T[i, i + 1], the last one 0. [D] */
  readonly offDiagonal: Float64Array;
  /** Row i holds the vector v of i numbers of a reflection I - beta v v'. [D, D] */
  readonly reflections: Float64Array;
  /** 0 where there is nothing to reflect. [D] */
  readonly betas: Float64Array;
}

/** Beside numbers near 1 as good as zero, and its square is one still. */
const ZERO = 1e-140;

/** From the last row up, and in place, a reflection leaves zeros left of the diagonal's neighbour. */
function tridiagonal(a: Float64Array, d: number): Tridiagonal {
  const diagonal = new Float64Array(d);
  const offDiagonal = new Float64Array(d);
  const betas = new Float64Array(d);
  const w = new Float64Array(d);
  for (let i = d - 1; i > 0; i--) {
    const v = a.subarray(i * d, i * d + i);
    diagonal[i] = a[i * d + i]!;
    const last = v[i - 1]!;
    const norm = Math.sqrt(dot(v, 0, v, 0, i));
    const isDone = norm <= Math.max(ZERO, Math.abs(last)); // all but the neighbour is zero
    offDiagonal[i - 1] = isDone ? last : last > 0 ? -norm : norm;
    if (isDone) continue;
    v[i - 1]! -= offDiagonal[i - 1]!; // of the sign that adds up
    for (let j = 0; j < i; j++) v[j]! /= norm;
    const beta = 2 / dot(v, 0, v, 0, i);
    betas[i] = beta;
    timesLower(a, d, i, v, w);
    const half = (beta * beta * dot(v, 0, w, 0, i)) / 2;
    for (let j = 0; j < i; j++) w[j] = beta * w[j]! - half * v[j]!;
    for (let r = 0; r < i; r++) {
      const at = r * d;
      const vr = v[r]!;
      const wr = w[r]!;
      for (let c = 0; c <= r; c++) a[at + c]! -= vr * w[c]! + wr * v[c]!;
    }
  }
  diagonal[0] = a[0]!;
  return { diagonal, offDiagonal, reflections: a, betas };
}

/** out = S v for the leading [n, n] block S, of which each number of the lower triangle is read once. */
function timesLower(
  a: Float64Array,
  d: number,
  n: number,
  v: Float64Array,
  out: Float64Array,
): void {
  out.fill(0, 0, n);
  for (let r = 0; r < n; r++) {
    const at = r * d;
    const vr = v[r]!;
    let sum = 0;
    for (let c = 0; c < r; c++) {
      const value = a[at + c]!;
      sum += value * v[c]!;
      out[c]! += value * vr;
    }
    out[r]! += sum + a[at + r]! * vr;
  }
}

/** R, the product of the reflections, that of the second row first: the identity but for a block that grows. */
function productOfReflections(
  reflections: Float64Array,
  betas: Float64Array,
  d: number,
): Float64Array {
  const rows = new Float64Array(d * d);
  for (let i = 0; i < d; i++) rows[i * d + i] = 1;
  for (let i = 1; i < d; i++)
    for (let r = 0; r < i && betas[i]! > 0; r++) {
      const amount = betas[i]! * dot(rows, r * d, reflections, i * d, i);
      for (let c = 0; c < i; c++) rows[r * d + c]! -= amount * reflections[i * d + c]!;
    }
  return rows;
}

/** Sweeps after which an eigenvalue of finite numbers has long converged; two are usual. */
const SWEEPS = 60;

/** Rotates T to a diagonal one in place, and the columns [D, D] with it. */
function diagonalise(
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  columns: Float64Array,
): void {
  const d = diagonal.length;
  const rotations = { cos: new Float64Array(d), sin: new Float64Array(d) };
  for (let low = 0; low < d; low++)
    for (let sweep = 0; ; sweep++) {
      let high = low;
      while (high < d - 1 && !isNegligible(diagonal, offDiagonal, high)) high++;
      if (high === low) break;
      if (sweep === SWEEPS)
        throw new EquiclipError(
          "eigenvectors: no convergence; expected a symmetric matrix of finite numbers",
        );
      const end = implicitSweep(diagonal, offDiagonal, low, high, rotations);
      rotateColumns(columns, d, end, high, rotations);
    }
}

const isNegligible = (diagonal: Float64Array, offDiagonal: Float64Array, i: number): boolean =>
  Math.abs(offDiagonal[i]!) <=
  Number.EPSILON * (Math.abs(diagonal[i]!) + Math.abs(diagonal[i + 1]!));

/** Rotation i turns columns i and i + 1 into each other. */
interface Rotations {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/**
 * One QL sweep over [low, high] with Wilkinson's shift, which brings diagonal[low] to an eigenvalue. Its rotations are
 * high - 1 down to the one returned.
 */
function implicitSweep(
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  low: number,
  high: number,
  rotations: Rotations,
): number {
  const half = (diagonal[low + 1]! - diagonal[low]!) / (2 * offDiagonal[low]!);
  const root = Math.sqrt(half * half + 1);
  let g = diagonal[high]! - diagonal[low]! + offDiagonal[low]! / (half + (half < 0 ? -root : root));
  let [sin, cos, shift] = [1, 1, 0];
  for (let i = high - 1; i >= low; i--) {
    const f = sin * offDiagonal[i]!;
    const b = cos * offDiagonal[i]!;
    const length = Math.sqrt(f * f + g * g);
    const r = length < ZERO ? 0 : length;
    offDiagonal[i + 1] = r;
    if (r === 0) {
      // the matrix falls apart here: the next sweep works on what is left
      diagonal[i + 1]! -= shift;
      offDiagonal[high] = 0;
      return i + 1;
    }
    sin = f / r;
    cos = g / r;
    const next = diagonal[i + 1]! - shift;
    const t = (diagonal[i]! - next) * sin + 2 * cos * b;
    shift = sin * t;
    diagonal[i + 1] = next + shift;
    g = cos * t - b;
    rotations.cos[i] = cos;
    rotations.sin[i] = sin;
  }
  diagonal[low]! -= shift;
  offDiagonal[low] = g;
  offDiagonal[high] = 0;
  return low;
}

/** Rotations high - 1 down to low of a sweep on every row, two rows at a time, as one waits for its last product. */
function rotateColumns(
  columns: Float64Array,
  d: number,
  low: number,
  high: number,
  { cos, sin }: Rotations,
): void {
  for (let row = 0; row < d; row += 2) {
    const a = row * d;
    const b = Math.min(row + 1, d - 1) * d;
    let x = columns[a + high]!;
    let y = columns[b + high]!;
    for (let i = high - 1; i >= low; i--) {
      const c = cos[i]!;
      const s = sin[i]!;
      const u = columns[a + i]!;
      const v = columns[b + i]!;
      columns[a + i + 1] = s * u + c * x;
      columns[b + i + 1] = s * v + c * y;
      x = c * u - s * x;
      y = c * v - s * y;
    }
    columns[a + low] = x;
    columns[b + low] = y;
  }
}
