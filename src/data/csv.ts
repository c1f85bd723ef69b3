/** @file Manifests as CSV or TSV files (by the name's ending). */
import { createReadStream } from "node:fs";
import { dirname, extname, posix, relative, resolve, sep } from "node:path";
import { CsvError, type Info, parse } from "csv-parse";
import { stringify } from "csv-stringify/sync";
import { messageOf, UsageError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import { requireRows } from "./accept.ts";
import { type AllowedLabels, type ManifestColumns, recordReader } from "./csv-record.ts";
import type { Manifest, Rejected, Row } from "./row.ts";

/** What csv-parse gives for each record. */
interface Parsed {
  readonly record: string[];
  readonly info: Info;
}

const delimiterOf = (path: string): string => (extname(path).toLowerCase() === ".tsv" ? "\t" : ",");

/**
 * Reads a manifest, streaming. A record with an empty cell, a bad number, an unknown split, a label that is not allowed
 * or a path that an earlier line has is rejected with `file:line`, what was expected and what came.
 *
 * @throws UsageError when the file is missing, empty or not CSV, a column is missing, or no record is usable
 */
export async function readCsv(
  path: string,
  columns: ManifestColumns,
  allowed: AllowedLabels = {},
): Promise<Manifest> {
  const rows: Row[] = [];
  const rejected: Rejected[] = [];
  let read: ReturnType<typeof recordReader> | null = null;
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(path),
    info: true,
    relax_column_count: true, // counted below, so that one short line does not end the file
    skip_empty_lines: true,
    trim: true,
  });
  const source = createReadStream(path);
  source.on("error", (cause) => parser.destroy(cause)).pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>) {
      if (!read) {
        read = recordReader(path, record, columns, allowed);
        continue;
      }
      const result = read(record, info.lines);
      if ("reason" in result) rejected.push(result);
      else rows.push(result);
    }
  } catch (cause) {
    throw cause instanceof UsageError ? cause : unreadable(path, cause);
  } finally {
    source.destroy();
  }
  if (!read) throw new UsageError(`${path}: the file is empty, expected a header line`);
  return requireRows({ source: path, rows, rejected }, "a record after the header line");
}

function unreadable(path: string, cause: unknown): UsageError {
  if (cause instanceof CsvError) {
    const line = typeof cause["lines"] === "number" ? `:${cause["lines"]}` : "";
    return new UsageError(`${path}${line}: not a valid CSV file: ${cause.message}`, { cause });
  }
  const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  const what = missing ? "no such file; check data.path" : `cannot be read: ${messageOf(cause)}`;
  return new UsageError(`${path}: ${what}`, { cause });
}

/** Writes rows as a manifest and returns the columns to read it back with. Paths are relative to the file. */
export async function writeCsv(path: string, rows: readonly Row[]): Promise<ManifestColumns> {
  const folder = dirname(resolve(path));
  const image = (row: Row): string => relative(folder, row.path).split(sep).join(posix.sep);
  const names = (of: (row: Row) => object): string[] => [
    ...new Set(rows.flatMap((row) => Object.keys(of(row)))),
  ];
  const attributes = names((row) => row.labels);
  const numeric = names((row) => row.numbers);
  // a column that would say nothing is left out
  const optional = {
    id: rows.some((row) => row.id !== image(row)) ? (row: Row) => row.id : null,
    split: rows.some((row) => row.split) ? (row: Row) => row.split : null,
    weight: rows.some((row) => row.weight !== 1) ? (row: Row) => row.weight : null,
    cluster: rows.some((row) => row.cluster) ? (row: Row) => row.cluster : null,
    origin: rows.some((row) => row.origin) ? (row: Row) => row.origin : null,
  };
  const extra = Object.entries(optional).flatMap(([name, cell]) => (cell ? [{ name, cell }] : []));
  const lines = rows.map((row) => [
    image(row),
    ...attributes.map((name) => row.labels[name]),
    ...numeric.map((name) => row.numbers[name]),
    ...extra.map(({ cell }) => cell(row)),
  ]);
  const header = ["image", ...attributes, ...numeric, ...extra.map(({ name }) => name)];
  await writeFileAtomic(path, stringify([header, ...lines], { delimiter: delimiterOf(path) }));
  const present = Object.fromEntries(extra.map(({ name }) => [name, name]));
  return { image: "image", attributes, numeric, ...present };
}
