/** @file SHA-256 of image files. Which file had which is remembered, so that only those that changed are read again. */
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";
import { loaderFor } from "../../data/loader.ts";
import { InterruptedError } from "../../run/errors.ts";
import { writeFileAtomic } from "../../run/files.ts";
import type { Progress } from "../../run/progress.ts";

/** By path: size and times of a file when it was read, and its hash. */
const remembered = z.record(z.string(), z.tuple([z.string(), z.string()]));
type Remembered = z.infer<typeof remembered>;

/** Changes with every write. */
async function stampOf(path: string): Promise<string | null> {
  const file = await stat(path, { bigint: true }).catch(() => null);
  return file && [file.size, file.mtimeNs, file.ctimeNs].join(" ");
}

/** Files looked at together. */
const LOOK = 1024;

/** A file's hash, or why it cannot be read. */
export type ImageHash = { readonly sha256: string } | string;

/**
 * Hashes of files in the order given.
 * @param index the file where they are remembered
 * @throws {InterruptedError} once the signal aborts; what was read is remembered
 */
export async function imageHashes(
  paths: readonly string[],
  index: string,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<ImageHash[]> {
  const known: Remembered = await readFile(index, "utf8")
    .then((text) => remembered.parse(JSON.parse(text)))
    .catch(() => ({})); // what cannot be read is made again
  const stamps: (string | null)[] = [];
  for (let from = 0; from < paths.length; from += LOOK)
    stamps.push(...(await Promise.all(paths.slice(from, from + LOOK).map(stampOf))));
  const hashes = paths.map((path, i): ImageHash | null => {
    if (stamps[i] === null) return "no such file";
    const [stamp, sha256] = (Object.hasOwn(known, path) && known[path]) || ["", ""];
    return stamp === stamps[i] ? { sha256 } : null;
  });
  const missing = [...hashes.keys()].filter((i) => hashes[i] === null);
  if (missing.length === 0) return hashes as ImageHash[];
  progress.start("reading images", missing.length);
  const loader = loaderFor(missing.length);
  let done = 0;
  for (let from = 0; from < missing.length && !signal.aborted; from += LOOK) {
    const some = missing.slice(from, from + LOOK);
    const files = some.map((i) => paths[i]!);
    await loader.load("hash", files, null, (at, hash) => {
      hashes[some[at]!] = hash;
      if (typeof hash !== "string") known[files[at]!] = [stamps[some[at]!]!, hash.sha256];
      progress.update(++done);
    });
  }
  progress.stop();
  await writeFileAtomic(index, JSON.stringify(known));
  if (done < missing.length)
    throw new InterruptedError(
      `${done} of ${missing.length} images are read; the same command goes on from there`,
    );
  return hashes as ImageHash[];
}
