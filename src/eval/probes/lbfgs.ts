/** @file L-BFGS: an approximate inverse Hessian from the latest steps (Nocedal and Wright 2006, algorithm 7.4). */
import { dot } from "../../run/linalg/products.ts";

/** Steps remembered. */
const MEMORY = 16;

/** The steps taken so far, as far as they are remembered. */
export interface Curvature {
  /** A step and the change of the gradient over it. */
  readonly learn: (step: Float64Array, change: Float64Array) => void;
  /** The descent direction for a gradient; `solve` is the inverse of the first guess of the Hessian, in place. */
  readonly descend: (gradient: Float64Array, solve: (v: Float64Array) => void) => Float64Array;
}

export function createCurvature(): Curvature {
  const pairs: { step: Float64Array; change: Float64Array; curve: number }[] = [];
  const inner = (a: Float64Array, b: Float64Array): number => dot(a, 0, b, 0, a.length);
  const add = (to: Float64Array, amount: number, of: Float64Array): void => {
    for (let i = 0; i < to.length; i++) to[i]! += amount * of[i]!;
  };
  return {
    learn(step, change) {
      const curve = inner(step, change);
      if (!(curve > 0)) return; // rounding, at the end of the descent
      pairs.push({ step, change, curve });
      if (pairs.length > MEMORY) pairs.shift();
    },
    descend(gradient, solve) {
      const out = gradient.map((v) => -v);
      const amounts = pairs.toReversed().map(({ step, change, curve }) => {
        const amount = inner(step, out) / curve;
        add(out, -amount, change);
        return amount;
      });
      solve(out);
      pairs.forEach(({ step, change, curve }, i) =>
        add(out, amounts[pairs.length - 1 - i]! - inner(change, out) / curve, step),
      );
      return out;
    },
  };
}
