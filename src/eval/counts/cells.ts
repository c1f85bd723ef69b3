/** @file Confusion cells: how many rows of each group, true class and predicted class. Rates depend on nothing else. */

/** A categorical column: row i has the value `values[codes[i]]`, or none where the code is -1. */
export interface Column {
  readonly values: readonly string[];
  readonly codes: Int32Array; // [N]
}

/** Codes a column of strings; `null` is a missing value. Values come in `values` order, or sorted. */
export function encode(
  column: readonly (string | null)[],
  values: readonly string[] = [...new Set(column.filter((value) => value !== null))].sort(),
): Column {
  const code = new Map(values.map((value, index) => [value, index]));
  return {
    values,
    codes: Int32Array.from(column, (value) => (value === null ? -1 : (code.get(value) ?? -1))),
  };
}

/** The intersection of several columns, every combination of their values: `female*asian`. */
export function intersect(columns: readonly Column[]): Column {
  const [first, ...others] = columns;
  if (!first) return { values: [], codes: new Int32Array(0) };
  return others.reduce<Column>(
    (left, right) => ({
      values: left.values.flatMap((a) => right.values.map((b) => `${a}*${b}`)),
      codes: left.codes.map((a, row) => {
        const b = right.codes[row]!;
        return a < 0 || b < 0 ? -1 : a * right.values.length + b;
      }),
    }),
    first,
  );
}

/** What the rows of each cell have in common. */
export interface CellIndex {
  readonly groups: number;
  readonly classes: number;
  readonly group: Int32Array; // [M]
  readonly truth: Int32Array; // [M]
  /** One column for each model that judged the rows: [models][M]. */
  readonly predicted: readonly Int32Array[];
  readonly weight: Float64Array; // [M], of one row
}

/** Different weights that cells are kept apart by. */
const MOST_WEIGHTS = 64;

/**
 * The cells that hold rows, in ascending order of (group, truth, predictions, weight), so the order of the rows does
 * not matter. Rows of different weight lie in different cells: resampling `rows` is then exactly resampling rows. Of
 * more than MOST_WEIGHTS different weights, neighbours share a cell and its rows their mean: sums stay exact, and
 * resampling all but so.
 */
export interface Cells extends CellIndex {
  readonly rows: Float64Array; // [M]
  /** How the rows hang together; absent when every row stands for itself. */
  readonly units?: Units;
}

/** Rows that are resampled together, by kind: units that hold the same rows of the same cells. */
export interface Units {
  /** Units of each kind, [T]. */
  readonly count: Float64Array;
  /** Where the parts of each kind begin, [T + 1]. */
  readonly start: Int32Array;
  /** Cell of each part, ascending within a kind. */
  readonly cell: Int32Array;
  /** Rows of that cell in one unit. */
  readonly rows: Float64Array;
}

interface Axis {
  readonly size: number;
  readonly codes: Int32Array;
}

/**
 * Counts rows that agree in all codes, in ascending order of these; rows that miss one are left out. Exact as long as
 * the product of the sizes is.
 */
export function crossCount(axes: readonly Axis[]): {
  readonly columns: Int32Array[]; // one per axis, each [M]
  readonly rows: Float64Array; // [M]
} {
  const { keys, rows } = count(flatten(axes), product(axes));
  return { columns: unflatten(keys, axes), rows };
}

/**
 * Counts rows into cells, in one pass over integer codes. Rows whose group is missing are left out.
 * @param predicted one column of class indices per model, each [N], like `truth`
 * @param clusters rows of one code are one unit, [N]
 */
export function tally(
  group: Column,
  truth: Int32Array,
  predicted: readonly Int32Array[],
  classes: number,
  weights?: Float64Array,
  clusters?: Int32Array,
): Cells {
  const levels = weights ? Float64Array.from(new Set(weights)).sort() : null;
  const axes: Axis[] = [
    { size: group.values.length, codes: group.codes },
    ...[truth, ...predicted].map((codes) => ({ size: classes, codes })),
  ];
  if (weights && levels) {
    // mapped, not made with `from`, which lists all values first
    const codes = new Int32Array(weights.length).map((_, row) => rankOf(levels, weights[row]!));
    const wide = Math.ceil(levels.length / MOST_WEIGHTS);
    axes.push({
      size: Math.ceil(levels.length / wide),
      codes: wide === 1 ? codes : codes.map((code) => Math.floor(code / wide)),
    });
  }
  const flat = flatten(axes);
  const { keys, rows } = count(flat, product(axes));
  const columns = unflatten(keys, axes);
  const weight = new Float64Array(keys.length).fill(weights ? 0 : 1);
  if (weights && levels && levels.length <= MOST_WEIGHTS)
    weight.forEach((_, m) => (weight[m] = levels[columns.at(-1)![m]!]!));
  else if (weights) {
    cellOf(flat, keys).forEach((m, row) => {
      if (m >= 0) weight[m]! += weights[row]!;
    });
    weight.forEach((sum, m) => (weight[m] = sum / rows[m]!));
  }
  return {
    groups: group.values.length,
    classes,
    group: columns[0]!,
    truth: columns[1]!,
    predicted: columns.slice(2, 2 + predicted.length),
    weight,
    rows,
    ...(clusters && { units: unitsOf(cellOf(flat, keys), clusters) }),
  };
}

