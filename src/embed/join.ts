/** @file Which embedding belongs to which row of a manifest. */
import { basename, posix } from "node:path";
import type { Manifest, Row } from "../data/row.ts";
import { UsageError } from "../run/errors.ts";
import { takeRows } from "../run/linalg/embeddings.ts";
import type { EmbeddingFile } from "./format.ts";

/** How rows find their embeddings: by name, or one after another. */
export type JoinBy = "id" | "order";

/** Rows with their embeddings. */
export interface JoinedRows {
  readonly rows: readonly Row[];
  /** In the order of `rows`. [rows, d] */
  readonly x: Float32Array;
  readonly d: number;
  /** Embeddings that no row of the manifest has, left out. */
  readonly unused: number;
}

const slashes = (path: string): string => posix.normalize(path.replaceAll("\\", "/"));

/** Where a row may find its embedding, in the order in which these are tried. */
interface Way {
  /** What an embedding is known by. */
  readonly ofId: (id: string) => string;
  /** What a row is looked for by; the first that is there counts. */
  readonly ofRow: (row: Row) => readonly string[];
}

/** `a/b/c.jpg`, `b/c.jpg`, `c.jpg` */
function ends(path: string): string[] {
  const parts = slashes(path).split("/");
  return parts.map((_part, i) => parts.slice(i).join("/"));
}

/** By name; by the end of the path of the image; by file name. The way that finds most rows is taken. */
const WAYS: readonly Way[] = [
  { ofId: slashes, ofRow: ({ id }) => [slashes(id)] },
  { ofId: slashes, ofRow: ({ path }) => [slashes(path), ...ends(path)] },
  { ofId: (id) => basename(slashes(id)), ofRow: ({ id }) => [basename(slashes(id))] },
];

interface Match {
  /** The embedding of each row; undefined for none. */
  readonly places: readonly (number | undefined)[];
  readonly found: number;
}

/** Null when two embeddings are known by the same, or two rows would get the same one. */
function matchBy({ ofId, ofRow }: Way, ids: readonly string[], rows: readonly Row[]): Match | null {
  const placeOf = new Map(ids.map((id, place) => [ofId(id), place]));
  if (placeOf.size < ids.length) return null;
  const places = rows.map((row) => {
    const key = ofRow(row).find((name) => placeOf.has(name));
    return key === undefined ? undefined : placeOf.get(key);
  });
  const found = places.filter((place) => place !== undefined);
  return new Set(found).size < found.length ? null : { places, found: found.length };
}

/** By the way that finds most rows. */
function bestMatch(ids: readonly string[], rows: readonly Row[]): Match {
  const matches = WAYS.flatMap((way) => matchBy(way, ids, rows) ?? []);
  return matches.reduce<Match>((a, b) => (b.found > a.found ? b : a), { places: [], found: -1 });
}

/** Throws UsageError with the first row that has no embedding. */
function placesById(embeddings: EmbeddingFile, { source, rows }: Manifest): number[] {
  const { ids, n } = embeddings;
  if (!ids)
    throw new UsageError(
      `embeddings: ${n} rows without names, so that none can be told to be ${rows[0]!.id} of ${source}; save names along (.safetensors or .parquet), or match by order where rows are known to lie in the manifest's`,
    );
  const best = bestMatch(ids, rows);
  const lost = rows[best.places.findIndex((place) => place === undefined)] ?? rows[0]!;
  if (best.found === rows.length) return best.places as number[];
  throw new UsageError(
    `${source}: ${lost.id} has no embedding: ${Math.max(0, best.found)} of ${rows.length} rows are among the ${n} embeddings (named like ${ids[0]}); embed the missing ones, or leave them out of the manifest`,
  );
}

function placesByOrder({ n }: EmbeddingFile, { source, rows, rejected }: Manifest): number[] {
  if (n === rows.length) return [...rows.keys()];
  const first = n < rows.length ? `${rows[n]!.id} is the first without an embedding` : null;
  const bad = rejected[0] && `${rejected[0].id} is no usable row (${rejected[0].reason})`;
  throw new UsageError(
    `${source}: expected as many rows as embeddings to match them by order, received ${rows.length} rows and ${n} embeddings${first || bad ? `: ${first ?? bad}` : ""}; match by name, or mend the manifest`,
  );
}

/**
 * The rows of a manifest with their embeddings, in the manifest's order. Names match as they are, as ends of the images'
 * paths, or as file names (where these differ among themselves).
 * @throws {UsageError} naming the first row without an embedding and both counts; by order, when counts differ
 */
export function joinManifest(
  embeddings: EmbeddingFile,
  manifest: Manifest,
  by: JoinBy = "id",
): JoinedRows {
  const { x, n, d } = embeddings;
  const places =
    by === "id" ? placesById(embeddings, manifest) : placesByOrder(embeddings, manifest);
  const { rows } = manifest;
  return { rows, x: takeRows(x, d, places), d, unused: n - rows.length };
}

/** Of each row its place among the embeddings, or undefined. */
export interface Joined {
  readonly places: readonly (number | undefined)[];
  /** Embeddings that no row has. */
  readonly unused: number;
}

/**
 * Where rows find their embeddings by name, as `joinManifest` looks for them; some may have none.
 * @param source what messages call the embeddings
 * @throws {UsageError} when they have no names, or no row has one
 */
export function joinRows({ ids, n }: EmbeddingFile, source: string, rows: readonly Row[]): Joined {
  if (!ids)
    throw new UsageError(
      `${source}: ${n} embeddings without names, so that none can be told to be ${rows[0]?.id}; save names along (.safetensors or .parquet), or give names, a table beside them`,
    );
  const { places, found } = bestMatch(ids, rows);
  if (found < 1)
    throw new UsageError(
      `${source}: none of ${rows.length} rows (named like ${rows[0]?.id}) is among ${n} embeddings (named like ${ids[0]}); expected the same names, ends of image paths, or file names`,
    );
  return { places, unused: n - found };
}
