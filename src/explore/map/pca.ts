/** @file Principal components: the map that keeps as much variance as a linear one can. */
import { UsageError } from "../../run/errors.ts";
import { symmetricEigen } from "../../run/linalg/decompositions.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import {
  type Element,
  elementOf,
  timesTransposed,
  transposedTimes,
} from "../../run/linalg/gemm.ts";
import { dot } from "../../run/linalg/products.ts";
import { orthonormal, topEigen } from "../../run/linalg/top-eigen.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { centredRows, meanRow } from "../points.ts";
import type { FittedMap } from "./map.ts";

export interface Pca extends FittedMap {
  /** Unit rows, by descending variance; the entry of largest magnitude is positive; zeros where there is no variance. [dimensions, d] */
  readonly components: Float64Array;
  /** [d] */
  readonly mean: Float64Array;
  readonly place: (points: Embeddings) => Promise<Float64Array>;
}

/** Rows, or columns, taken at a time. */
const BLOCK = 2048;
/** Up to this size the covariance (or the products of all rows) is held: 32 MiB. */
const HELD = 2048;
/** Multiply-adds up to which products are float64 even of float32 rows. */
const CHEAP = 1e9;

/**
 * PCA of centred, unscaled rows. Shares of the variance are of all dimensions. A matrix with fewer rows than columns goes
 * through the products of its rows, a large one through neither. Float64 for float64 rows and small problems; else float32
 * products, summed by blocks in float64. Axes without variance (two rows have one axis) are 0, with a note.
 * @throws {UsageError} for fewer than two rows
 */
export async function fitPca(
  x: Embeddings,
  dimensions: number,
  { progress = silent }: { readonly progress?: Progress } = {},
): Promise<Pca> {
  const { n, d } = x;
  if (n < 2)
    throw new UsageError(`PCA: expected 2 rows or more, as one has no axes, received ${n}`);
  const mean = meanRow(x);
  const count = Math.min(dimensions, n - 1, d);
  const element = n * d * Math.min(n, d) <= CHEAP ? "float64" : elementOf(x.x);
  const floor = (n * Number.EPSILON) ** 2 * dot(mean, 0, mean, 0, d);
  const found = await directions({ x, mean, count, element, floor, progress });
  progress.stop();
  const components = new Float64Array(dimensions * d);
  components.set(found);
  fixSigns(components, d);
  const place = (points: Embeddings) => project(points, mean, components);
  const coordinates = await place(x);
  const total = sumOfSquares(x, mean);
  const explained = new Float64Array(dimensions);
  for (let i = 0; i < coordinates.length; i++)
    explained[i % dimensions]! += coordinates[i]! ** 2 / (total || 1);
  const axes = found.length / d;
  const notes =
    axes < dimensions
      ? [
          `PCA: ${n} rows vary along ${axes} ${axes === 1 ? "axis" : "axes"}; ${dimensions - axes} of ${dimensions} are 0`,
        ]
      : [];
  return {
    coordinates,
    dimensions,
    notes,
    explained: total > floor ? explained : null,
    kl: null,
    place,
    components,
    mean,
  };
}

interface Problem {
  readonly x: Embeddings;
  readonly mean: Float64Array;
  readonly count: number;
  /** Of the products. */
  readonly element: Element;
  /** Sum of squares that equal rows may seem to have, as their mean is rounded. */
  readonly floor: number;
  readonly progress: Progress;
}

/** Orthonormal directions [at most count, D] by descending variance, those without any left out. */
async function directions(problem: Problem): Promise<Float64Array> {
  const { x, mean, count } = problem;
  const { n, d } = x;
  if (Math.min(n, d) > HELD) {
    const { values, vectors } = await topEigen(
      streamed(problem),
      d,
      count,
      TOLERANCE[problem.element],
    );
    return vectors.slice(0, d * varied(values, d, problem));
  }
  if (d <= n) {
    const { values, vectors } = await topOf(await covariance(problem), d, count);
    return vectors.slice(0, d * varied(values, d, problem));
  }
  const { values, vectors } = await topOf(await products(problem), n, count);
  const rows = new Float64Array(varied(values, n, problem) * d);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < rows.length / d; a++) {
      const weight = vectors[a * n + i]!;
      for (let c = 0; c < d; c++) rows[a * d + c]! += weight * (x.x[i * d + c]! - mean[c]!);
    }
  return orthonormal(rows, new Float64Array(0), d);
}

/** How many eigenvalues are more than rounding. */
function varied(values: Float64Array, size: number, { element, floor }: Problem): number {
  const unit = element === "float32" ? 2 ** -24 : Number.EPSILON;
  const least = Math.max(floor, values[0]! * size * unit);
  return values.filter((value) => value > least).length;
}

/** Residuals, relative to the largest eigenvalue, at which iteration ends. */
const TOLERANCE: Readonly<Record<Element, number>> = { float32: 1e-6, float64: 1e-12 };

