/** @file Drawing many things with replacement, and shuffling them. */
import { bitsFrom, multinomial, type Uniform } from "../uncertainty/binomial.ts";

/** Numbers asked of the generator at a time. */
const BUFFER = 1024;
/** Things that are counted at a time, 2^11: their counts stay in the fastest cache. */
const BLOCK = 2048;

/**
 * Draws as many things as there are, with replacement: `counts` of each. How many fall into each block is multinomial,
 * and in a block they are drawn one by one.
 */
export function tallier(counts: Float64Array, next: Uniform): () => void {
  const blocks = Math.max(1, Math.ceil(counts.length / BLOCK));
  const sizes = new Float64Array(blocks).map((_, b) => Math.min(BLOCK, counts.length - b * BLOCK));
  const drawn = new Float64Array(blocks);
  const fill = bitsFrom(next);
  const buffer = new Uint32Array(BUFFER);
  return () => {
    counts.fill(0);
    multinomial(counts.length, sizes, [0, blocks], drawn, next);
    for (let b = 0; b < blocks; b++) {
      const first = b * BLOCK;
      const scale = sizes[b]! / 2 ** 32;
      let left = drawn[b]!;
      if (sizes[b] === BLOCK)
        while (left > 1) {
          fill(buffer);
          const pairs = Math.min(left >> 1, BUFFER); // a number has bits for two
          left -= 2 * pairs;
          for (let i = 0; i < pairs; i++) {
            const bits = buffer[i]!;
            counts[first + (bits >>> 21)]! += 1;
            counts[first + ((bits >>> 10) & (BLOCK - 1))]! += 1;
          }
        }
      for (; left > 0; left -= BUFFER) {
        fill(buffer);
        const n = Math.min(left, BUFFER);
        for (let i = 0; i < n; i++) counts[first + Math.floor(buffer[i]! * scale)]! += 1;
      }
    }
  };
}

/** Shuffles units of `size` numbers each that lie side by side (Fisher-Yates). */
export function shuffler(next: Uniform): (numbers: Int32Array, size: number) => void {
  const fill = bitsFrom(next);
  const buffer = new Uint32Array(BUFFER);
  let at = BUFFER;
  return (numbers, size) => {
    for (let u = numbers.length / size - 1; u > 0; u--) {
      if (at === BUFFER) {
        fill(buffer);
        at = 0;
      }
      const other = Math.floor((buffer[at++]! / 2 ** 32) * (u + 1));
      for (let i = 0; i < size; i++) {
        const moved = numbers[u * size + i]!;
        numbers[u * size + i] = numbers[other * size + i]!;
        numbers[other * size + i] = moved;
      }
    }
  };
}