const product = (axes: readonly Axis[]): number => axes.reduce((size, axis) => size * axis.size, 1);

/** Row-major cell number of every row; NaN where any code is missing. Doubles, for products beyond 2^31. */
function flatten(axes: readonly Axis[]): Float64Array {
  const flat = new Float64Array(axes[0]!.codes.length);
  for (const { codes, size } of axes)
    for (let i = 0; i < flat.length; i++)
      flat[i] = codes[i]! < 0 ? Number.NaN : flat[i]! * size + codes[i]!;
  return flat;
}

const DENSE = 1 << 22; // counters; beyond, sorting takes less memory than counting

function count(
  flat: Float64Array,
  size: number,
): { readonly keys: Float64Array; readonly rows: Float64Array } {
  const keys: number[] = [];
  const rows: number[] = [];
  if (size <= DENSE) {
    const counters = new Float64Array(size);
    for (const key of flat) if (key === key) counters[key]! += 1;
    counters.forEach((n, key) => {
      if (n > 0) {
        keys.push(key);
        rows.push(n);
      }
    });
  } else {
    for (const key of flat.toSorted()) {
      if (key !== key) break; // NaN sorts last
      if (keys.at(-1) === key) rows[rows.length - 1]! += 1;
      else {
        keys.push(key);
        rows.push(1);
      }
    }
  }
  return { keys: Float64Array.from(keys), rows: Float64Array.from(rows) };
}

/** The place of a number among ascending ones. */
function rankOf(values: Float64Array, value: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The cell of every row, [N]; -1 where it has none. Binary search: no table of all possible cells is needed. */
function cellOf(flat: Float64Array, keys: Float64Array): Int32Array {
  return new Int32Array(flat.length).map((_, row) =>
    Number.isNaN(flat[row]) ? -1 : rankOf(keys, flat[row]!),
  );
}

/** Gathers clusters by what they hold. The order of the rows does not matter. */
function unitsOf(cell: Int32Array, clusters: Int32Array): Units {
  const start = new Int32Array(clusters.reduce((most, code) => Math.max(most, code), -1) + 2);
  for (let i = 0; i < cell.length; i++) if (cell[i]! >= 0) start[clusters[i]! + 1]! += 1;
  for (let k = 1; k < start.length; k++) start[k]! += start[k - 1]!;
  const members = new Int32Array(start.at(-1)!);
  const next = start.slice();
  for (let i = 0; i < cell.length; i++)
    if (cell[i]! >= 0) members[next[clusters[i]!]!++] = cell[i]!;

  const kinds = new Map<string, { count: number; readonly parts: readonly [number, number][] }>();
  for (let k = 0; k + 1 < start.length; k++) {
    const held = members.subarray(start[k], start[k + 1]).sort();
    if (held.length === 0) continue;
    const name = held.join();
    const known = kinds.get(name);
    if (known) known.count++;
    else {
      const parts = new Map<number, number>();
      for (const m of held) parts.set(m, (parts.get(m) ?? 0) + 1);
      kinds.set(name, { count: 1, parts: [...parts] });
    }
  }
  const all = [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
  const parts = all.flatMap((kind) => kind.parts);
  let end = 0;
  return {
    count: Float64Array.from(all, ({ count }) => count),
    start: Int32Array.from([0, ...all.map((kind) => (end += kind.parts.length))]),
    cell: Int32Array.from(parts, ([m]) => m),
    rows: Float64Array.from(parts, ([, n]) => n),
  };
}

function unflatten(keys: Float64Array, axes: readonly Axis[]): Int32Array[] {
  const rest = keys.slice();
  return axes
    .toReversed()
    .map(({ size }) => {
      const codes = new Int32Array(rest.length);
      for (let m = 0; m < codes.length; m++) {
        const above = Math.floor(rest[m]! / size);
        codes[m] = rest[m]! - above * size;
        rest[m] = above;
      }
      return codes;
    })
    .reverse();
}
