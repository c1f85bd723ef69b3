/** @file Similarities of rows to queries, from a table: CSV, TSV, JSON Lines or Parquet. */
import { UsageError } from "../../run/errors.ts";
import { type Progress, silent } from "../../run/progress.ts";
import { checkThere } from "../table/columns.ts";
import { groupColumns } from "../table/gather.ts";
import { groupsOf } from "../table/groups.ts";
import type { NumberColumn } from "../table/numbers.ts";
import type { Places } from "../table/places.ts";
import { openTable } from "../table/reader.ts";
import { LeftOut } from "../table/rows.ts";
import type { RetrievalReport } from "./report.ts";
import type { Similarities } from "./retrieve.ts";

export interface SimilarityColumns {
  /** One for each query. */
  readonly queries: readonly string[];
  /** Sensitive attributes. */
  readonly groups: readonly string[];
  /** Names of the rows. */
  readonly id?: string | undefined;
}

export interface SimilarityOptions {
  /** Lower ends of the bands that a group column of numbers is cut into, by column. */
  readonly bins?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Largest share of the rows that may be without a similarity to a query; 0 by default. */
  readonly maxMissing?: number | undefined;
}

export interface SimilarityTable {
  readonly similarities: Similarities;
  readonly source: NonNullable<RetrievalReport["source"]>;
}

/**
 * Reads the columns that are named. An empty cell, null and what is no finite number is a missing similarity.
 * @throws UsageError with what is wrong, in which column and line
 */
export async function readSimilarities(
  path: string,
  columns: SimilarityColumns,
  { bins = {}, maxMissing = 0 }: SimilarityOptions = {},
  progress: Progress = silent,
): Promise<SimilarityTable> {
  const { reader, format } = await openTable(path);
  const { places } = reader;
  const scores = columns.queries.map((name) => ({ name, column: reader.numbers(name) }));
  const groups = groupColumns(reader, columns.groups, Object.keys(bins));
  const ids = columns.id === undefined ? null : reader.texts(columns.id);
  const wanted = [
    ...columns.queries,
    ...columns.groups,
    ...(columns.id === undefined ? [] : [columns.id]),
  ];
  const rows = await reader.fill(format, (names) => checkThere(path, wanted, names), progress);
  if (rows === 0) throw new UsageError(`${path}: no rows; expected at least one`);

  const missing = scores.map(({ name, column }) => leaveOut(name, column, places));
  const over = missing.find((of) => of.rows > maxMissing * rows);
  if (over)
    throw new UsageError(
      `${path}: column "${over.column}" has no finite number in ${over.rows} of ${rows} rows (${over.first.join(", ")}); give the values, or leave such rows out with --max-missing ${Math.ceil((1000 * over.rows) / rows) / 1000}`,
    );
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  const attributes = groupsOf({ path, places, groups }, all, bins);
  return {
    similarities: {
      ...(ids && { ids: ids.texts.map((text, row) => text ?? places.of(row)) }),
      queries: Object.fromEntries(scores.map(({ name, column }) => [name, column.values])),
      groups: attributes.columns,
    },
    source: {
      file: path,
      format,
      rows,
      columns: columns.id === undefined ? {} : { id: columns.id },
      leftOut: missing.filter((of) => of.rows > 0),
      noGroup: attributes.noGroup,
    },
  };
}

/** Rows without a similarity to a query, which count as NaN from here on. */
function leaveOut(
  name: string,
  column: NumberColumn,
  places: Places,
): SimilarityTable["source"]["leftOut"][number] {
  const tally = new LeftOut();
  const { values } = column;
  values.forEach((value, row) => {
    if (Number.isFinite(value)) return;
    values[row] = Number.NaN;
    const received = column.received(row);
    const shown = received === undefined ? "" : ` ${JSON.stringify(received)}`;
    tally.add(() => `${places.of(row)}${shown}`);
  });
  return { column: name, reason: "no finite number: left out of this query alone", ...tally };
}
