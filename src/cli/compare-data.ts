/** @file The rows of a comparison: embeddings with the labels, derived attributes and clusters that a config names. */
import { readCsv } from "../data/csv.ts";
import type { Manifest } from "../data/row.ts";
import { readUtkface, utkfaceRows } from "../data/utkface.ts";
import { unitRows } from "../debias/debiaser.ts";
import { type EmbeddedRows, withAttributes, withClusters } from "../compare/rows.ts";
import { readEmbeddings } from "../embed/embedding-file.ts";
import type { EmbeddingFile } from "../embed/format.ts";
import { joinManifest } from "../embed/join.ts";
import { openTable } from "../eval/table/reader.ts";
import type { CompareConfig } from "../run/config/compare.ts";
import { UsageError } from "../run/errors.ts";

type FileSection = Extract<CompareConfig["embeddings"], { file: string }>;

/** @throws {EquiclipError} that names the file and row that cannot be used */
export async function openRows(config: CompareConfig): Promise<EmbeddedRows> {
  const { embeddings, data, clusters, attributes } = config;
  if (!("file" in embeddings)) throw new UsageError("embeddings.run is not there yet");
  const file = await named(embeddings);
  const manifest = await labelsOf(data, embeddings.file, file);
  const { rows, x, d, unused } = joinManifest(file, manifest);
  const n = rows.length;
  const { rejected } = manifest;
  const whole: EmbeddedRows = {
    rows,
    x: embeddings.normalise ? Float32Array.from(unitRows({ x, n, d }).x) : x,
    d,
    notes: [
      ...(unused > 0 ? [`${unused} embeddings have no labels and were left out`] : []),
      ...(rejected[0]
        ? [
            `${rejected.length} rows were left out, the first ${rejected[0].id}: ${rejected[0].reason}`,
          ]
        : []),
    ],
  };
  const grouped = clusters ? withClusters(whole, await clustersOf(clusters)) : whole;
  return withAttributes(grouped, attributes);
}

/** Embeddings with the names that a table beside them gives. */
async function named({ file, names, ...choice }: FileSection): Promise<EmbeddingFile> {
  const embeddings = await readEmbeddings(file, choice);
  if (!names) return embeddings;
  const [ids] = await columns(names.file, [names.column]);
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

async function labelsOf(
  data: CompareConfig["data"],
  file: string,
  { ids }: EmbeddingFile,
): Promise<Manifest> {
  if (data.source === "csv")
    return readCsv(data.path, {
      image: data.image,
      attributes: data.attributes,
      numeric: data.numbers,
      ...(data.id !== undefined && { id: data.id }),
      ...(data.clusterColumn !== undefined && { cluster: data.clusterColumn }),
      ...(data.weightColumn !== undefined && { weight: data.weightColumn }),
    });
  const { path, ageBands } = data;
  if (path !== undefined) return readUtkface(path, { ageBands });
  if (!ids)
    throw new UsageError(
      `${file}: its rows have no names to read labels from; give embeddings.names, or data.path`,
    );
  return utkfaceRows(file, ids, { root: ".", ageBands });
}

/** Row to cluster; rows without one are left out. */
async function clustersOf({
  file,
  id,
  column,
}: NonNullable<CompareConfig["clusters"]>): Promise<Map<string, string>> {
  const [ids, names] = await columns(file, [id, column]);
  return new Map(ids!.flatMap((row, i) => (names![i] === "" ? [] : [[row, names![i]!] as const])));
}

/** Columns of a table as text; empty cells are empty. */
async function columns(file: string, names: readonly string[]): Promise<string[][]> {
  const { reader, format } = await openTable(file);
  const texts = names.map((name) => reader.texts(name));
  const rows = await reader.fill(format, (there) => {
    const missing = names.find((name) => !there.includes(name));
    if (missing !== undefined)
      throw new UsageError(`${file}: no column "${missing}"; the columns are ${there.join(", ")}`);
  });
  return texts.map(({ texts: cells }) => Array.from({ length: rows }, (_, i) => cells[i] ?? ""));
}
