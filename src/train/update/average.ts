/** @file The exponential average of weights over steps. */
import type { Weights } from "../../model/weights.ts";

/** What an average starts from. */
export const startAverage = (weights: Weights): Weights =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));

/** average := decay * average + (1 - decay) * weights, in place, for the tensors of `average`. @param decay in [0, 1). */
export function updateAverage(average: Weights, weights: Weights, decay: number): void {
  for (const [name, { data }] of average) {
    const current = weights.get(name)!.data;
    for (let i = 0; i < data.length; i++) data[i] = decay * data[i]! + (1 - decay) * current[i]!;
  }
}