/** Largest eigenvalues of a held symmetric matrix [size, size]: of a small one, or most of them, by the full decomposition. */
async function topOf(matrix: Float64Array, size: number, count: number) {
  if (size <= 64 || count > size / 8) {
    const { values, vectors } = symmetricEigen(matrix, size);
    return { values: values.slice(0, count), vectors: vectors.slice(0, count * size) };
  }
  const times = async (rows: Float64Array): Promise<Float64Array> => {
    const out = new Float64Array(rows.length);
    for (let at = 0; at < rows.length; at += size)
      for (let c = 0; c < size; c++) out[at + c] = dot(rows, at, matrix, c * size, size);
    return out;
  };
  return topEigen(times, size, count, TOLERANCE.float64);
}

/** Sum over rows of (x - mean)(x - mean)', [D, D]. */
async function covariance({ x, mean, element, progress }: Problem): Promise<Float64Array> {
  const { n, d } = x;
  const sum = new Float64Array(d * d);
  progress.start("PCA", n);
  for (let start = 0; start < n; start += BLOCK) {
    const end = Math.min(start + BLOCK, n);
    const rows = centredRows(x, mean, start, end, element);
    const part = await transposedTimes(rows, d, rows, d, end - start);
    for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
    progress.update(end);
  }
  return sum;
}

/** Products of all centred rows, [N, N]. */
async function products({ x, mean, element, progress }: Problem): Promise<Float64Array> {
  const { n, d } = x;
  const sum = new Float64Array(n * n);
  progress.start("PCA", d);
  for (let first = 0; first < d; first += BLOCK) {
    const last = Math.min(first + BLOCK, d);
    const width = last - first;
    const columns =
      element === "float32" ? new Float32Array(n * width) : new Float64Array(n * width);
    for (let i = 0; i < n; i++)
      for (let c = 0; c < width; c++)
        columns[i * width + c] = x.x[i * d + first + c]! - mean[first + c]!;
    const part = await timesTransposed(columns, n, columns, n, width);
    for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
    progress.update(last);
  }
  return sum;
}

/** Products with the covariance by way of the rows, which are read once each time and never copied. */
function streamed({
  x,
  mean,
  element,
  progress,
}: Problem): (rows: Float64Array) => Promise<Float64Array> {
  const { n, d } = x;
  let pass = 0;
  return async (vectors) => {
    const count = vectors.length / d;
    const out = new Float64Array(vectors.length);
    const ofMean = Float64Array.from({ length: count }, (_, v) => dot(mean, 0, vectors, v * d, d));
    const sums = new Float64Array(count); // of amounts: how much of the mean is in `out`
    const typed = element === "float32" ? Float32Array.from(vectors) : vectors;
    progress.start(`PCA, pass ${++pass}`, n);
    for (let start = 0; start < n; start += BLOCK) {
      const end = Math.min(start + BLOCK, n);
      const rows = x.x.subarray(start * d, end * d);
      const amounts = await timesTransposed(rows, end - start, typed, count, d);
      for (let i = 0; i < amounts.length; i++) {
        amounts[i]! -= ofMean[i % count]!;
        sums[i % count]! += amounts[i]!;
      }
      const part = await transposedTimes(amounts, count, rows, d, end - start);
      for (let i = 0; i < out.length; i++) out[i]! += part[i]!;
      progress.update(end);
    }
    for (let v = 0; v < count; v++)
      for (let c = 0; c < d; c++) out[v * d + c]! -= sums[v]! * mean[c]!;
    return out;
  };
}

/** Coordinates [m, dimensions] of rows along components [dimensions, D], in float64. */
async function project(
  points: Embeddings,
  mean: Float64Array,
  components: Float64Array,
): Promise<Float64Array> {
  const { n, d } = points;
  if (d !== mean.length)
    throw new UsageError(`PCA: expected points of ${mean.length} numbers, received ${d}`);
  const dimensions = components.length / d;
  const out = new Float64Array(n * dimensions);
  for (let start = 0; start < n; start += BLOCK) {
    const end = Math.min(start + BLOCK, n);
    const rows = centredRows(points, mean, start, end, "float64") as Float64Array;
    out.set(
      await timesTransposed(rows, end - start, components, dimensions, d),
      start * dimensions,
    );
  }
  return out;
}

function fixSigns(components: Float64Array, d: number): void {
  for (let at = 0; at < components.length; at += d) {
    const row = components.subarray(at, at + d);
    const peak = row.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    if (peak < 0) for (let c = 0; c < d; c++) row[c]! *= -1;
  }
}

function sumOfSquares({ x, n, d }: Embeddings, mean: Float64Array): number {
  let total = 0;
  for (let at = 0; at < n * d; at += d)
    for (let c = 0; c < d; c++) total += (x[at + c]! - mean[c]!) ** 2;
  return total;
}
