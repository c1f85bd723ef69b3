/** @file The least few of many numbers for each of many queries: one heap each, in two arrays. */

export class Nearest {
  readonly #size: number;
  /** Heaps with the largest first. [queries, size] */
  readonly #bounds: Float64Array;
  readonly #rows: Int32Array;
  /** What a further number must be below to be taken: the largest one kept; Infinity until there are `size`. */
  readonly limits: Float64Array;

  constructor(queries: number, size: number) {
    this.#size = size;
    this.#bounds = new Float64Array(queries * size).fill(Infinity);
    this.#rows = new Int32Array(queries * size).fill(-1);
    this.limits = new Float64Array(queries).fill(Infinity);
  }

  /** In place of the largest number; `bound` must be below the limit. */
  add(query: number, row: number, bound: number): void {
    const bounds = this.#bounds;
    const rows = this.#rows;
    const root = query * this.#size;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && bounds[root + child + 1]! > bounds[root + child]!) child++;
      if (bounds[root + child]! <= bound) break;
      bounds[root + at] = bounds[root + child]!;
      rows[root + at] = rows[root + child]!;
      at = child;
    }
    bounds[root + at] = bound;
    rows[root + at] = row;
    this.limits[query] = bounds[root]!;
  }

  /** Rows kept of a query and their numbers, in no order. */
  of(query: number): { rows: Int32Array; bounds: Float64Array } {
    const [from, to] = [query * this.#size, (query + 1) * this.#size];
    const rows = this.#rows.subarray(from, to);
    const bounds = this.#bounds.subarray(from, to);
    const isKept = (_: number, i: number): boolean => rows[i]! >= 0;
    return { rows: rows.filter(isKept), bounds: bounds.filter(isKept) };
  }
}
