/** @file Files of an earlier config, which this one does not write. */
import { readdir, rm } from "node:fs/promises";
import { extname, join } from "node:path";

/** Removes the files of a folder that end so, but those that were written. */
export async function prune(
  folder: string,
  endings: readonly string[],
  written: ReadonlySet<string> = new Set(),
): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (!written.has(name) && endings.includes(extname(name))) await rm(join(folder, name));
}
