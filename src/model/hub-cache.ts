/**
 * @file The Hugging Face cache on disk, shared with Python: `blobs/<etag>`, `snapshots/<commit>/<file>` linking to them, and
 * `refs/<revision>` holding a commit. Layout: https://huggingface.co/docs/huggingface_hub/guides/manage-cache
 */
import { createHash, randomUUID, type Hash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { getRepoFolderName } from "@huggingface/hub";
import { EquiclipError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";

/** A file as the Hub describes it. */
export interface RemoteFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of a large file's content, or git's SHA-1 of a small one. */
  readonly etag: string;
}

/** One model's place in the cache. */
export const modelCache = (cacheDir: string, id: string): string =>
  join(cacheDir, getRepoFolderName({ type: "model", name: id }));

export const snapshotFolder = (cache: string, commit: string): string =>
  join(cache, "snapshots", commit);

export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/** The commit that a branch or tag had when it was last fetched whole, or null. */
export async function cachedCommit(cache: string, revision: string): Promise<string | null> {
  if (isCommit(revision)) return revision;
  const text = await readFile(join(cache, "refs", revision), "utf8").catch(() => "");
  return isCommit(text.trim()) ? text.trim() : null;
}

export const rememberCommit = (cache: string, revision: string, commit: string): Promise<void> =>
  isCommit(revision) ? Promise.resolve() : writeFileAtomic(join(cache, "refs", revision), commit);

/** The digest whose value is the etag: 64 digits are a plain SHA-256, 40 are git's. */
function digestFor({ etag, size }: RemoteFile): Hash {
  return etag.length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
}

/**
 * Stores a file's content and links it into the snapshot. Content under a wrong digest, or cut short, never gets its name:
 * another process, and Python, see a whole file or none.
 */
export async function storeFile(
  cache: string,
  commit: string,
  file: RemoteFile,
  open: () => Promise<Blob>,
  onBytes: (count: number) => void,
): Promise<void> {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(file.etag))
    throw new EquiclipError(`${file.name}: expected a digest, received ${file.etag}`);
  const blob = join(cache, "blobs", file.etag);
  if (existsSync(blob)) onBytes(file.size);
  else await storeBlob(blob, file, await open(), onBytes);

  const link = join(snapshotFolder(cache, commit), file.name);
  await mkdir(dirname(link), { recursive: true });
  await rm(link, { force: true });
  // Windows may forbid links
  await symlink(relative(dirname(link), blob), link).catch(() => copyFile(blob, link));
}

async function storeBlob(
  path: string,
  file: RemoteFile,
  content: Blob,
  onBytes: (count: number) => void,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.incomplete`;
  const digest = digestFor(file);
  let received = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _, done) {
      digest.update(chunk);
      received += chunk.length;
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  try {
    await pipeline(
      Readable.fromWeb(content.stream() as ReadableStream),
      measure,
      createWriteStream(temporary, { flags: "wx", flush: true }),
    );
    const found = digest.digest("hex");
    if (found !== file.etag)
      throw new EquiclipError(
        `${file.name}: expected ${file.size} bytes with digest ${file.etag}, received ${received} with ${found}; nothing was kept, try again`,
      );
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
