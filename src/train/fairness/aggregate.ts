/** @file One number out of many gaps: their largest, their mean, or a soft maximum. */
import {
  add,
  constant,
  div,
  exp,
  log,
  mul,
  softmax,
  sqrt,
  stopGradient,
  sub,
  sum,
} from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";

/** How gaps become one penalty. */
export type Aggregate =
  /** The largest gap; its gradient reaches that gap alone. */
  | { readonly kind: "max" }
  | { readonly kind: "mean" }
  /** temperature * ln(mean of exp(gap / temperature)): the mean for a high temperature, the maximum towards 0. */
  | { readonly kind: "log-sum-exp"; readonly temperature: number };

/** Square of the distance from 0 within which |x| is rounded off, so that it has a slope there. */
const ROUNDED = 1e-12;
/** |x|, less at most 1e-6. */
const abs = (x: Node): Node => sub(sqrt(add(mul(x, x), ROUNDED)), Math.sqrt(ROUNDED));

/** Gaps further apart than a few millionths are told apart. */
const SHARPNESS = 1e6;
/** The largest element of a vector; equal ones share the gradient. */
const maximum = (x: Node): Node => sum(mul(stopGradient(softmax(mul(x, SHARPNESS))), x));

/**
 * The aggregate of |gaps|: 0 when all are 0, never negative.
 * @param gaps differences of either sign [M]; 0 where a gap is unknown.
 * @param share [M], 1 / (number of known gaps), and 0 for an unknown one.
 */
export function aggregated(gaps: Node, share: Node, aggregate: Aggregate): Node {
  const sizes = abs(gaps);
  switch (aggregate.kind) {
    case "max":
      return maximum(sizes);
    case "mean":
      return sum(mul(sizes, share));
    case "log-sum-exp": {
      const { temperature } = aggregate;
      const largest = stopGradient(maximum(sizes)); // the exponentials cannot overflow
      const powers = exp(div(sub(sizes, largest), constant(temperature)));
      return add(mul(log(sum(mul(powers, share))), temperature), largest);
    }
  }
}
