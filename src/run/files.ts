/** @file Atomic writes: a reader sees the old bytes or the new ones, never half. */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { EquiclipError, messageOf } from "./errors.ts";

/** Flushes a file or folder to disk; folders cannot be opened on Windows, where rename is durable enough. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, "r").catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

const writeError = (path: string, cause: unknown): EquiclipError =>
  new EquiclipError(
    `cannot write ${path}: ${messageOf(cause)}; the files that were there before are unchanged`,
    1,
    { cause },
  );

const TEMPORARY = ".tmp";

/** Removes what writes that were killed left in a folder. */
export async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.startsWith(".") && name.endsWith(TEMPORARY)) await rm(join(folder, name));
}

/**
 * Writes a file (or its parts in turn) under a temporary name in the same folder, flushes it and renames it into place.
 * @param isFlushed false where a power cut may spoil the file, because its reader would notice and do without.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array | Iterable<Uint8Array>,
  isFlushed = true,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}${TEMPORARY}`);
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, "wx");
    try {
      await writeFile(handle, data);
      if (isFlushed) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeError(path, cause);
  }
}

const beside = (path: string, suffix: string): string =>
  join(dirname(path), `.${basename(path)}.${suffix}`);

/**
 * Replaces a whole folder: `fill` writes into a new one, which then takes the place of the old.
 * A process killed at any moment leaves the old or the new folder; `recoverDirectory` finishes the swap.
 */
export async function replaceDirectory(
  path: string,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const next = beside(path, "next");
  const old = beside(path, "old");
  try {
    await recoverDirectory(path);
    await mkdir(next, { recursive: true });
    await fill(next);
    for (const file of await readdir(next)) await sync(join(next, file));
    if (existsSync(path)) await rename(path, old);
    await rename(next, path);
    await sync(dirname(path));
    await rm(old, { recursive: true, force: true });
  } catch (cause) {
    await recoverDirectory(path).catch(() => {});
    throw cause instanceof EquiclipError ? cause : writeError(path, cause);
  }
}

/** Brings a folder whose replacement was cut short back to its last whole state. */
export async function recoverDirectory(path: string): Promise<void> {
  const old = beside(path, "old");
  if (!existsSync(path) && existsSync(old)) await rename(old, path);
  await rm(old, { recursive: true, force: true });
  await rm(beside(path, "next"), { recursive: true, force: true });
}
