/** @file The rows of a comparison: embeddings with the labels, derived attributes and clusters that a config names. */
import { readCsv } from "../../data/csv.ts";
import type { Manifest } from "../../data/row.ts";
import { readUtkface, utkfaceRows } from "../../data/utkface.ts";
import { lookUp } from "../../compare/prompts.ts";
import { type EmbeddedRows, withAttributes, withClusters } from "../../compare/rows.ts";
import { readEmbeddings } from "../../embed/embedding-file.ts";
import { joinManifest } from "../../embed/join.ts";
import type { CompareConfig } from "../../run/config/compare.ts";
import { UsageError } from "../../run/errors.ts";
import { unitRows } from "../../run/linalg/embeddings.ts";
import type { EncodeTexts } from "../../train/variants/prompts.ts";
import { columnsOf, namedEmbeddings } from "../named-embeddings.ts";

/** Embeddings that are in a file. */
export type FileSection = Extract<CompareConfig["embeddings"], { file: string }>;
/** A comparison whose embeddings are there. */
export type EmbeddedConfig = CompareConfig & { readonly embeddings: FileSection };

/** @throws {EquiclipError} that names the file and row that cannot be used */
export async function openRows(config: EmbeddedConfig): Promise<EmbeddedRows> {
  const { embeddings, data, clusters, attributes } = config;
  const file = await namedEmbeddings(embeddings);
  const manifest = await readLabels(data, embeddings.file, file.ids);
  const { rows, x, d, unused } = joinManifest(file, manifest);
  const n = rows.length;
  const { rejected } = manifest;
  const whole: EmbeddedRows = {
    rows,
    x: embeddings.normalise ? unitRows({ x, n, d }).x : x,
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

/**
 * Rows with the labels of the data.
 * @param file of embeddings
 * @param ids of its rows; null where they have none, or where there are no embeddings yet
 */
export async function readLabels(
  data: CompareConfig["data"],
  file: string,
  ids: readonly string[] | null,
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
      `${file}: there are no names of rows to read labels from; give data.path, or embeddings.names of a file`,
    );
  return utkfaceRows(file, ids, { root: ".", ageBands });
}

/** The embeddings of texts that a model with a text side gave; null for means of train rows. */
export async function openTexts({ texts }: FileSection): Promise<EncodeTexts | null> {
  if (texts === undefined) return null;
  const { ids, x, n, d } = await readEmbeddings(texts);
  if (!ids)
    throw new UsageError(`${texts}: expected the text of each row as its name, received no names`);
  const unit = unitRows({ x, n, d }).x;
  return lookUp(texts, new Map(ids.map((text, i) => [text, unit.subarray(i * d, (i + 1) * d)])));
}

/** Row to cluster; rows without one are left out. */
async function clustersOf({
  file,
  id,
  column,
}: NonNullable<CompareConfig["clusters"]>): Promise<Map<string, string>> {
  const [ids, names] = await columnsOf(file, [id, column]);
  return new Map(ids!.flatMap((row, i) => (names![i] === "" ? [] : [[row, names![i]!] as const])));
}
