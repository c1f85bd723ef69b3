/** @file All pairs of points within a radius, by a tree of bounding boxes joined with itself. */

const LEAF = 16;

/** Points `start` to `end` (exclusive) of the tree's order and the box around them. */
interface Node {
  readonly start: number;
  readonly end: number;
  readonly low: Float32Array; // [dimensions]
  readonly high: Float32Array; // [dimensions]
  readonly halves: readonly [Node, Node] | null;
}

/**
 * Calls `visit(i, j)` once for every pair of points at most `radius` apart (Euclidean), in no particular order.
 * Boxes further apart than the radius are never opened (k-d tree, dual-tree join), so that a million points of which few
 * are close cost far less than their 5e11 pairs. Give the dimensions that differ most first.
 *
 * @param points [n * dimensions], one point after the other
 */
export function closePairs(
  points: Float32Array,
  dimensions: number,
  radius: number,
  visit: (i: number, j: number) => void,
): void {
  const count = points.length / dimensions;
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const limit = radius * radius;

  const build = (start: number, end: number): Node => {
    const low = new Float32Array(dimensions).fill(Infinity);
    const high = new Float32Array(dimensions).fill(-Infinity);
    for (let k = start; k < end; k++) {
      for (let d = 0, p = order[k]! * dimensions; d < dimensions; d++, p++) {
        low[d] = Math.min(low[d]!, points[p]!);
        high[d] = Math.max(high[d]!, points[p]!);
      }
    }
    if (end - start <= LEAF) return { start, end, low, high, halves: null };
    const widths = high.map((top, d) => top - low[d]!);
    const widest = widths.indexOf(Math.max(...widths));
    order
      .subarray(start, end)
      .sort((a, b) => points[a * dimensions + widest]! - points[b * dimensions + widest]!);
    const middle = (start + end) >> 1;
    return { start, end, low, high, halves: [build(start, middle), build(middle, end)] };
  };

  const apart = (a: Node, b: Node): boolean => {
    let distance = 0;
    for (let d = 0; d < dimensions; d++) {
      const above = a.low[d]! - b.high[d]!;
      const below = b.low[d]! - a.high[d]!;
      const gap = above > 0 ? above : below > 0 ? below : 0;
      distance += gap * gap;
      if (distance > limit) return true;
    }
    return false;
  };

  const compare = (a: Node, b: Node): void => {
    for (let k = a.start; k < a.end; k++) {
      for (let m = a === b ? k + 1 : b.start; m < b.end; m++) {
        let distance = 0;
        for (let d = 0, p = k * dimensions, q = m * dimensions; d < dimensions; d++, p++, q++) {
          const gap = sorted[p]! - sorted[q]!;
          distance += gap * gap;
          if (distance > limit) break;
        }
        if (distance <= limit) visit(order[k]!, order[m]!);
      }
    }
  };

  const join = (a: Node, b: Node): void => {
    if (a === b && a.halves) {
      const [left, right] = a.halves;
      join(left, left);
      join(right, right);
      join(left, right);
    } else if (a !== b && apart(a, b)) {
      return;
    } else if (a.halves && (!b.halves || a.end - a.start >= b.end - b.start)) {
      for (const half of a.halves) join(half, b);
    } else if (b.halves) {
      for (const half of b.halves) join(a, half);
    } else {
      compare(a, b);
    }
  };

  if (count === 0) return;
  const root = build(0, count);
  const sorted = new Float32Array(points.length); // neighbours in the tree are neighbours in memory
  order.forEach((i, k) =>
    sorted.set(points.subarray(i * dimensions, (i + 1) * dimensions), k * dimensions),
  );
  join(root, root);
}
