/** @file Sorting rows by small integers, in one pass and without comparing. */

/** The numbers 0 to n - 1. */
export const identity = (n: number): Int32Array => new Int32Array(n).map((_, i) => i);

/**
 * Writes into `out` the items that have a code, by ascending code; items of one code stay in their order.
 * @param codes of everything: that of `items[i]` is `codes[items[i]]`, or -1 for none
 * @param cursor where the items of each code begin, which is moved
 */
export function sortByCode(
  items: Int32Array,
  codes: Int32Array,
  cursor: Int32Array,
  out: Int32Array,
): void {
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    const code = codes[item]!;
    if (code >= 0) out[cursor[code]!++] = item;
  }
}

/** Items of one code side by side: those of code c from `starts[c]` to `starts[c + 1]`. */
export interface Sorted {
  readonly items: Int32Array;
  readonly starts: Int32Array; // [codes + 1]
}

/** @param size one more than the largest code */
export function sorted(items: Int32Array, codes: Int32Array, size: number): Sorted {
  const starts = new Int32Array(size + 1);
  for (const item of items) if (codes[item]! >= 0) starts[codes[item]! + 1]! += 1;
  for (let code = 0; code < size; code++) starts[code + 1]! += starts[code]!;
  const out = new Int32Array(starts[size]!);
  sortByCode(items, codes, starts.slice(), out);
  return { items: out, starts };
}

/** A number for each value, the same for equal ones, from 0 for the largest to `size` - 1. */
export interface Ranks {
  readonly codes: Int32Array;
  readonly size: number;
}

export function rankDown(values: Float64Array): Ranks {
  const levels = values.toSorted(); // a typed array sorts numbers natively; a comparison function takes ten times longer
  let size = 0;
  for (const value of levels) if (size === 0 || value !== levels[size - 1]) levels[size++] = value;
  const codes = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let low = 0;
    let high = size - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (levels[middle]! < value) low = middle + 1;
      else high = middle;
    }
    codes[i] = size - 1 - low;
  }
  return { codes, size };
}
