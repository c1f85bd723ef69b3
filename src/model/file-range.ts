/** @file Reading stretches of a large file, each straight into its own memory. */
import { open, type FileHandle } from "node:fs/promises";
import { EquiclipError, messageOf } from "../run/errors.ts";

/** Opens a file, hands it over with its size in bytes, and closes it. Throws EquiclipError when there is no such file. */
export async function withFile<T>(
  path: string,
  use: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new EquiclipError(`cannot read ${path}: ${messageOf(cause)}`, 1, { cause });
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile())
      throw new EquiclipError(`cannot read ${path}: expected a file, received a folder or device`);
    return await use(file, stats.size);
  } finally {
    await file.close();
  }
}

/** The operating system's limit for one read is 2 GiB. */
const MAX_READ = 2 ** 30;

/** Bytes position..position+length-1. Throws EquiclipError when the file ends before; `path` names it. */
export async function readRange(
  file: FileHandle,
  path: string,
  position: number,
  length: number,
): Promise<ArrayBuffer> {
  const buffer = new ArrayBuffer(length);
  let done = 0;
  while (done < length) {
    const view = new Uint8Array(buffer, done, Math.min(length - done, MAX_READ));
    const { bytesRead } = await file.read(view, 0, view.length, position + done);
    if (bytesRead === 0)
      throw new EquiclipError(
        `${path}: expected ${length} bytes at offset ${position}, received ${done}: the file is cut short; download or save it again`,
      );
    done += bytesRead;
  }
  return buffer;
}
