/** @file Sums in place: the exponential average of weights over steps, gradients of several batches. */
import type { Weights } from "../../model/weights.ts";
import { inBlocks } from "./arrays.ts";

/** What an average starts from. */
export const startAverage = (weights: Weights): Weights =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));

/** average := decay * average + (1 - decay) * weights, in place, for the tensors of `average`. @param decay in [0, 1). */
export function updateAverage(average: Weights, weights: Weights, decay: number): void {
  for (const [name, { data }] of average) {
    const current = weights.get(name)!.data;
    const done = inBlocks([data, current], (kernels, blocks, ...at) =>
      kernels.approach(...at, blocks, 1 - decay),
    );
    for (let i = done; i < data.length; i++) data[i] = decay * data[i]! + (1 - decay) * current[i]!;
  }
}

/** sum := sum + factor * values, in place. */
export function addScaled(sum: Float32Array, values: Float32Array, factor: number): void {
  const done = inBlocks([sum, values], (kernels, blocks, ...at) =>
    kernels.add(...at, blocks, factor),
  );
  for (let i = done; i < sum.length; i++) sum[i]! += factor * values[i]!;
}
