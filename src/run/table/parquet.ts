/** @file Parquet, row group by row group. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetScan, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { messageOf, UsageError } from "../errors.ts";
import type { Format } from "./batch.ts";

/** Dates and times as texts: labels, like any other. */
const TEXTS = {
  dateFromDays: (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10),
  timestampFromMilliseconds: (ms: bigint) => new Date(Number(ms)).toISOString(),
  timestampFromMicroseconds: (us: bigint) => new Date(Number(us / 1000n)).toISOString(),
  timestampFromNanoseconds: (ns: bigint) => new Date(Number(ns / 1_000_000n)).toISOString(),
};

export const parquet: Format = async function* (path, select) {
  const attempt = async <T>(what: string, result: Promise<T>): Promise<T> => {
    try {
      return await result;
    } catch (cause) {
      throw new UsageError(`${path}: ${what}: ${messageOf(cause)}`, { cause });
    }
  };
  const file = await asyncBufferFromFile(path);
  const metadata = await attempt(
    "not a Parquet file, or one that was cut short",
    parquetMetadataAsync(file, { geoparquet: false }),
  );
  const wanted = select(parquetSchema(metadata).children.map(({ element }) => element.name));
  const scan = await attempt(
    "cannot be read",
    parquetScan({ file, metadata, columns: [...wanted], compressors, parsers: TEXTS }),
  );
  for (const { rowStart, rowEnd } of scan.ranges) {
    const rows = rowEnd - rowStart;
    const columns: ArrayLike<unknown>[] = [];
    for (const column of wanted) {
      const where = `column "${column}", rows ${rowStart + 1} to ${rowEnd}`;
      const values = await attempt(where, scan.readColumn({ column, rowStart, rowEnd }));
      if (values.length !== rows)
        throw new UsageError(
          `${path}: ${where}: expected ${rows} values, received ${values.length}`,
        );
      columns.push(values);
    }
    yield { rows, columns, lines: null, done: rowEnd / Number(metadata.num_rows) };
  }
};
