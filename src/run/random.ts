/** @file Seeded randomness. A stream is named by its keys, so resuming needs no saved generator state. */
import seedrandom from "seedrandom";

/** A stream of random numbers. */
export interface Random {
  /** Uniform in [low, high); [0, 1) by default. */
  uniform(low?: number, high?: number): number;
  /** Uniform integer in [0, n). */
  int(n: number): number;
  /** Standard normal. */
  normal(): number;
  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * The stream named by `keys`: equal keys give equal numbers on every machine.
 * `random(seed, "shuffle", epoch)` is the order of that epoch, whether or not the run was interrupted before it.
 */
export function random(...keys: readonly (string | number)[]): Random {
  const next = seedrandom.alea(keys.join("\u0000"));
  const uniform = (low = 0, high = 1): number => low + (high - low) * next.double();
  const int = (n: number): number => Math.floor(next.double() * n);
  return {
    uniform,
    int,
    // Box-Muller; 1 - u keeps the logarithm finite
    normal: () =>
      Math.sqrt(-2 * Math.log(1 - next.double())) * Math.cos(2 * Math.PI * next.double()),
    shuffle: <T>(items: readonly T[]): T[] => {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = int(i + 1);
        [out[i], out[j]] = [out[j]!, out[i]!];
      }
      return out;
    },
  };
}
