/** @file CSV and TSV. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { CsvError, Parser } from "csv-parse";
import { EquiclipError, messageOf, UsageError } from "../errors.ts";
import type { Batch, Format, Select } from "./batch.ts";

const ROWS = 4096; // of a batch

interface Dialect {
  readonly delimiter: string;
  /** Whether quotes within a cell, as sentences have them, are characters like any other; otherwise an error. */
  readonly relax_quotes?: boolean;
}

/**
 * Gives batches of columns in place of csv-parse's records: handing on single records, each with its line, takes more
 * than twice the time of parsing them.
 */
class BatchParser extends Parser {
  readonly #select: Select;
  readonly #size: number;
  #wanted: readonly number[] | null = null;
  #columns: string[][] = [];
  #lines: number[] = [];

  constructor(dialect: Dialect, size: number, select: Select) {
    super({ bom: true, skip_empty_lines: true, max_record_size: 1 << 24, ...dialect });
    this.#size = size;
    this.#select = select;
  }

  override push(record: string[] | null): boolean {
    if (this.errored) return false;
    if (record === null) {
      if (this.#lines.length > 0) this.#flush();
      return super.push(null);
    }
    if (this.#wanted) {
      for (let c = 0; c < this.#wanted.length; c++)
        this.#columns[c]!.push(record[this.#wanted[c]!]!);
      this.#lines.push(this.info.lines);
      return this.#lines.length < ROWS || this.#flush();
    }
    try {
      this.#wanted = this.#select(record).map((name) => record.indexOf(name));
    } catch (cause) {
      this.destroy(cause as Error);
    }
    this.#columns = this.#wanted?.map(() => []) ?? [];
    return true;
  }

  #flush(): boolean {
    const batch: Batch = {
      rows: this.#lines.length,
      columns: this.#columns,
      lines: this.#lines,
      done: this.info.bytes / this.#size,
    };
    this.#columns = this.#columns.map(() => []);
    this.#lines = [];
    return super.push(batch);
  }
}

/** The first record holds the names of the columns; empty lines are skipped. */
export const delimited = (dialect: Dialect): Format =>
  async function* (path, select) {
    const { size } = await stat(path);
    const parser = new BatchParser(dialect, size, select);
    const source = createReadStream(path, { highWaterMark: 1 << 18 });
    source.on("error", (cause) => parser.destroy(cause)).pipe(parser);
    try {
      for await (const batch of parser as AsyncIterable<Batch>) yield batch;
    } catch (cause) {
      throw unreadable(path, cause);
    } finally {
      source.destroy();
    }
  };

function unreadable(path: string, cause: unknown): EquiclipError {
  if (cause instanceof EquiclipError) return cause;
  if (!(cause instanceof CsvError))
    return new UsageError(`${path}: cannot be read: ${messageOf(cause)}`, { cause });
  const { code, record, lines } = cause as CsvError & { record?: string[]; lines: number };
  const said =
    code === "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH"
      ? `expected as many cells as the header has, received ${record!.length}; quote cells that hold the delimiter`
      : `not valid CSV: ${cause.message}`;
  return new UsageError(`${path}:${lines}: ${said}`, { cause });
}
