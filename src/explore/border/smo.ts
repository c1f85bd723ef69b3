/** @file The dual problem of a support vector machine with two classes, by sequential minimal optimisation. */
import { kernelRow, type Kernel } from "./kernel.ts";

/** m points of d numbers, of which the first `positive` are of class +1 and the others of class -1. */
export interface TwoClasses {
  readonly x: Float64Array; // [m, d]
  readonly d: number;
  readonly positive: number;
}

export interface Machine {
  /** y alpha of each point; 0 for those that do not support the border. [m] */
  readonly coefficients: Float64Array;
  /** A point's decision is the sum of its kernels with the points, times their coefficients, less this. */
  readonly rho: number;
  readonly steps: number;
  /** False when it stopped at the limit of steps. */
  readonly converged: boolean;
}

/** Rows of the kernel matrix that are kept take so many bytes at most. */
const CACHE = 128 * 2 ** 20;
const LEAST_CURVATURE = 1e-12;
const MOST_STEPS = 1e6;

/**
 * C-SVC: minimises b' K b / 2 - y' b over b = y alpha with 0 <= alpha <= C and sum b = 0. Each step moves the two points
 * that gain most by second order (Fan, Chen and Lin 2005, "Working set selection using second order information"), until
 * no pair violates optimality by `tolerance`, as LIBSVM does.
 */
export function solve(data: TwoClasses, kernel: Kernel, C: number, tolerance: number): Machine {
  const m = data.x.length / data.d;
  const b = new Float64Array(m);
  const [low, high] = [new Float64Array(m), new Float64Array(m)];
  high.fill(C, 0, data.positive);
  low.fill(-C, data.positive);
  const slope = new Float64Array(m).fill(1).fill(-1, 0, data.positive); // K b - y
  const { row, diagonal } = kernelRows(data, kernel);

  const most = Math.max(MOST_STEPS, 100 * m);
  let steps = 0;
  let converged = false;
  for (; steps < most; steps++) {
    let i = -1; // may grow, and its slope is the least
    let least = Infinity;
    let greatest = -Infinity; // of those that may shrink
    for (let t = 0; t < m; t++) {
      const s = slope[t]!;
      if (s < least && b[t]! < high[t]!) {
        least = s;
        i = t;
      }
      if (s > greatest && b[t]! > low[t]!) greatest = s;
    }
    converged = i < 0 || greatest - least < tolerance;
    if (converged) break;

    const ofI = row(i);
    const own = diagonal[i]!;
    let j = -1; // may shrink, and with i it gains most
    let gain = 0;
    for (let t = 0; t < m; t++) {
      const difference = slope[t]! - least;
      if (difference <= 0 || b[t]! <= low[t]!) continue;
      const curvature = own + diagonal[t]! - 2 * ofI[t]!;
      const gained =
        (difference * difference) / (curvature > LEAST_CURVATURE ? curvature : LEAST_CURVATURE);
      if (gained > gain) {
        gain = gained;
        j = t;
      }
    }
    const curvature = Math.max(LEAST_CURVATURE, own + diagonal[j]! - 2 * ofI[j]!);
    const wanted = (slope[j]! - least) / curvature;
    const [roomI, roomJ] = [high[i]! - b[i]!, b[j]! - low[j]!];
    const by = Math.min(wanted, roomI, roomJ);
    // exactly on a bound, whatever rounding says
    b[i] = by === roomI ? high[i]! : b[i]! + by;
    b[j] = by === roomJ ? low[j]! : b[j]! - by;
    const ofJ = row(j);
    for (let t = 0; t < m; t++) slope[t]! += by * (ofI[t]! - ofJ[t]!);
  }
  return { coefficients: b, rho: offset(b, low, high, slope), steps, converged };
}

/** The mean slope of points on the margin, or the middle of where it may lie when there are none. */
function offset(
  b: Float64Array,
  low: Float64Array,
  high: Float64Array,
  slope: Float64Array,
): number {
  let [free, sum, from, to] = [0, 0, -Infinity, Infinity];
  for (let t = 0; t < b.length; t++) {
    const [mayShrink, mayGrow] = [b[t]! > low[t]!, b[t]! < high[t]!];
    if (mayShrink && mayGrow) {
      free++;
      sum += slope[t]!;
    } else if (mayGrow) to = Math.min(to, slope[t]!);
    else from = Math.max(from, slope[t]!);
  }
  return free > 0 ? sum / free : (from + to) / 2;
}

/** Rows of the kernel matrix, of which those used last are kept (as float32, as in LIBSVM), and its diagonal. */
function kernelRows(
  { x, d }: TwoClasses,
  kernel: Kernel,
): { readonly row: (i: number) => Float32Array; readonly diagonal: Float64Array } {
  const m = x.length / d;
  const most = Math.max(2, Math.floor(CACHE / (4 * m)));
  const kept = new Map<number, Float32Array>(); // the one used last is the last
  const row = (i: number): Float32Array => {
    let found = kept.get(i);
    if (found) kept.delete(i);
    else {
      found = takeOldest(kept, most) ?? new Float32Array(m);
      kernelRow(kernel, x, d, 0, m, x, i * d, found);
    }
    kept.set(i, found);
    return found;
  };
  const diagonal = new Float64Array(m);
  const one = new Float32Array(1);
  for (let i = 0; i < m; i++) {
    kernelRow(kernel, x, d, i, i + 1, x, i * d, one);
    diagonal[i] = one[0]!;
  }
  return { row, diagonal };
}

function takeOldest<V>(kept: Map<number, V>, most: number): V | null {
  if (kept.size < most) return null;
  const [key, value] = kept.entries().next().value!;
  kept.delete(key);
  return value;
}
