/** @file Embeddings in Parquet: a column of lists, or one column for each dimension. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetScan, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { parquetWriteBuffer } from "hyparquet-writer";
import { EquiclipError, UsageError, messageOf } from "../run/errors.ts";
import type { EmbeddingChoice, EmbeddingFile, EmbeddingFormat } from "./format.ts";

type Tree = ReturnType<typeof parquetSchema>;

/** Columns of files that are written. */
const COLUMN = "embedding";
const ID = "id";

const isFloat = ({ element, children }: Tree): boolean =>
  children.length === 0 &&
  (["FLOAT", "DOUBLE"].includes(element.type ?? "") || element.logical_type?.type === "FLOAT16");

/** One repeated number: `list<element: float>` in any of the forms that writers gave it. */
function isFloatList(tree: Tree): boolean {
  let repeated = 0;
  for (let at = tree; ; at = at.children[0]!) {
    if (at.element.repetition_type === "REPEATED") repeated++;
    if (at.children.length === 0) return repeated === 1 && isFloat(at);
    if (at.children.length > 1) return false;
  }
}

/** A column that holds whole rows, or one column for each dimension, in order. */
type Layout =
  | { readonly kind: "lists"; readonly column: string }
  | { readonly kind: "columns"; readonly columns: readonly string[] };

/** Columns of floats that are named alike and numbered, by the text in front, in the order of their numbers. */
function numbered(columns: readonly Tree[]): Map<string, string[]> {
  const groups = new Map<string, { name: string; index: number }[]>();
  for (const { element } of columns.filter(isFloat)) {
    const found = /^(.*?)(\d+)$/.exec(element.name);
    if (!found) continue;
    const group = groups.get(found[1]!) ?? [];
    group.push({ name: element.name, index: Number(found[2]) });
    groups.set(found[1]!, group);
  }
  return new Map(
    [...groups].map(([stem, group]) => [
      stem,
      group.sort((a, b) => a.index - b.index).map(({ name }) => name),
    ]),
  );
}

function layoutOf(path: string, columns: readonly Tree[], column: string | undefined): Layout {
  const lists = columns.filter(isFloatList).map(({ element }) => element.name);
  const groups = numbered(columns);
  const wanted = (name: string): boolean => column === undefined || name === column;
  const foundLists = lists.filter(wanted);
  const foundGroups = [...groups].filter(([stem]) => wanted(stem));
  if (foundLists.length === 1) return { kind: "lists", column: foundLists[0]! };
  if (foundLists.length === 0 && foundGroups.length === 1) {
    const [[stem, names]] = foundGroups as [[string, string[]]];
    const first = Number(names[0]!.slice(stem.length));
    const gap = names.findIndex((name, i) => Number(name.slice(stem.length)) !== first + i);
    if (gap < 0 && first <= 1) return { kind: "columns", columns: names };
    throw new UsageError(
      `${path}: expected columns ${stem}0, ${stem}1, ... without a gap, received ${names[Math.max(gap, 0)]} as number ${Math.max(gap, 0) + 1}; name another column or write them all`,
    );
  }
  const what =
    column === undefined ? "one column" : `a column "${column}", or columns "${column}0", ...,`;
  const there = columns.slice(0, 12).map(({ element }) => element.name);
  throw new UsageError(
    `${path}: expected ${what} of lists of floats, received ${there.join(", ")}${columns.length > 12 ? ", ..." : ""}; name it`,
  );
}

/** Puts the lists of rows from `start` on into the matrix, which is made when the first list tells how wide it is. */
function placeLists(
  path: string,
  lists: ArrayLike<unknown>,
  start: number,
  rows: number,
  into: Float32Array | null,
): Float32Array {
  let x = into;
  for (let i = 0; i < lists.length; i++) {
    const list = lists[i] as ArrayLike<number> | null | undefined;
    x ??= new Float32Array(rows * (list?.length ?? 0));
    const width = x.length / rows;
    if (list?.length !== width || width === 0)
      throw new EquiclipError(
        `${path}: row ${start + i}: expected a list of ${width || "at least one"} numbers, received ${list ? list.length : "none"}; every row needs as many`,
      );
    x.set(list, (start + i) * width);
  }
  return x ?? new Float32Array(0);
}

