/** @file All pairs of rows within a radius: products of blocks on all cores, in bounded memory. */
import { timesTransposed } from "../run/linalg/gemm.ts";
import type { Embeddings } from "../run/linalg/embeddings.ts";
import { type Progress, silent } from "../run/progress.ts";
import type { Points } from "./points.ts";

/** Rows of a block: its products are 4 MiB of float32. */
const BLOCK = 1024;

/** Products of rows [start, end) of one side with rows [first, last) of the other, row-major. */
export interface Block {
  readonly products: Embeddings["x"];
  readonly start: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

/** Calls `visit` for blocks that cover every pair i <= j of rows of `points` (those on the diagonal cover j < i too). */
export async function eachBlockOfPairs(
  points: Points,
  visit: (block: Block) => void,
  progress: Progress = silent,
): Promise<void> {
  const { n, d } = points;
  for (let start = 0; start < n; start += BLOCK) {
    const end = Math.min(start + BLOCK, n);
    const a = points.block(start, end);
    for (let first = start; first < n; first += BLOCK) {
      const last = Math.min(first + BLOCK, n);
      const b = first === start ? a : points.block(first, last);
      const products = await timesTransposed(a, end - start, b, last - first, d);
      visit({ products, start, end, first, last });
    }
    const left = (n - end) / n; // what is left is a triangle
    progress.update(Math.round(n * (1 - left * left)));
  }
}

/** Calls `visit` for blocks that cover every pair of a row of `a` and a row of `b`. */
export async function eachBlockBetween(
  a: Points,
  b: Points,
  visit: (block: Block) => void,
  progress: Progress = silent,
): Promise<void> {
  for (let start = 0; start < a.n; start += BLOCK) {
    const end = Math.min(start + BLOCK, a.n);
    const rows = a.block(start, end);
    for (let first = 0; first < b.n; first += BLOCK) {
      const last = Math.min(first + BLOCK, b.n);
      const products = await timesTransposed(
        rows,
        end - start,
        b.block(first, last),
        last - first,
        a.d,
      );
      visit({ products, start, end, first, last });
    }
    progress.update(end);
  }
}

/**
 * Calls `visit` for every pair i < j whose distance is at most `radius` or, not `sure`, may be: then the caller decides it
 * in float64, where it matters.
 */
export async function pairsWithin(
  points: Points,
  radius: number,
  visit: (i: number, j: number, sure: boolean) => void,
  progress: Progress = silent,
): Promise<void> {
  const { low, high } = points;
  const half = (radius * radius) / 2;
  await eachBlockOfPairs(
    points,
    ({ products, start, end, first, last }) => {
      const width = last - first;
      for (let i = start; i < end; i++) {
        const offset = (i - start) * width - first;
        const limit = half - low[i]!;
        for (let j = first === start ? i + 1 : first; j < last; j++)
          if (low[j]! - products[offset + j]! <= limit)
            visit(i, j, high[i]! + high[j]! - products[offset + j]! <= half);
      }
    },
    progress,
  );
}
