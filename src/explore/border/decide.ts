/** @file Decisions of many support vector machines at many points, by products of matrices. */
import { productTransposed } from "../../run/linalg/products.ts";
import { type Kernel, kernelBlock } from "./kernel.ts";
import type { Machine } from "./smo.ts";

/** The machine between the classes at places `a` and `b`, a < b; the first `positive` of its rows are of `a`. */
export interface Pair {
  readonly a: number;
  readonly b: number;
  readonly positive: number;
  readonly machine: Machine;
}

export interface Decider {
  /** Rows that support a border. */
  readonly supports: number;
  /** Decisions of all machines at `count` points, [count, machines]. */
  readonly decide: (points: Float64Array, count: number, out: Float64Array) => void;
}

/** The supports of one class, with their weights in the machines against the others. */
interface Side {
  readonly rows: Float64Array; // [supports, d]
  readonly supports: number;
  /** Machines that the class is part of: their numbers. */
  readonly machines: Int32Array;
  readonly weights: Float64Array; // [machines, supports]
}

/** @param points rows of each class, [rows, d] each */
export function decider(
  kernel: Kernel,
  points: readonly Float64Array[],
  d: number,
  pairs: readonly Pair[],
): Decider {
  const sides = points
    .map((rows, place) => sideOf(rows, place, d, pairs))
    .filter(({ supports }) => supports > 0);
  const supports = sides.reduce((sum, side) => sum + side.supports, 0);
  const rho = Float64Array.from(pairs, ({ machine }) => machine.rho);
  if (kernel.kind === "linear") {
    const weights = linearWeights(sides, d, pairs.length);
    return {
      supports,
      decide(at, count, out) {
        productTransposed(at, count, weights, pairs.length, d, out);
        for (let i = 0, to = 0; i < count; i++)
          for (let p = 0; p < rho.length; p++) out[to++]! -= rho[p]!;
      },
    };
  }
  return {
    supports,
    decide(at, count, out) {
      for (let i = 0; i < count * pairs.length; i++) out[i] = -pairs[i % pairs.length]!.machine.rho;
      for (const { rows, supports, machines, weights } of sides) {
        const kernels = new Float64Array(count * supports);
        kernelBlock(kernel, rows, supports, at, count, d, kernels);
        const sums = new Float64Array(count * machines.length);
        productTransposed(kernels, count, weights, machines.length, supports, sums);
        for (let i = 0, from = 0; i < count; i++)
          for (let m = 0; m < machines.length; m++)
            out[i * pairs.length + machines[m]!]! += sums[from++]!;
      }
    },
  };
}

function sideOf(rows: Float64Array, place: number, d: number, pairs: readonly Pair[]): Side {
  const machines = Int32Array.from(pairs.keys()).filter(
    (p) => pairs[p]!.a === place || pairs[p]!.b === place,
  );
  const n = rows.length / d;
  const coefficients = Array.from(machines, (p) => {
    const { a, positive, machine } = pairs[p]!;
    return a === place
      ? machine.coefficients.subarray(0, positive)
      : machine.coefficients.subarray(positive);
  });
  const used = Array.from({ length: n }, (_, row) => row).filter((row) =>
    coefficients.some((of) => of[row] !== 0),
  );
  const supports = new Float64Array(used.length * d);
  used.forEach((from, to) => supports.set(rows.subarray(from * d, (from + 1) * d), to * d));
  return {
    rows: supports,
    supports: used.length,
    machines,
    weights: Float64Array.from(coefficients.flatMap((of) => used.map((row) => of[row]!))),
  };
}

/** Of a linear kernel a vector for each machine says the same as its supports. [machines, d] */
function linearWeights(sides: readonly Side[], d: number, machines: number): Float64Array {
  const out = new Float64Array(machines * d);
  for (const side of sides)
    side.machines.forEach((machine, m) => {
      for (let s = 0; s < side.supports; s++) {
        const weight = side.weights[m * side.supports + s]!;
        if (weight === 0) continue;
        for (let j = 0; j < d; j++) out[machine * d + j]! += weight * side.rows[s * d + j]!;
      }
    });
  return out;
}