async function read(path: string, choice: EmbeddingChoice): Promise<EmbeddingFile> {
  const attempt = async <T>(what: string, result: Promise<T>): Promise<T> => {
    try {
      return await result;
    } catch (cause) {
      throw new UsageError(`${path}: ${what}: ${messageOf(cause)}`, { cause });
    }
  };
  const file = await attempt("cannot be read", asyncBufferFromFile(path));
  const metadata = await attempt(
    "not a Parquet file, or one that was cut short",
    parquetMetadataAsync(file, { geoparquet: false }),
  );
  const columns = parquetSchema(metadata).children;
  const names = columns.map(({ element }) => element.name);
  const layout = layoutOf(path, columns, choice.column);
  const id = choice.id ?? (names.includes(ID) ? ID : null);
  if (id !== null && !names.includes(id))
    throw new UsageError(`${path}: expected a column "${id}" of row names; name one that is there`);
  const wanted = layout.kind === "lists" ? [layout.column] : [...layout.columns];
  const n = Number(metadata.num_rows);
  const scan = await attempt(
    "cannot be read",
    parquetScan({
      file,
      metadata,
      columns: [...wanted, ...(id === null ? [] : [id])],
      compressors,
    }),
  );
  let x: Float32Array | null =
    layout.kind === "columns" ? new Float32Array(n * layout.columns.length) : null;
  const ids: string[] = [];
  for (const { rowStart, rowEnd } of scan.ranges) {
    const values = (column: string) =>
      attempt(`column "${column}"`, scan.readColumn({ column, rowStart, rowEnd }));
    if (id !== null) for (const name of await values(id)) ids.push(String(name));
    if (layout.kind === "lists") x = placeLists(path, await values(layout.column), rowStart, n, x);
    else
      for (const [column, name] of layout.columns.entries()) {
        const numbers = await values(name);
        for (let i = 0; i < numbers.length; i++)
          // a missing value is no number
          x![(rowStart + i) * layout.columns.length + column] = (numbers[i] ??
            Number.NaN) as number;
      }
  }
  const texts = (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]);
  return {
    x: x ?? new Float32Array(0),
    n,
    d: n > 0 ? (x?.length ?? 0) / n : 0,
    ids: id === null ? null : ids,
    metadata: Object.fromEntries(texts) as Record<string, string>,
  };
}

/** Rows of one group, so that a reader needs no more memory than for these. */
const GROUP = 10_000;

function encode({ x, n, d, ids, metadata }: EmbeddingFile): { "": Uint8Array[] } {
  const rows = Array.from({ length: n }, (_, i) => Array.from(x.subarray(i * d, (i + 1) * d)));
  const list = [
    { name: COLUMN, repetition_type: "REQUIRED", converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", type: "FLOAT", repetition_type: "REQUIRED" },
  ] as const;
  const text = {
    name: ID,
    type: "BYTE_ARRAY",
    converted_type: "UTF8",
    repetition_type: "REQUIRED",
  } as const;
  const bytes = parquetWriteBuffer({
    columnData: [
      ...(ids ? [{ name: ID, data: [...ids] }] : []),
      { name: COLUMN, data: rows, encoding: "PLAIN" as const },
    ],
    schema: [{ name: "root", num_children: ids ? 2 : 1 }, ...(ids ? [text] : []), ...list],
    codec: "UNCOMPRESSED", // embeddings do not get smaller
    statistics: false,
    rowGroupSize: GROUP,
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: "equiclip",
  });
  return { "": [new Uint8Array(bytes)] };
}

export const parquet: EmbeddingFormat = { read, encode };
