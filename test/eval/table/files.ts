/** @file Tables for tests, written as the programs of users write them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { stringify } from "csv-stringify/sync";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll } from "vitest";

/** A value as a program has it. */
export type Value = string | number | bigint | boolean | Date | null;
/** Rows by column. */
export type Rows = Readonly<Record<string, readonly Value[]>>;

/** A folder that is gone after the tests of a file; makes files in it. */
export function temporaryFiles(): (name: string, content: string | Uint8Array) => string {
  const folder = mkdtempSync(join(tmpdir(), "equiclip-table-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
}

const textOf = (value: Value): string =>
  value === null ? "" : value instanceof Date ? value.toISOString() : String(value);

const recordsOf = (rows: Rows): Value[][] =>
  (Object.values(rows)[0] ?? []).map((_, i) => Object.values(rows).map((column) => column[i]!));

export const csv = (rows: Rows, delimiter = ","): string =>
  stringify([Object.keys(rows), ...recordsOf(rows).map((record) => record.map(textOf))], {
    delimiter,
  });

export const jsonLines = (rows: Rows): string =>
  recordsOf(rows)
    .map((record) => Object.fromEntries(record.map((value, c) => [Object.keys(rows)[c]!, value])))
    .map((record) =>
      JSON.stringify(record, (_, value: unknown) =>
        typeof value === "bigint" ? Number(value) : value,
      ),
    )
    .join("\n");

export type Codec = "SNAPPY" | "GZIP" | "UNCOMPRESSED";

/** Several row groups, whatever the number of rows. */
export const parquet = (rows: Rows, codec: Codec = "SNAPPY", rowGroupSize = 7): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      codec,
      rowGroupSize,
      compressors: { GZIP: (input) => gzipSync(input) },
      columnData: Object.entries(rows).map(([name, data]) => ({
        name,
        data: [...data],
        nullable: data.includes(null),
      })),
    }),
  );
