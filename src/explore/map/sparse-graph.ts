/** @file The symmetric graph of a map: weights of each row's neighbours, made the same in both directions. */

/** A sparse matrix [n, n] by rows, columns ascending; the diagonal is empty. */
export interface SparseGraph {
  /** [n + 1]: row i holds entries starts[i] to starts[i + 1] - 1. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly weights: Float64Array;
}

/**
 * Entry (i, j) becomes `join(w_ij, w_ji)`, where a weight that is missing is 0. `join` is symmetric.
 * @param indices neighbours of each row, [n, k], none twice, none the row itself
 * @param weights of the neighbours, [n, k]
 */
export function symmetrised(
  indices: Int32Array,
  weights: Float64Array,
  k: number,
  join: (forth: number, back: number) => number,
): SparseGraph {
  const n = k === 0 ? 0 : indices.length / k;
  // column j's entries, rows ascending: the transpose by counting
  const starts = new Int32Array(n + 1);
  for (const j of indices) starts[j + 1]!++;
  for (let i = 0; i < n; i++) starts[i + 1]! += starts[i]!;
  const from = new Int32Array(indices.length);
  const back = new Float64Array(indices.length);
  const next = starts.slice();
  for (let e = 0; e < indices.length; e++) {
    const to = next[indices[e]!]!++;
    from[to] = Math.floor(e / k);
    back[to] = weights[e]!;
  }
  const symmetric = {
    starts: new Int32Array(n + 1),
    columns: new Int32Array(2 * indices.length),
    weights: new Float64Array(2 * indices.length),
  };
  const order = new Int32Array(k);
  let size = 0;
  const add = (column: number, weight: number): void => {
    symmetric.columns[size] = column;
    symmetric.weights[size++] = weight;
  };
  for (let i = 0; i < n; i++) {
    for (let e = 0; e < k; e++) order[e] = i * k + e;
    order.sort((a, b) => indices[a]! - indices[b]!);
    const end = starts[i + 1]!;
    let forth = 0;
    let at = starts[i]!;
    while (forth < k || at < end) {
      const a = forth < k ? indices[order[forth]!]! : n;
      const b = at < end ? from[at]! : n;
      if (a < b) add(a, join(weights[order[forth++]!]!, 0));
      else if (b < a) add(b, join(0, back[at++]!));
      else add(a, join(weights[order[forth++]!]!, back[at++]!));
    }
    symmetric.starts[i + 1] = size;
  }
  return {
    starts: symmetric.starts,
    columns: symmetric.columns.slice(0, size),
    weights: symmetric.weights.slice(0, size),
  };
}
