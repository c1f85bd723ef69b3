/** @file Averages of weights: exponential over steps, and linear between two models. */
import type { Weights } from "../model/weights.ts";

const copy = (weights: Weights): Weights =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));

/** average := decay * average + (1 - decay) * weights, in place, for the tensors of `average`. @param decay in [0, 1). */
export function updateAverage(average: Weights, weights: Weights, decay: number): void {
  for (const [name, { data }] of average) {
    const current = weights.get(name)!.data;
    for (let i = 0; i < data.length; i++) data[i] = decay * data[i]! + (1 - decay) * current[i]!;
  }
}

/** (1 - alpha) * from + alpha * to: WiSE-FT (Wortsman et al. 2022) between the zero-shot and the fine-tuned weights. */
export function interpolate(from: Weights, to: Weights, alpha: number): Weights {
  const out = copy(to);
  updateAverage(out, from, alpha);
  return out;
}
