/** @file Which rows of a table are measured, and which are left out and why. */
import { UsageError } from "../../run/errors.ts";
import type { Source } from "../report/source.ts";
import { listed, type TableColumns } from "./columns.ts";
import type { RawTable } from "./gather.ts";
import { Growing } from "./growing.ts";
import { spellingOf } from "./labels.ts";
import { needsOf } from "./needs.ts";

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

/** Rows left out for one reason: how many, and which came first. */
export class LeftOut {
  rows = 0;
  readonly first: string[] = [];

  add(place: () => string): void {
    this.rows++;
    if (this.first.length < NAMED) this.first.push(place());
  }
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
  const needs = needsOf(raw, columns).map((need) => ({ need, tally: new LeftOut() }));
  const others = new LeftOut();
  const kept = {
    measured: new Growing((length) => new Int32Array(length)),
    choosing: new Growing((length) => new Int32Array(length)),
  };
  let incomplete = 0;
  for (let row = 0; row < rows; row++) {
    const split = splitOf(row);
    if (split === "other") {
      others.add(() => places.of(row));
      continue;
    }
    let complete = true;
    for (const { need, tally } of needs)
      if (need.lacks(row)) {
        complete = false;
        tally.add(() => placeAnd(places.of(row), need.received(row)));
      }
    if (complete) kept[split].push(row);
    else incomplete++;
  }
  const missing = needs
    .map(({ need: { column, reason }, tally }) => ({ column, reason, ...tally }))
    .filter((tally) => tally.rows > 0);
  const used = rows - others.rows;
  if (incomplete > maxMissing * used) throw tooMany(path, missing, incomplete, used);
  const { measured, choosing } = { measured: kept.measured.values, choosing: kept.choosing.values };
  if (measured.length === 0)
    throw new UsageError(`${path}: every row lacks a value, so none is left to measure`);
  for (const part of [measured, choosing]) checkWeights(raw, columns, part);
  const split = { column: columns.split ?? "", reason: `split is not ${splits.test}`, ...others };
  return { measured, choosing, leftOut: others.rows > 0 ? [...missing, split] : missing };
}

const placeAnd = (place: string, received: string | undefined): string =>
  received === undefined ? place : `${place} ${JSON.stringify(received)}`;

function tooMany(
  path: string,
  missing: Source["leftOut"],
  incomplete: number,
  used: number,
): UsageError {
  const told = missing.map(
    ({ column, reason, rows, first }) =>
      `column "${column}" in ${rows} (${first.join(", ")}${rows > first.length ? ", ..." : ""}: ${reason})`,
  );
  const share = Math.ceil((1000 * incomplete) / used) / 1000;
  return new UsageError(
    `${path}: ${incomplete} of ${used} rows lack a value: ${told.join("; ")}; give the values, or leave such rows out with --max-missing ${share}`,
  );
}

function splitsOf(
  { path, split }: RawTable,
  columns: TableColumns,
  { test, threshold }: Splits,
): (row: number) => keyof Pick<UsedRows, "measured" | "choosing"> | "other" {
  if (!split) return () => "measured";
  const wanted = threshold === null ? [test] : [test, threshold];
  const { of } = spellingOf([...split.texts, ...wanted]);
  for (const name of wanted)
    if (!split.texts.some((text) => of(text) === of(name)))
      throw new UsageError(
        `${path}: no row of column "${columns.split}" has the split ${name}; there are ${listed(split.texts)}`,
      );
  const useOf = split.texts.map((text) => {
    if (of(text) === of(test)) return "measured";
    return threshold !== null && of(text) === of(threshold) ? "choosing" : "other";
  });
  // a row without split is used, and found to lack it
  return (row) => useOf[split.codes[row]!] ?? "measured";
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
