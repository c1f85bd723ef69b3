/** @file A linear classifier on unit image embeddings: CLIP's class texts, or a probe. */

/** logits = scale * (embedding . weight_c) + bias_c */
export interface Classifier {
  /** [C, D]; of class texts: unit rows. */
  readonly weight: Float32Array;
  /** [C], or null for none. */
  readonly bias: Float32Array | null;
  readonly scale: number;
  readonly classes: number;
  /** D. */
  readonly width: number;
}

/** Class probabilities (softmax over classes, never over images): [N, C] of embeddings [N, D]. */
export function probabilities(
  { weight, bias, scale, classes, width }: Classifier,
  embeddings: Float32Array,
): Float32Array {
  const n = embeddings.length / width;
  const out = new Float32Array(n * classes);
  const logits = new Float64Array(classes);
  for (let i = 0; i < n; i++) {
    let largest = -Infinity;
    for (let c = 0; c < classes; c++) {
      let dot = 0;
      for (let d = 0; d < width; d++) dot += embeddings[i * width + d]! * weight[c * width + d]!;
      logits[c] = scale * dot + (bias?.[c] ?? 0);
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
