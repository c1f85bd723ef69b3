/** @file The rows of an exploration: images with what is known of them, before any is opened. */
import { dirname, resolve } from "node:path";
import { requireAccepted, requireRows } from "../../data/accept.ts";
import { readCsv } from "../../data/csv.ts";
import { readFolder } from "../../data/folder.ts";
import { readImages } from "../../data/images.ts";
import type { Manifest, Rejected, Row } from "../../data/row.ts";
import { readUtkface, utkfaceRows } from "../../data/utkface.ts";
import type { ExploreData } from "../../run/config/explore.ts";
import { UsageError } from "../../run/errors.ts";
import { columnsOf } from "../named-embeddings.ts";

export interface ExploreRows {
  /** What was read: a folder or a file. */
  readonly source: string;
  readonly rows: readonly Row[];
  /** Of each row; null where it has none, and where no row may have one. */
  readonly captions: readonly (string | null)[] | null;
  /** Files and records that are no rows, and why: of other kinds, loose, too deep, or with names that do not parse. */
  readonly rejected: readonly Rejected[];
  /** Whether there are files of images, and not names of embeddings alone. */
  readonly hasImages: boolean;
}

/** Embeddings that rows may be named by. */
export interface NamedRows {
  readonly file: string;
  readonly ids: readonly string[] | null;
}

/** What files or tables tell; prompts are drawn elsewhere. */
export type FoundData = Exclude<ExploreData, { source: "prompts" }>;
type Readers = {
  readonly [S in FoundData["source"]]: (
    data: Extract<FoundData, { source: S }>,
    names: NamedRows | null,
  ) => Promise<Manifest>;
};

const READ: Readers = {
  images: ({ path }) => readImages(path),
  folders: async ({ path, label }) => oneLevel(await readFolder(path, label), label),
  utkface: async ({ path, ageBands }, names) => {
    if (path !== undefined) return readUtkface(path, { ageBands });
    if (!names?.ids)
      throw new UsageError(
        `data.path: expected a folder of UTKFace images, or a first encoder of kind file whose rows have names${names ? `; ${names.file} has none` : ""}`,
      );
    return utkfaceRows(names.file, names.ids, { root: ".", ageBands });
  },
  csv: async ({ path, image, id, attributes, numbers, maxBad }) =>
    requireAccepted(
      await readCsv(path, { image, attributes, numeric: numbers, ...(id !== undefined && { id }) }),
      maxBad,
    ),
};

/**
 * Reads the rows of a data section, sorted by path (of a table: in its order). Hidden files do not count. Whether images
 * can be read shows when they are embedded.
 * @param names of the first encoder's rows, where it is a file of embeddings
 * @throws {UsageError} when there is no row
 * @throws {EquiclipError} when more records of a table than `maxBad` allows are no rows
 */
export async function openRows(data: FoundData, names: NamedRows | null): Promise<ExploreRows> {
  const read = READ[data.source] as (of: FoundData, names: NamedRows | null) => Promise<Manifest>;
  const { source, rows, rejected } = await read(data, names);
  const captions =
    data.source === "csv" && data.caption !== undefined
      ? await captionsOf({ ...data, caption: data.caption }, rows)
      : null;
  const hasImages = data.source !== "utkface" || data.path !== undefined;
  return { source, rows, captions, rejected, hasImages };
}

/** Rows in the folders of labels themselves; those deeper are told, not guessed at. */
function oneLevel(manifest: Manifest, label: string): Manifest {
  const isDeep = ({ id }: Row): boolean => id.split("/").length > 2;
  const deep = manifest.rows.filter(isDeep).map(({ id }) => ({
    id,
    reason: `lies deeper than the label folders, expected <${label}>/${id.split("/").at(-1)}`,
  }));
  const rows = manifest.rows.filter((row) => !isDeep(row));
  const rejected = [...manifest.rejected, ...deep];
  return requireRows({ ...manifest, rows, rejected }, `images in <${label}>/ folders`);
}

interface CaptionColumns {
  readonly path: string;
  readonly image: string;
  readonly id?: string | undefined;
  readonly caption: string;
}

/** Empty cells are no captions. */
async function captionsOf(
  { path, image, id, caption }: CaptionColumns,
  rows: readonly Row[],
): Promise<(string | null)[]> {
  const [keys, texts] = await columnsOf(path, [id ?? image, caption]);
  const folder = dirname(resolve(path));
  const keyOf = (cell: string): string =>
    id === undefined ? resolve(folder, cell.trim()) : cell.trim();
  const captionOf = new Map(keys!.map((cell, i) => [keyOf(cell), texts![i]!.trim()]));
  return rows.map((row) => captionOf.get(id === undefined ? row.path : row.id) || null);
}
