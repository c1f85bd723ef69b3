/** @file Files of embeddings: one value in and out, whatever the format. */
import { extname } from "node:path";
import { EquiclipError, UsageError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import type { EmbeddingChoice, EmbeddingFile, EmbeddingFormat } from "./format.ts";
import { npy } from "./npy.ts";
import { parquet } from "./parquet.ts";
import { safetensors } from "./safetensors.ts";

const FORMATS: Readonly<Record<string, EmbeddingFormat>> = {
  ".safetensors": safetensors,
  ".npy": npy,
  ".parquet": parquet,
};

/** How files of this name are read and written. Throws UsageError unless it ends like a format's. */
export function formatOf(path: string): EmbeddingFormat {
  const format = FORMATS[extname(path).toLowerCase()];
  if (format) return format;
  throw new UsageError(
    `${path}: expected embeddings in a file that ends in ${Object.keys(FORMATS).join(", ")}, received "${extname(path)}"; save them as one of these`,
  );
}

/**
 * Reads embeddings; 16- and 64-bit floats become 32-bit ones.
 * @throws {EquiclipError} when there is no such file, it is damaged or holds no single matrix, a number is NaN or infinite
 * (naming row and column), a row is all zeros, or two rows have one name
 */
export async function readEmbeddings(
  path: string,
  choice: EmbeddingChoice = {},
): Promise<EmbeddingFile> {
  const embeddings = await formatOf(path).read(path, choice);
  checkNumbers(path, embeddings);
  checkIds(path, embeddings);
  return embeddings;
}

/** Writes embeddings whole or not at all. @throws {EquiclipError} when they are bad (see `readEmbeddings`) or the disk is full */
export async function writeEmbeddings(path: string, embeddings: EmbeddingFile): Promise<void> {
  const { encode } = formatOf(path);
  checkNumbers(path, embeddings);
  checkIds(path, embeddings);
  for (const [suffix, bytes] of Object.entries(encode(embeddings)))
    await writeFileAtomic(`${path}${suffix}`, bytes);
}

const rowName = ({ ids }: EmbeddingFile, row: number): string =>
  ids ? `row ${row} (${ids[row]})` : `row ${row}`;

const MOST_NAMED = 3;

function checkNumbers(path: string, embeddings: EmbeddingFile): void {
  const { x, n, d } = embeddings;
  if (x.length !== n * d || n < 1 || d < 1)
    throw new UsageError(
      `${path}: expected embeddings [rows, numbers], received ${x.length} numbers for [${n}, ${d}]`,
    );
  const bad = x.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new EquiclipError(
      `${path}: ${rowName(embeddings, Math.floor(bad / d))}, column ${bad % d} is ${x[bad]}; expected a finite 32-bit number; embed that row again or drop it`,
    );
  const zeros: number[] = [];
  for (let row = 0; row < n; row++)
    if (x.subarray(row * d, (row + 1) * d).every((value) => value === 0)) zeros.push(row);
  if (zeros.length === 0) return;
  const named = zeros.slice(0, MOST_NAMED).map((row) => rowName(embeddings, row));
  throw new EquiclipError(
    `${path}: ${zeros.length} of ${n} rows are all zeros, which have no direction: ${named.join(", ")}${zeros.length > MOST_NAMED ? ", ..." : ""}; drop them from embeddings and manifest`,
  );
}

function checkIds(path: string, { ids, n }: EmbeddingFile): void {
  if (!ids) return;
  if (ids.length !== n)
    throw new EquiclipError(
      `${path}: expected a name for each of ${n} rows, received ${ids.length}; write the file again`,
    );
  const rowOf = new Map<string, number>();
  for (const [row, id] of ids.entries()) {
    const earlier = rowOf.get(id);
    if (earlier !== undefined)
      throw new EquiclipError(
        `${path}: rows ${earlier} and ${row} are both named ${JSON.stringify(id)}; expected different names`,
      );
    rowOf.set(id, row);
  }
}
