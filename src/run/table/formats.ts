/** @file The formats of tables, known by the ending of the file's name. */
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { messageOf, UsageError } from "../errors.ts";
import type { Format } from "./batch.ts";
import { delimited } from "./csv.ts";
import { jsonLines } from "./jsonl.ts";
import { parquet } from "./parquet.ts";

export type TableFormat = "csv" | "tsv" | "jsonl" | "parquet";

export const FORMATS: Readonly<Record<TableFormat, Format>> = {
  csv: delimited({ delimiter: "," }),
  tsv: delimited({ delimiter: "\t" }),
  jsonl: jsonLines,
  parquet,
};

const ENDINGS: Readonly<Record<string, TableFormat>> = {
  ".csv": "csv",
  ".tsv": "tsv",
  ".tab": "tsv",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".parquet": "parquet",
  ".pq": "parquet",
};

/** The format of a file that is there and not empty. @throws UsageError */
export async function formatOf(path: string): Promise<TableFormat> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(
      cause.code === "ENOENT"
        ? `${path}: no such file`
        : `${path}: cannot be read: ${messageOf(cause)}`,
      { cause },
    );
  });
  if (!found.isFile()) throw new UsageError(`${path}: expected a file, received a folder`);
  if (found.size === 0) throw new UsageError(`${path}: the file is empty; expected a table`);
  const format = ENDINGS[extname(path).toLowerCase()];
  if (format === undefined)
    throw new UsageError(
      `${path}: expected a name that ends in ${Object.keys(ENDINGS).join(", ")}, which says how it is read`,
    );
  return format;
}
