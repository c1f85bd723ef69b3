/** @file Near-duplicates in an embedding space: rows whose cosine is almost 1. */
import { Components } from "../data/components.ts";
import { type Embeddings, unitRows } from "../run/linalg/embeddings.ts";
import { type Progress, silent } from "../run/progress.ts";
import { cosine } from "./cosines.ts";
import { pairsWithin } from "./pairs.ts";
import { pointsOf } from "./points.ts";

/**
 * Groups of two rows or more, connected by pairs whose cosine is at least `limit`: members ascending, groups by first
 * member. Rows of zeros have no cosine and are in none. Exact: float64 decides pairs that products leave open.
 */
export async function nearDuplicates(
  x: Embeddings,
  limit: number,
  { progress = silent }: { readonly progress?: Progress } = {},
): Promise<number[][]> {
  const { n, d } = x;
  const components = new Components(n);
  const radius = Math.sqrt(Math.max(0, 2 - 2 * limit)); // |a - b|^2 = 2 - 2 cos of unit rows
  // not centred: rows of unit length are rounded by their length
  const points = pointsOf(unitRows(x), new Float64Array(d));
  progress.start("near-duplicates", n);
  await pairsWithin(
    points,
    radius,
    (i, j, sure) => {
      if (components.find(i) === components.find(j)) return;
      if (points.low[i] === 0 || points.low[j] === 0) return;
      if (sure || cosine(x.x, i, x.x, j, d)! >= limit) components.join(i, j);
    },
    progress,
  );
  progress.stop();
  return components.groups();
}

/** Rows of one group, or share of all rows, beyond which it is no picture that was copied. */
const MOST_COPIES = 20;
const MOST_SHARE = 0.05;

/**
 * Whether the limit joins rows that are no copies: chains of neighbours, because the encoder finds all alike. Keeping such
 * a group on one side of a split would draw that side from some kinds of pictures alone.
 */
export const isChained = (groups: readonly { readonly length: number }[], rows: number): boolean =>
  groups.some(({ length }) => length > Math.max(MOST_COPIES, MOST_SHARE * rows));
