/** @file A penalised linear model as a function of its parameters: weights [R, D], then biases [R] at the mean row. */
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { dot } from "../../run/linalg/products.ts";
import { scores, weightedSums } from "./linear.ts";
import type { LogLoss } from "./losses.ts";
import { preconditioner } from "./precondition.ts";

/** Rows of a linear model, their weights [N], and the penalty `ridge` |W|^2 / 2. */
export interface Penalised {
  readonly rows: Embeddings;
  readonly weights: Float64Array;
  readonly ridge: number;
  readonly loss: LogLoss;
}

/** Biases count from the mean row, so that at W = 0 they and the weights do not pull at each other. */
export interface Objective {
  /** Logits of every row, linear in the parameters. [N, R] */
  readonly logitsOf: (parameters: Float64Array) => Float64Array;
  /** Gradient by the parameters, from that of the loss by the logits, [N, R]. */
  readonly gradientOf: (parameters: Float64Array, residuals: Float64Array) => Float64Array;
  /** Multiplies by the inverse of the Hessian's guess, in place. */
  readonly solve: (v: Float64Array) => void;
  /** Bias of a row of weights at the mean row, less that at the origin. */
  readonly shiftOf: (parameters: Float64Array, k: number) => number;
}

export function createObjective({ rows, weights, ridge, loss }: Penalised): Objective {
  const { n, d } = rows;
  const { count } = loss;
  const size = count * d;
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = weightedSums(rows, weights).map((sum) => sum / total);
  const invert = preconditioner(
    rows,
    mean,
    weights.map((w) => w * loss.curvature),
    ridge,
  );
  const shiftOf = (parameters: Float64Array, k: number): number =>
    dot(parameters, k * d, mean, 0, d);
  return {
    logitsOf(parameters) {
      const out = new Float64Array(n * count);
      scores(rows, parameters, out);
      for (let k = 0; k < count; k++) {
        const bias = parameters[size + k]! - shiftOf(parameters, k);
        for (let i = k; i < out.length; i += count) out[i]! += bias;
      }
      return out;
    },
    gradientOf(parameters, residuals) {
      const out = new Float64Array(size + count);
      out.set(weightedSums(rows, residuals));
      for (let k = 0; k < count; k++) {
        let sum = 0;
        for (let i = k; i < residuals.length; i += count) sum += residuals[i]!;
        out[size + k] = sum;
        for (let j = 0, i = k * d; j < d; j++, i++)
          out[i]! += ridge * parameters[i]! - sum * mean[j]!;
      }
      return out;
    },
    solve(v) {
      for (let k = 0; k < count; k++) {
        invert(v.subarray(k * d, (k + 1) * d));
        v[size + k]! /= loss.curvature * total;
      }
    },
    shiftOf,
  };
}
