/** @file Difference hash: the signs of the brightness steps in a tiny grey version of an image. */
import type { Raster } from "./raster.ts";
import { resize } from "./resize.ts";

const COLUMNS = 9;
const ROWS = 8;

/**
 * The 64-bit difference hash as 16 hexadecimal digits: the grey image is resized to 9 x 8 (antialiased bilinear), and each
 * bit, row by row from the top left and most significant first, says whether a pixel is darker than its right neighbour.
 * Source: N. Krawetz, "Kind of like that" (2013).
 */
export function dhash(grey: Raster): string {
  const { data } = resize(grey, COLUMNS, ROWS, "bilinear");
  let hash = "";
  for (let y = 0; y < ROWS; y++) {
    let byte = 0;
    for (let x = 0; x < COLUMNS - 1; x++) {
      const i = (y * COLUMNS + x) * 3;
      byte = (byte << 1) | (data[i + 3]! > data[i]! ? 1 : 0);
    }
    hash += byte.toString(16).padStart(2, "0");
  }
  return hash;
}

/** The number of bits in which two hashes differ, 0 to 64. */
export function hammingDistance(a: string, b: string): number {
  let distance = 0;
  for (let i = 0; i < a.length; i += 8) {
    distance += bitCount(parseInt(a.slice(i, i + 8), 16) ^ parseInt(b.slice(i, i + 8), 16));
  }
  return distance;
}

/** Set bits of a 32-bit integer, summed in parallel (H. S. Warren, "Hacker's Delight", section 5-1). */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
