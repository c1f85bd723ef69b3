/** @file Fills large tensors with random numbers: 150 million in seconds. */
import type { Random } from "../run/random.ts";

const TWO_31 = 2 ** 31;

/** Marsaglia's xorshift128 (2003) as numbers in [-1, 1), started from another stream: quick where a stream is long. */
function signed(from: Random): () => number {
  const word = (): number => Math.floor(from.uniform(0, 2 ** 32)) | 0;
  let [x, y, z, w] = [word(), word(), word(), word() | 1]; // never all zero
  return () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w / TWO_31;
  };
}

/** Normal numbers of mean 0, by Marsaglia and Bray's polar method. */
export function fillNormal(out: Float32Array, std: number, from: Random): void {
  const next = signed(from);
  for (let i = 0; i < out.length; i += 2) {
    let a: number, b: number, square: number;
    do {
      a = next();
      b = next();
      square = a * a + b * b;
    } while (square >= 1 || square === 0);
    const scale = std * Math.sqrt((-2 * Math.log(square)) / square);
    out[i] = a * scale;
    if (i + 1 < out.length) out[i + 1] = b * scale;
  }
}

/** Uniform numbers in [-limit, limit). */
export function fillUniform(out: Float32Array, limit: number, from: Random): void {
  const next = signed(from);
  for (let i = 0; i < out.length; i++) out[i] = limit * next();
}
