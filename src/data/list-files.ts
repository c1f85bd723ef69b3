/** @file Every file below a folder. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../run/errors.ts";
import { compareText } from "./cells.ts";

/** Suffixes of the image formats that `decodeImage` reads. */
const IMAGE = /\.(jpe?g|png|gif|webp|tiff?|avif)$/i;
export const isImageName = (name: string): boolean => IMAGE.test(name);

/**
 * Paths of all files below `folder`, relative to it, with `/` on every system, sorted. Hidden files and folders, whose
 * names begin with a dot, do not count: systems leave some of their own.
 * Throws UsageError when the folder is missing, is a file, or holds no file at all.
 */
export async function listFiles(folder: string): Promise<string[]> {
  const found = await stat(folder).catch(() => null);
  if (!found) {
    throw new UsageError(`${folder}: no such folder; expected a folder of images, check data.path`);
  }
  if (!found.isDirectory()) {
    throw new UsageError(`${folder}: expected a folder of images, received a file`);
  }
  const files = await below(folder, "");
  if (files.length === 0) {
    throw new UsageError(`${folder}: the folder is empty, expected images`);
  }
  return files.sort(compareText);
}

const isVisible = ({ name }: { readonly name: string }): boolean => !name.startsWith(".");

async function below(folder: string, prefix: string): Promise<string[]> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true });
  const lists = await Promise.all(
    entries.filter(isVisible).map((entry) => {
      const name = `${prefix}${entry.name}`;
      return entry.isDirectory() ? below(folder, `${name}/`) : [name];
    }),
  );
  return lists.flat();
}
