/** @file A classifier on image embeddings: CLIP's class texts, a probe, or the last layers of a convolutional network. */
import { productTransposed } from "../run/linalg/products.ts";

const ACTIVATIONS = {
  identity: (z: number) => z,
  relu: (z: number) => Math.max(0, z),
  silu: (z: number) => z / (1 + Math.exp(-z)),
} as const;

interface Linear {
  /** [H, D] */
  readonly weight: Float32Array;
  /** [H] */
  readonly bias: Float32Array;
}
/** z -> activation(weight z + bias), or activation(z) */
export interface HiddenLayer {
  readonly linear: Linear | null;
  readonly activation: keyof typeof ACTIVATIONS;
}

/** logits = scale * (z . weight_c) + bias_c of what the hidden layers make of an embedding, or of the embedding itself */
export interface Classifier {
  /** From the embedding on; none by default. */
  readonly hidden?: readonly HiddenLayer[];
  /** (compat) Probabilities are sigmoids divided by their sum; by default a softmax. */
  readonly link?: "sigmoid-each";
  /** [C, D]; of class texts: unit rows. */
  readonly weight: Float32Array;
  /** [C], or null for none. */
  readonly bias: Float32Array | null;
  readonly scale: number;
  readonly classes: number;
  /** D, of an embedding. */
  readonly width: number;
}

/** Values of a hidden layer: [N, D] -> [N, H]. */
function activations({ linear, activation }: HiddenLayer, x: Float32Array): Float32Array {
  const activate = ACTIVATIONS[activation];
  if (!linear) return x.map(activate);
  const { weight, bias } = linear;
  const units = bias.length;
  const d = weight.length / units;
  const n = x.length / d;
  const sums = new Float64Array(n * units);
  productTransposed(x, n, Float64Array.from(weight), units, d, sums);
  return Float32Array.from(sums, (sum, i) => activate(sum + bias[i % units]!));
}

/** Class probabilities (softmax over classes, never over images): [N, C] of embeddings [N, D]. */
export function probabilities(
  { hidden = [], link, weight, bias, scale, classes }: Classifier,
  embeddings: Float32Array,
): Float32Array {
  const x = hidden.reduce((below, layer) => activations(layer, below), embeddings);
  const width = weight.length / classes;
  const n = x.length / width;
  const out = new Float32Array(n * classes);
  const logits = new Float64Array(classes);
  for (let i = 0; i < n; i++) {
    let largest = -Infinity;
    for (let c = 0; c < classes; c++) {
      let dot = 0;
      for (let d = 0; d < width; d++) dot += x[i * width + d]! * weight[c * width + d]!;
      const z = scale * dot + (bias?.[c] ?? 0);
      logits[c] = link === "sigmoid-each" ? Math.min(0, z) - Math.log1p(Math.exp(-Math.abs(z))) : z;
      largest = Math.max(largest, logits[c]!);
    }
    let total = 0;
    for (let c = 0; c < classes; c++) total += Math.exp(logits[c]! - largest);
    for (let c = 0; c < classes; c++) out[i * classes + c] = Math.exp(logits[c]! - largest) / total;
  }
  return out;
}

/** The most probable class of each row; the first of equals. */
export function argmaxRows(scores: Float32Array, classes: number): Int32Array {
  const out = new Int32Array(scores.length / classes);
  for (let i = 0; i < out.length; i++)
    for (let c = 1; c < classes; c++)
      if (scores[i * classes + c]! > scores[i * classes + out[i]!]!) out[i] = c;
  return out;
}

/**
 * Mean of -log p(truth) over rows, in nats; probabilities below 1e-12 count as that.
 * @param scores probabilities [N, classes]. @param truth [N]. @param weights [N], >= 0, not all 0.
 */
export function crossEntropy(
  scores: Float32Array,
  truth: Int32Array,
  weights: Float64Array,
  classes: number,
): number {
  let [sum, total] = [0, 0];
  truth.forEach((c, i) => {
    sum -= weights[i]! * Math.log(Math.max(1e-12, scores[i * classes + c]!));
    total += weights[i]!;
  });
  return sum / total;
}
