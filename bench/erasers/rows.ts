/** @file Embeddings that both sides erase from: correlated dimensions, one class mean apart from the other. */
import { random } from "../../src/run/random.ts";

export interface ErasedRows {
  readonly x: Float32Array; // [N, D]
  readonly n: number;
  readonly d: number;
  readonly labels: Int32Array; // [N]
}

/** Draws the same rows every time: 32 shared factors, noise, and a mean per class. */
export function drawEmbeddings(n: number, d: number, classes: number): ErasedRows {
  const { uniform } = random("bench", "erasers", n, d, classes);
  const centred = (): number => uniform() + uniform() + uniform() - 1.5;
  const FACTORS = 32;
  const loadings = Float64Array.from({ length: FACTORS * d }, centred);
  const means = Float64Array.from({ length: classes * d }, () => 0.4 * centred());
  const labels = Int32Array.from({ length: n }, () => Math.floor(uniform() * classes));
  const x = new Float32Array(n * d);
  const row = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    const mean = labels[i]! * d;
    for (let j = 0; j < d; j++) row[j] = means[mean + j]! + 0.3 * centred();
    for (let f = 0; f < FACTORS; f++) {
      const amount = 0.3 * centred();
      for (let j = 0; j < d; j++) row[j]! += amount * loadings[f * d + j]!;
    }
    x.set(row, i * d);
  }
  return { x, n, d, labels };
}
