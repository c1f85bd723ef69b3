/** @file The files of a cache: what lies there, how much, when it was last used; and which of them go. */
import { existsSync } from "node:fs";
import { readFile, readdir, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FORMAT, shardShape } from "./shard.ts";

/** Of a table: beside its shards. */
export const ABOUT = "about.json";

const about = z.object({
  format: z.literal(FORMAT),
  kind: z.string(),
  about: z.record(z.string(), z.string()),
});

/** What a table holds, for people. */
export interface About {
  /** Such as `image features`. */
  readonly kind: string;
  /** What else tells it from others: weights, preprocessing, engine. */
  readonly about: Readonly<Record<string, string>>;
}

export interface CacheFile {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly used: number;
}

export interface CachedTable extends About {
  readonly folder: string;
  readonly rows: number;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly used: number;
}

const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

async function aboutOf(folder: string): Promise<About | null> {
  try {
    return about.parse(JSON.parse(await readFile(join(folder, ABOUT), "utf8")));
  } catch {
    return null;
  }
}

/** Folders of tables; whatever else lies in the cache's folder is not ours. */
async function tableFolders(root: string): Promise<string[]> {
  const folders = (await list(root)).map((name) => join(root, name));
  return folders.filter((folder) => existsSync(join(folder, ABOUT)));
}

/** Shards, and what writes that were killed left behind. */
async function filesOf(folder: string): Promise<CacheFile[]> {
  const paths = (await list(folder)).filter((name) => name !== ABOUT);
  const found = await Promise.all(
    paths.map(async (name): Promise<CacheFile[]> => {
      const path = join(folder, name);
      const file = await stat(path).catch(() => null); // another run may have removed it
      return file?.isFile() ? [{ path, bytes: file.size, used: file.mtimeMs }] : [];
    }),
  );
  return found.flat();
}

/** The tables of a cache, the last used first. */
export async function listCache(root: string): Promise<CachedTable[]> {
  const tables: CachedTable[] = [];
  for (const folder of await tableFolders(root)) {
    const files = await filesOf(folder);
    const what = await aboutOf(folder);
    if (!what || files.length === 0) continue;
    const shapes = await Promise.all(files.map(({ path }) => shardShape(path)));
    tables.push({
      kind: what.kind,
      about: what.about,
      folder,
      rows: shapes.reduce((sum, shape) => sum + (shape?.[0] ?? 0), 0),
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      used: Math.max(...files.map(({ used }) => used)),
    });
  }
  return tables.toSorted((a, b) => b.used - a.used);
}

/** What is removed. */
export interface Prune {
  /** Bytes that may stay: what was not used for longest goes first. */
  readonly limit?: number;
  /** Milliseconds since 1970: what was not used since then goes. */
  readonly before?: number;
  /** Paths that stay. */
  readonly keep?: ReadonlySet<string>;
}
export interface Pruned {
  readonly removed: { readonly files: number; readonly bytes: number };
  /** What is left. */
  readonly bytes: number;
}

/** Removes files of a cache, none when what stays exceeds the limit alone; nothing else in its folder is touched. */
export async function pruneCache(
  root: string,
  { limit = Infinity, before = -Infinity, keep = new Set() }: Prune,
): Promise<Pruned> {
  const folders = await tableFolders(root);
  const files = (await Promise.all(folders.map(filesOf))).flat();
  const removed = { files: 0, bytes: 0 };
  const bytesOf = (of: readonly CacheFile[]) => of.reduce((sum, { bytes }) => sum + bytes, 0);
  let left = bytesOf(files);
  if (bytesOf(files.filter(({ path }) => keep.has(path))) > limit) return { removed, bytes: left };
  for (const { path, bytes, used } of files.toSorted((a, b) => a.used - b.used)) {
    if (keep.has(path) || (left <= limit && used >= before)) continue;
    const gone = await rm(path, { force: true }).then(
      () => true,
      () => false, // Windows: a run has it open
    );
    if (!gone) continue;
    left -= bytes;
    removed.files++;
    removed.bytes += bytes;
  }
  return { removed, bytes: left };
}

/** Removes tables that have no shard left. */
export async function removeEmptyTables(root: string): Promise<void> {
  for (const folder of await tableFolders(root)) {
    if ((await filesOf(folder)).length > 0) continue;
    await rm(join(folder, ABOUT), { force: true }).catch(() => {});
    await rmdir(folder).catch(() => {});
  }
}
