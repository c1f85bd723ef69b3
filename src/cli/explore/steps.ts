/** @file Steps of an exploration that take long: kept on disk, told apart by all that they are made from. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { writeFileAtomic } from "../../run/files.ts";
import { InterruptedError } from "../../run/errors.ts";
import type { Embeddings } from "../../run/linalg/embeddings.ts";
import { VERSION } from "../../run/version.ts";

export interface Steps {
  /**
   * What `compute` gives, from disk when it was computed before from the same.
   * @param from everything that the step depends on: its settings, and digests of its data
   */
  keep<T extends object>(name: string, from: unknown, compute: () => Promise<T>): Promise<T>;
}

/** @throws {InterruptedError} once the signal is aborted */
export function requireRunning(signal: AbortSignal): void {
  if (signal.aborted)
    throw new InterruptedError("what was found is kept; the same command goes on from there");
}

/**
 * Steps kept in a folder. A file that cannot be read is computed again.
 * @param signal once it is aborted, no step is begun: InterruptedError
 */
export const openSteps = (folder: string, signal: AbortSignal): Steps => ({
  async keep<T extends object>(name: string, from: unknown, compute: () => Promise<T>): Promise<T> {
    const key = createHash("sha256")
      .update(JSON.stringify([VERSION, process.versions.v8, name, from]))
      .digest("hex");
    const path = join(folder, `${name}-${key.slice(0, 16)}.bin`);
    const bytes = await readFile(path).catch(() => null);
    if (bytes)
      try {
        const kept = deserialize(bytes) as { key: string; value: T };
        if (kept.key === key) return kept.value;
      } catch {
        // damaged: as if it were not there
      }
    requireRunning(signal);
    const value = await compute();
    await writeFileAtomic(path, serialize({ key, value }), false);
    return value;
  },
});

/** SHA-256 of embeddings. */
export const digestOf = ({ x, n, d }: Embeddings): string =>
  createHash("sha256")
    .update(`${n} ${d} `)
    .update(new Uint8Array(x.buffer, x.byteOffset, x.byteLength))
    .digest("hex");
