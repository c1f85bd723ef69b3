/** @file A classifier of embeddings: linear, or with one hidden layer. Plain data. */
import { productTransposed } from "../../run/linalg/products.ts";
import { type Classifier, probabilities } from "../classifier.ts";

/** z -> silu(weight z + bias) */
interface HiddenLayer {
  /** [H, D] */
  readonly weight: Float32Array;
  /** [H] */
  readonly bias: Float32Array;
}

export interface Head {
  /** Null for a linear head. */
  readonly hidden: HiddenLayer | null;
  readonly output: Classifier;
}

/** [N, D] -> [N, H] */
function activations({ weight, bias }: HiddenLayer, x: Float32Array): Float32Array {
  const units = bias.length;
  const d = weight.length / units;
  const n = x.length / d;
  const sums = new Float64Array(n * units);
  productTransposed(x, n, Float64Array.from(weight), units, d, sums);
  return Float32Array.from(sums, (sum, i) => {
    const z = sum + bias[i % units]!;
    return z / (1 + Math.exp(-z));
  });
}

/** Class probabilities of embeddings: [N, D] -> [N, C]. */
export const headProbabilities = ({ hidden, output }: Head, x: Float32Array): Float32Array =>
  probabilities(output, hidden ? activations(hidden, x) : x);
