/** @file Rows that differ from each other: of identical ones the first stands for all. */
import { type Embeddings } from "../run/linalg/embeddings.ts";

export interface Distinct {
  /** First rows of each content, ascending. [m] */
  readonly rows: Int32Array;
  /** Which of them each row equals: positions in `rows`. [n] */
  readonly of: Int32Array;
}

/** Rows are identical when all numbers are equal (0 equals -0). O(n d). */
export function distinctRows({ x, n, d }: Embeddings): Distinct {
  const rows: number[] = [];
  const of = new Int32Array(n);
  const byHash = new Map<number, number[]>();
  const isEqual = (a: number, b: number): boolean => {
    for (let c = 0; c < d; c++) if (x[a * d + c] !== x[b * d + c]) return false;
    return true;
  };
  const [number] = [new Float64Array(1)];
  const words = new Int32Array(number.buffer);
  for (let row = 0; row < n; row++) {
    let hash = 0x811c9dc5 | 0; // FNV-1a over 32-bit words
    for (let c = row * d; c < (row + 1) * d; c++) {
      number[0] = x[c]! + 0; // -0 + 0 is 0
      hash = Math.imul(hash ^ words[0]!, 0x01000193);
      hash = Math.imul(hash ^ words[1]!, 0x01000193);
      hash ^= hash >>> 15;
    }
    const alike = byHash.get(hash);
    const found = alike?.find((m) => isEqual(rows[m]!, row));
    if (found !== undefined) {
      of[row] = found;
      continue;
    }
    of[row] = rows.length;
    if (alike) alike.push(rows.length);
    else byHash.set(hash, [rows.length]);
    rows.push(row);
  }
  return { rows: Int32Array.from(rows), of };
}
