/** @file How the points of a t-SNE map push each other away: pair by pair, or by Barnes and Hut's tree of cells. */

/**
 * Adds up, for points [n, 2], the forces sum_j q_ij^2 (y_i - y_j) into `forces` [n, 2], which is overwritten, and gives
 * sum_ij q_ij over i != j, where q = 1 / (1 + distance^2).
 */
export type Repulsion = (points: Float64Array, forces: Float64Array) => number;

/** Every pair. */
export const exactRepulsion: Repulsion = (points, forces) => {
  forces.fill(0);
  let total = 0;
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i]!;
    const y = points[i + 1]!;
    let fx = 0;
    let fy = 0;
    for (let j = 0; j < i; j += 2) {
      const dx = x - points[j]!;
      const dy = y - points[j + 1]!;
      const q = 1 / (1 + dx * dx + dy * dy);
      total += q;
      const gx = q * q * dx;
      const gy = q * q * dy;
      fx += gx;
      fy += gy;
      forces[j]! -= gx;
      forces[j + 1]! -= gy;
    }
    forces[i]! += fx;
    forces[i + 1]! += fy;
  }
  return 2 * total;
};

/**
 * Cells far away for their size stand for their points (van der Maaten 2014): those whose width is below `theta` times
 * the distance to their centre of mass. A cell is the bounding box of its points, so there are fewer than 2n.
 */
export function treeRepulsion(n: number, theta: number): Repulsion {
  // cells in the order of a walk through the tree, each followed by what it holds
  const mass = new Float64Array(2 * n);
  const centreX = new Float64Array(2 * n);
  const centreY = new Float64Array(2 * n);
  /** Squared distance from which on a cell stands for its points. */
  const reach = new Float64Array(2 * n);
  /** The cell after all that this one holds. */
  const skip = new Int32Array(2 * n);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  // points in that order: neighbours in the map are neighbours in memory
  const xs = new Float64Array(n);
  const ys = new Float64Array(n);
  let cells = 0;

  /** Points from..to - 1 so ordered that those with values up to `middle` come first; gives where the others begin. */
  function split(values: Float64Array, from: number, to: number, middle: number): number {
    let low = from;
    let high = to - 1;
    while (low <= high) {
      if (values[low]! <= middle) low++;
      else {
        swap(xs, low, high);
        swap(ys, low, high);
        swap(order, low, high);
        high--;
      }
    }
    return low;
  }

  function build(from: number, to: number): void {
    let left = Infinity;
    let right = -Infinity;
    let bottom = Infinity;
    let top = -Infinity;
    let sumX = 0;
    let sumY = 0;
    for (let i = from; i < to; i++) {
      const x = xs[i]!;
      const y = ys[i]!;
      sumX += x;
      sumY += y;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < bottom) bottom = y;
      if (y > top) top = y;
    }
    const cell = cells++;
    const width = Math.max(right - left, top - bottom);
    mass[cell] = to - from;
    centreX[cell] = sumX / (to - from);
    centreY[cell] = sumY / (to - from);
    reach[cell] = (width / theta) ** 2;
    const middleY = (bottom + top) / 2;
    const a = split(xs, from, to, (left + right) / 2);
    const b = split(ys, from, a, middleY);
    const c = split(ys, a, to, middleY);
    // points too close for the middle to part them stay one cell
    if (b === to) reach[cell] = -1;
    else {
      if (b > from) build(from, b);
      if (a > b) build(b, a);
      if (c > a) build(a, c);
      if (to > c) build(c, to);
    }
    skip[cell] = cells;
  }

  return (points, forces) => {
    for (let i = 0; i < n; i++) {
      xs[i] = points[2 * order[i]!]!;
      ys[i] = points[2 * order[i]! + 1]!;
    }
    cells = 0;
    build(0, n);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const x = xs[i]!;
      const y = ys[i]!;
      let fx = 0;
      let fy = 0;
      let sum = 0;
      for (let cell = 0; cell < cells;) {
        const dx = x - centreX[cell]!;
        const dy = y - centreY[cell]!;
        const square = dx * dx + dy * dy;
        if (square > reach[cell]!) {
          const q = 1 / (1 + square);
          const pull = mass[cell]! * q;
          sum += pull;
          fx += pull * q * dx;
          fy += pull * q * dy;
          cell = skip[cell]!;
        } else cell++;
      }
      total += sum;
      forces[2 * order[i]!] = fx;
      forces[2 * order[i]! + 1] = fy;
    }
    return total - n; // each point met itself, at distance 0
  };
}

function swap(values: Float64Array | Int32Array, a: number, b: number): void {
  const value = values[a]!;
  values[a] = values[b]!;
  values[b] = value;
}
