/** @file Embeddings with the names of their rows, which may lie in a table beside them. */
import { readEmbeddings } from "../embed/embedding-file.ts";
import type { EmbeddingChoice, EmbeddingFile } from "../embed/format.ts";
import { openTable } from "../eval/table/reader.ts";
import { UsageError } from "../run/errors.ts";

export interface NamedFile extends EmbeddingChoice {
  readonly file: string;
  /** Table with a name for each row, in their order; null names are those in the file. */
  readonly names?: { readonly file: string; readonly column: string } | undefined;
}

/** @throws {EquiclipError} when the file or the table cannot be used */
export async function namedEmbeddings({
  file,
  names,
  ...choice
}: NamedFile): Promise<EmbeddingFile> {
  const embeddings = await readEmbeddings(file, choice);
  if (!names) return embeddings;
  const [ids] = await columnsOf(names.file, [names.column]);
  if (ids!.length !== embeddings.n)
    throw new UsageError(
      `${names.file}: expected a name for each of the ${embeddings.n} embeddings of ${file}, received ${ids!.length}; name the table that was written with them`,
    );
  const seen = new Set<string>();
  const twice = ids!.find((id) => seen.size === seen.add(id).size);
  if (twice !== undefined)
    throw new UsageError(
      `${names.file}: column ${names.column}: expected different names, received "${twice}" twice`,
    );
  return { ...embeddings, ids: ids! };
}

/** Columns of a table as text; empty cells are empty. @throws {UsageError} when one is not there */
export async function columnsOf(file: string, names: readonly string[]): Promise<string[][]> {
  const { reader, format } = await openTable(file);
  const texts = names.map((name) => reader.texts(name));
  const rows = await reader.fill(format, (there) => {
    const missing = names.find((name) => !there.includes(name));
    if (missing !== undefined)
      throw new UsageError(`${file}: no column "${missing}"; the columns are ${there.join(", ")}`);
  });
  return texts.map(({ texts: cells }) => Array.from({ length: rows }, (_, i) => cells[i] ?? ""));
}
