/** @file Small pictures of rows for a page, made once and kept. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { loaderFor } from "../../data/loader.ts";
import { InterruptedError } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import type { Progress } from "../../run/progress.ts";
import { imageHashes } from "./image-hashes.ts";

/** Names the hash of each image and the bytes of its JPEG, in the order in which these follow. */
const header = z.object({
  format: z.literal("equiclip.thumbnails/1"),
  images: z.array(z.tuple([z.string(), z.int().positive()])),
});

/** Pictures handed to threads at a time, after which an interrupt is looked for. */
const PART = 1024;

export interface ThumbnailOptions {
  /** Where they are kept. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * A JPEG of at most 72 x 72 pixels of each file, some 2 KB; null for one that cannot be read.
 * @throws {InterruptedError} once the signal aborts; the same call goes on
 */
export async function thumbnailsOf(
  paths: readonly string[],
  { folder, signal, progress }: ThumbnailOptions,
): Promise<(Uint8Array | null)[]> {
  const hashes = await imageHashes(paths, join(folder, "images.json"), { signal, progress });
  const file = join(folder, "thumbnails.bin");
  const known = await readThumbnails(file);
  const keys = hashes.map((hash) => (typeof hash === "string" ? null : hash.sha256));
  const pathOf = new Map<string, string>();
  for (const [i, key] of keys.entries())
    if (key !== null && !known.has(key)) pathOf.set(key, paths[i]!);
  const missing = [...pathOf];
  if (missing.length > 0) progress.start("thumbnails", missing.length);
  const loader = loaderFor(missing.length);
  let done = 0;
  for (let from = 0; from < missing.length && !signal.aborted; from += PART) {
    const some = missing.slice(from, from + PART);
    const files = some.map(([, path]) => path);
    await loader.load("thumbnail", files, null, (i, jpeg) => {
      if (typeof jpeg !== "string") known.set(some[i]![0], jpeg);
      progress.update(++done);
    });
  }
  progress.stop();
  if (done > 0) await writeThumbnails(file, known);
  if (done < missing.length)
    throw new InterruptedError(
      `${done} of ${missing.length} thumbnails are made; the same command goes on from there`,
    );
  return keys.map((key) => (key === null ? null : (known.get(key) ?? null)));
}

/** By the image's hash. A file that is not whole is made again. */
async function readThumbnails(file: string): Promise<Map<string, Uint8Array>> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  const end = bytes.indexOf("\n");
  const { images } = headerOf(bytes.toString("utf8", 0, Math.max(0, end)));
  const found = new Map<string, Uint8Array>();
  let at = end + 1;
  for (const [key, length] of images) {
    found.set(key, new Uint8Array(bytes.subarray(at, at + length)));
    at += length;
  }
  return at === bytes.length ? found : new Map();
}

function headerOf(line: string): z.infer<typeof header> {
  try {
    return header.parse(JSON.parse(line));
  } catch {
    return { format: "equiclip.thumbnails/1", images: [] };
  }
}

async function writeThumbnails(
  file: string,
  thumbnails: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const images = Array.from(thumbnails, ([key, { length }]): [string, number] => [key, length]);
  const line = JSON.stringify({ format: "equiclip.thumbnails/1", images });
  await writeFileAtomic(file, [Buffer.from(`${line}\n`), ...thumbnails.values()]);
}
