/** @file Two-way tables of counts: how closely rows and columns go together. */

/** Counts, row-major; whole numbers or weights. counts.length = rows * columns. */
export interface Contingency {
  readonly counts: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** Sums of rows, of columns, and of all. */
interface Margins {
  readonly row: Float64Array;
  readonly column: Float64Array;
  readonly total: number;
}

/** Counts pairs of codes; pairs with a code below 0 are left out. */
export function contingency(
  a: Int32Array,
  b: Int32Array,
  rows: number,
  columns: number,
): Contingency {
  const counts = new Float64Array(rows * columns);
  for (let i = 0; i < a.length; i++)
    if (a[i]! >= 0 && b[i]! >= 0) counts[a[i]! * columns + b[i]!]! += 1;
  return { counts, rows, columns };
}

export function marginsOf({ counts, rows, columns }: Contingency): Margins {
  const row = new Float64Array(rows);
  const column = new Float64Array(columns);
  let total = 0;
  for (let r = 0, at = 0; r < rows; r++)
    for (let c = 0; c < columns; c++, at++) {
      row[r]! += counts[at]!;
      column[c]! += counts[at]!;
      total += counts[at]!;
    }
  return { row, column, total };
}

const present = (sums: Float64Array): number => {
  let found = 0;
  for (const sum of sums) if (sum > 0) found++;
  return found;
};

/** How closely rows and columns go together; all but the degrees are NaN with fewer than two of either. */
export interface Association {
  readonly total: number;
  /** (rows - 1)(columns - 1) of those that hold anything. */
  readonly degrees: number;
  /** Pearson's: sum of (observed - expected)^2 / expected. */
  readonly chiSquare: number;
  /** Cramer's V: sqrt(chi-square / (n min(rows - 1, columns - 1))). */
  readonly cramersV: number;
  /** The same without its bias of small tables (Bergsma 2013); 0 where it would be below. */
  readonly cramersVCorrected: number;
  /** Share of the Gini variance of the columns that the rows explain: Goodman and Kruskal's tau (1954). */
  readonly explained: number;
  /** The same without what chance explains, as adjusted R^2: 0 on average for independent ones, and may be below. */
  readonly explainedCorrected: number;
  /** Mutual information in nats: the mean over rows of the data of ln(lift). */
  readonly information: number;
  /** The same less its bias, degrees / (2 n) (Miller 1955). */
  readonly informationCorrected: number;
  /** Adjusted Rand index of the two partitions (Hubert and Arabie 1985). */
  readonly adjustedRand: number;
}

const pairs = (n: number): number => (n * (n - 1)) / 2;

export function associationOf(table: Contingency): Association {
  const { counts, columns } = table;
  const { row, column, total } = marginsOf(table);
  const [r, c] = [present(row), present(column)];
  const degrees = r < 2 || c < 2 ? 0 : (r - 1) * (c - 1);
  if (degrees === 0) {
    const none = Number.NaN;
    return {
      total,
      degrees,
      chiSquare: none,
      cramersV: none,
      cramersVCorrected: none,
      explained: none,
      explainedCorrected: none,
      information: none,
      informationCorrected: none,
      adjustedRand: none,
    };
  }
  let [squares, within, information, together] = [0, 0, 0, 0];
  for (let at = 0; at < counts.length; at++) {
    const count = counts[at]!;
    if (count === 0) continue;
    const [ofRow, ofColumn] = [row[Math.floor(at / columns)]!, column[at % columns]!];
    squares += (count * count) / (ofRow * ofColumn);
    within += (count * count) / ofRow;
    information += (count / total) * Math.log((count * total) / (ofRow * ofColumn));
    together += pairs(count);
  }
  const phi2 = Math.max(0, squares - 1);
  const gini = column.reduce((sum, n) => sum + (n / total) ** 2, 0);
  const ofRows = row.reduce((sum, n) => sum + pairs(n), 0);
  const ofColumns = column.reduce((sum, n) => sum + pairs(n), 0);
  const chance = (ofRows * ofColumns) / pairs(total);
  const explained = Math.max(0, (within / total - gini) / (1 - gini));
  return {
    total,
    degrees,
    chiSquare: phi2 * total,
    cramersV: Math.min(1, Math.sqrt(phi2 / Math.min(r - 1, c - 1))),
    cramersVCorrected: Math.sqrt(corrected(phi2, r, c, total)),
    explained,
    explainedCorrected: r < total ? 1 - ((1 - explained) * (total - 1)) / (total - r) : 0,
    information: Math.max(0, information),
    informationCorrected: information - degrees / (2 * total),
    adjustedRand: (together - chance) / ((ofRows + ofColumns) / 2 - chance),
  };
}

/** V^2 of Bergsma 2013, "A bias-correction for Cramer's V and Tschuprow's T". */
function corrected(phi2: number, r: number, c: number, n: number): number {
  const less = (k: number): number => k - (k - 1) ** 2 / (n - 1);
  const smaller = Math.min(less(r), less(c)) - 1;
  if (!(smaller > 0)) return 0; // as many groups as rows: nothing is known
  return Math.min(1, Math.max(0, phi2 - ((r - 1) * (c - 1)) / (n - 1)) / smaller);
}
