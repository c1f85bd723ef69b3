/** @file Reading a stretch of a file straight into its own memory. */
import type { FileHandle } from "node:fs/promises";
import { EquiclipError } from "../run/errors.ts";

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
