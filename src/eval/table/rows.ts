/** @file Which rows of a table are measured, and which are left out and why. */
import { UsageError } from "../../run/errors.ts";
import type { Source } from "../report.ts";
import type { TableColumns } from "./columns.ts";
import type { RawTable } from "./gather.ts";
import { spellingOf, type LabelColumn } from "./labels.ts";
import type { NumberColumn } from "./numbers.ts";

/** Names of the splits that are used. */
export interface Splits {
  /** Measured. */
  readonly test: string;
  /** Where a threshold is chosen; null when none is. */
  readonly threshold: string | null;
}

export interface UsedRows {
  /** Indices of the rows to measure, ascending. */
  readonly measured: Int32Array;
  /** Indices of the rows to choose a threshold on. */
  readonly choosing: Int32Array;
  readonly leftOut: Source["leftOut"];
}

const NAMED = 5; // rows left out for one reason

/** Rows of one reason, counted, the first of them named. */
class Tally {
  rows = 0;
  readonly first: string[] = [];
  add(place: string | (() => string)): void {
    this.rows++;
    if (this.first.length < NAMED) this.first.push(typeof place === "string" ? place : place());
  }
}

interface Needed {
  readonly column: string;
  readonly reason: string;
  readonly lacks: (row: number) => boolean;
}

/**
 * @param maxMissing largest share of the rows that may be left out because they lack a value
 * @throws UsageError when more rows lack one, a split has no rows, or a weight is negative or infinite
 */
export function useRows(
  raw: RawTable,
  columns: TableColumns,
  splits: Splits,
  maxMissing: number,
): UsedRows {
  const { path, places, rows } = raw;
  const splitOf = splitsOf(raw, columns, splits);
  const needed = neededOf(raw, columns);
  const lacking = needed.map(() => new Tally());
  const others = new Tally();
  const measured: number[] | Int32Array = new Int32Array(rows);
  const choosing: number[] = [];
  let [kept, incomplete, used] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const split = splitOf(row);
    if (split === OTHER) {
      others.add(() => places.of(row));
      continue;
    }
    used++;
    let complete = true;
    for (let c = 0; c < needed.length; c++)
      if (needed[c]!.lacks(row)) {
        lacking[c]!.add(() => places.of(row));
        complete = false;
      }
    if (!complete) incomplete++;
    else if (split === CHOOSING) choosing.push(row);
    else measured[kept++] = row;
  }
  const missing = needed
    .map(({ column, reason }, c) => ({ column, reason, ...lacking[c]! }))
    .filter((tally) => tally.rows > 0);
  if (incomplete > maxMissing * used) {
    const share = Math.ceil((1000 * incomplete) / used) / 1000;
    const told = missing.map(
      ({ column, reason, rows: n, first }) =>
        `column "${column}" in ${n} (${first.join(", ")}${n > first.length ? ", ..." : ""}: ${reason})`,
    );
    throw new UsageError(
      `${path}: ${incomplete} of ${used} rows lack a value: ${told.join("; ")}; give the values, or leave such rows out with --max-missing ${share}`,
    );
  }
  checkWeights(raw, columns, measured.subarray(0, kept));
  if (kept === 0)
    throw new UsageError(`${path}: every row lacks a value, so none is left to measure`);
  return {
    measured: measured.subarray(0, kept),
    choosing: Int32Array.from(choosing),
    leftOut: [
      ...missing,
      ...(others.rows > 0
        ? [{ column: columns.split!, reason: `split is not ${splits.test}`, ...others }]
        : []),
    ],
  };
}

const OTHER = 0;
const MEASURED = 1;
const CHOOSING = 2;
type SplitCode = typeof OTHER | typeof MEASURED | typeof CHOOSING;

function splitsOf(
  { path, split }: RawTable,
  columns: TableColumns,
  { test, threshold }: Splits,
): (row: number) => SplitCode {
  if (!split) return () => MEASURED;
  const wanted = threshold === null ? [test] : [test, threshold];
  const { of } = spellingOf([...split.texts, ...wanted]);
  for (const name of wanted)
    if (!split.texts.some((text) => of(text) === of(name)))
      throw new UsageError(
        `${path}: no row of column "${columns.split}" has the split ${name}; there are ${split.texts.join(", ")}`,
      );
  const codes = split.texts.map((text): SplitCode => {
    if (of(text) === of(test)) return MEASURED;
    return threshold !== null && of(text) === of(threshold) ? CHOOSING : OTHER;
  });
  // a row without split is used, and found to lack it
  return (row) => codes[split.codes[row]!] ?? MEASURED;
}

/** What a row must have to be used. */
function neededOf(raw: RawTable, columns: TableColumns): Needed[] {
  const label = (name: string | undefined, column: LabelColumn | null): Needed[] => {
    if (!column) return [];
    const { of } = spellingOf(column.texts);
    const isNone = column.texts.map((text) => of(text) === null);
    const { codes } = column;
    return [
      {
        column: name!,
        reason: "missing",
        lacks: (row) => codes[row]! < 0 || isNone[codes[row]!]!,
      },
    ];
  };
  const number = (name: string, column: NumberColumn | null): Needed[] => {
    if (!column) return [];
    const { values } = column;
    return [
      { column: name, reason: "no finite number", lacks: (row) => !Number.isFinite(values[row]!) },
    ];
  };
  const { id, weight } = raw;
  return [
    ...label(columns.truth, raw.truth),
    ...label(columns.predicted, raw.predicted),
    ...label(columns.before, raw.before),
    ...number(columns.score ?? "", raw.score),
    ...[...raw.scores].flatMap(([name, column]) => number(`${columns.scores}${name}`, column)),
    // an infinite weight is no missing one
    ...(weight
      ? [
          {
            column: columns.weight!,
            reason: "no number",
            lacks: (row: number) => Number.isNaN(weight.values[row]!),
          },
        ]
      : []),
    ...label(columns.cluster, raw.cluster),
    ...label(columns.split, raw.split),
    ...(id
      ? [
          {
            column: columns.id!,
            reason: "missing",
            lacks: (row: number) => id.texts[row] === null,
          },
        ]
      : []),
  ];
}

function checkWeights({ path, places, weight }: RawTable, columns: TableColumns, rows: Int32Array) {
  if (!weight) return;
  const { values } = weight;
  const bad = rows.find((row) => !(values[row]! >= 0 && values[row]! < Infinity));
  if (bad !== undefined)
    throw new UsageError(
      `${places.in(path, bad)}: column "${columns.weight}": expected a finite weight of at least 0, received ${values[bad]}`,
    );
}
