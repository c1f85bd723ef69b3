/** @file One record of a manifest to a row, or the reason why not. */
import { basename, dirname, posix, resolve } from "node:path";
import { UsageError } from "../run/errors.ts";
import type { Rejected, Row, Split } from "./row.ts";

/** Which columns of the file hold what; attributes are named as their columns. */
export interface ManifestColumns {
  /** Paths of the images, relative to the file. */
  readonly image: string;
  /** Categorical labels. */
  readonly attributes: readonly string[];
  /** Numeric labels. */
  readonly numeric: readonly string[];
  readonly split?: string;
  readonly cluster?: string;
  readonly weight?: string;
  /** Names of the rows, where the image's path is not one. */
  readonly id?: string;
  /** The row each row was augmented from. */
  readonly origin?: string;
}

/** The only labels that an attribute may have. */
export type AllowedLabels = Readonly<Record<string, readonly string[]>>;

const SPLIT_NAMES: Readonly<Record<string, Split | null>> = {
  train: "train",
  validation: "validation",
  valid: "validation",
  val: "validation",
  dev: "validation",
  test: "test",
  "": null,
};

/** What is wrong with a cell: caught by the reader, which knows the line. */
class BadCell extends Error {}

const bad = (column: string, expected: string, received: string): BadCell =>
  new BadCell(`column "${column}": expected ${expected}, received "${received}"`);

function number(column: string, text: string): number {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value)) throw bad(column, "a number", text);
  return value;
}

/** Makes the function that reads the records below `header`. Throws UsageError when a column is missing. */
export function recordReader(
  path: string,
  header: readonly string[],
  columns: ManifestColumns,
  allowed: AllowedLabels,
): (record: readonly string[], line: number) => Row | Rejected {
  const { image, attributes, numeric, split, cluster, weight } = columns;
  // a manifest with copies, as `writeCsv` makes it: a copy that is taken for an original would leak into test
  const withCopies = header.includes("id") && header.includes("origin");
  const { id = withCopies ? "id" : undefined, origin = withCopies ? "origin" : undefined } =
    columns;
  const optional = [split, cluster, weight, id, origin].filter((name) => name !== undefined);
  const wanted = [image, ...attributes, ...numeric, ...optional];
  const quoted = (names: readonly string[]): string =>
    names.map((name) => JSON.stringify(name)).join(", ");
  const missing = wanted.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new UsageError(
      `${path}:1: missing column ${quoted(missing)}, received ${quoted(header)}; name columns that are there in the data section (image, attributes, target, sensitive, ...Column)`,
    );
  }
  const twice = wanted.filter((name) => header.indexOf(name) !== header.lastIndexOf(name));
  if (twice.length > 0) {
    throw new UsageError(`${path}:1: column ${quoted(twice)} occurs twice; rename one of them`);
  }
  const position = new Map(header.map((name, i) => [name, i]));
  const folder = dirname(resolve(path));
  const lineOf = new Map<string, number>();

  const toRow = (record: readonly string[], line: number): Row => {
    if (record.length !== header.length) {
      throw new BadCell(`expected ${header.length} cells, received ${record.length}`);
    }
    const cell = (column: string): string => record[position.get(column)!]!;
    const filled = (column: string): string => {
      const text = cell(column);
      if (text === "") throw bad(column, "a value", "");
      return text;
    };
    const label = (column: string): string => {
      const text = filled(column);
      const labels = Object.hasOwn(allowed, column) ? allowed[column] : undefined;
      if (labels && !labels.includes(text)) throw bad(column, labels.join(", "), text);
      return text;
    };
    const given = (column: string | undefined): string | null =>
      column === undefined ? null : cell(column) || null;
    const splitOf = (column: string): Split | null => {
      const found = SPLIT_NAMES[cell(column).toLowerCase()];
      if (found === undefined) throw bad(column, "train, validation or test", cell(column));
      return found;
    };
    const weightOf = (column: string): number => {
      const value = number(column, cell(column));
      if (value < 0) throw bad(column, "a weight of 0 or more", cell(column));
      return value;
    };

    const file = filled(image);
    const row: Row = {
      id: id === undefined ? posix.normalize(file) : filled(id),
      path: resolve(folder, file),
      labels: Object.fromEntries(attributes.map((name) => [name, label(name)])),
      numbers: Object.fromEntries(numeric.map((name) => [name, number(name, filled(name))])),
      split: split === undefined ? null : splitOf(split),
      weight: weight === undefined ? 1 : weightOf(weight),
      origin: given(origin),
      cluster: given(cluster),
    };
    // copies share their origin's file, so where rows have ids those must differ instead
    const key = id === undefined ? row.path : row.id;
    const earlier = lineOf.get(key);
    if (earlier !== undefined) {
      throw bad(id ?? image, `a value that no other line has (line ${earlier} has it)`, row.id);
    }
    lineOf.set(key, line);
    return row;
  };

  return (record, line) => {
    try {
      return toRow(record, line);
    } catch (problem) {
      if (!(problem instanceof BadCell)) throw problem;
      const name = record[position.get(id ?? image)!] || `line ${line}`;
      return { id: name, reason: `${basename(path)}:${line}: ${problem.message}` };
    }
  };
}
