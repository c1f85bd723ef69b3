/** @file Clipping of gradients by their global norm. */
import { type Values, inBlocks } from "./arrays.ts";

/** Euclidean norm of all gradients together, summed in float64. NaN or infinite when any of them is. */
export function globalNorm(gradients: Iterable<Values>): number {
  let total = 0;
  for (const g of gradients) {
    // four sums: independent additions overlap in the processor
    let [a, b, c, d] = [0, 0, 0, 0];
    const done = inBlocks([g], (kernels, blocks, at) => (a = kernels.squares(at, blocks)));
    const whole = g.length - (g.length % 4);
    for (let i = done; i < whole; i += 4) {
      a += g[i]! * g[i]!;
      b += g[i + 1]! * g[i + 1]!;
      c += g[i + 2]! * g[i + 2]!;
      d += g[i + 3]! * g[i + 3]!;
    }
    for (let i = whole; i < g.length; i++) a += g[i]! * g[i]!;
    total += a + b + c + d;
  }
  return Math.sqrt(total);
}

/** The factor that brings gradients of this norm to at most `maxNorm`, as `torch.nn.utils.clip_grad_norm_` has it. */
export const clipFactor = (norm: number, maxNorm: number): number =>
  Math.min(1, maxNorm / (norm + 1e-6));
