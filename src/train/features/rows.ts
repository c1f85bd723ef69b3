/** @file What networks are fed of a data set's rows: pixels, or features that a frozen part makes of them once. */
import type { PixelStore } from "../../data/pixels.ts";
import { sizeOf } from "../../graph/node.ts";
import type { Cut } from "../../model/clip/cut.ts";
import type { Cache } from "../../run/cache/cache.ts";
import { ahead } from "../../run/ahead.ts";
import { InterruptedError } from "../../run/errors.ts";
import type { Progress } from "../../run/progress.ts";
import { BATCH, type Prefix } from "./prefix.ts";

export interface RowInputs {
  /** Where the network starts from; null for pixels. */
  readonly cut: Cut | null;
  /** What rows are fed as, as an epoch augments them, or plain for null: [rows.length, ...]. */
  readonly batch: (rows: readonly number[], epoch: number | null) => Promise<Float32Array>;
}

export const pixelInputs = ({ batch }: PixelStore): RowInputs => ({ cut: null, batch });

export interface FeatureRows extends RowInputs {
  /**
   * Computes what is not there yet of all rows in these epochs.
   * Throws InterruptedError when the signal aborts; what was computed is kept.
   */
  readonly fill: (
    epochs: readonly (number | null)[],
    label: string,
    progress: Progress,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Writes the cache, and ends: batches that are still loaded ahead fail instead of computing. */
  readonly close: () => Promise<void>;
}

/** Images looked at together: enough for all threads. */
const LOOK = 1024;

const bytesOf = (row: Float32Array): Uint8Array =>
  new Uint8Array(row.buffer, row.byteOffset, row.byteLength);

const chunks = (count: number, size: number): number[][] =>
  Array.from({ length: Math.ceil(count / size) }, (_, i) =>
    Array.from({ length: Math.min(size, count - i * size) }, (__, at) => i * size + at),
  );

/**
 * Features of a store's images: from memory, else from the cache, else computed. They are the same bits either way, as
 * long as they were made on a machine of the same kind: they are found by the digest of the very pixels that would be fed.
 * @param isHeld keeps what was read or computed in memory.
 */
export async function openFeatures(
  prefix: Prefix,
  store: PixelStore,
  cache: Cache | null,
  isHeld: boolean,
): Promise<FeatureRows> {
  const size = sizeOf(prefix.shape);
  const table = cache && (await cache.table(prefix.about(), size * Float32Array.BYTES_PER_ELEMENT));
  let isClosed = false;
  const held = isHeld ? new Map<string, Float32Array>() : null;

  const digests = new Map<number | null, string[]>();
  const keysOf = async (rows: readonly number[], epoch: number | null): Promise<string[]> => {
    const known = digests.get(epoch) ?? [];
    digests.set(epoch, known);
    const fresh = [...new Set(rows)].filter((row) => known[row] === undefined);
    const found = await store.digests(fresh, epoch);
    fresh.forEach((row, i) => (known[row] = found[i]!));
    return rows.map((row) => known[row]!);
  };

  async function find(key: string, into: Float32Array): Promise<boolean> {
    const row = held?.get(key);
    if (row) {
      into.set(row);
      return true;
    }
    if (!(await table?.read(key, bytesOf(into)))) return false;
    held?.set(key, into.slice());
    return true;
  }

  /** Computes up to `BATCH` rows of different keys, and keeps them. */
  async function compute(
    rows: readonly number[],
    keys: readonly string[],
    epoch: number | null,
  ): Promise<Float32Array> {
    const pixels = await store.batch(rows, epoch);
    if (isClosed) throw new Error("features were closed while a batch was loaded");
    const made = await prefix.run(pixels);
    for (const [i, key] of keys.entries()) {
      const row = made.subarray(i * size, (i + 1) * size);
      held?.set(key, row.slice());
      await table?.write(key, bytesOf(row));
    }
    return made;
  }

  async function batch(rows: readonly number[], epoch: number | null): Promise<Float32Array> {
    const keys = await keysOf(rows, epoch);
    const out = new Float32Array(rows.length * size);
    const at = (i: number): Float32Array => out.subarray(i * size, (i + 1) * size);
    const found = await Promise.all(keys.map((key, i) => find(key, at(i))));
    const places = new Map<string, number>(); // the first of each that is missing
    for (const [i, key] of keys.entries()) if (!found[i] && !places.has(key)) places.set(key, i);
    const missing = [...places];
    for (const some of chunks(missing.length, BATCH)) {
      const part = some.map((i) => missing[i]!);
      const made = await compute(
        part.map(([, i]) => rows[i]!),
        part.map(([key]) => key),
        epoch,
      );
      part.forEach(([, i], from) => at(i).set(made.subarray(from * size, (from + 1) * size)));
    }
    for (const [i, key] of keys.entries()) {
      const first = places.get(key);
      if (first !== undefined && first !== i)
        out.copyWithin(i * size, first * size, (first + 1) * size);
    }
    return out;
  }

  /** Rows of an epoch whose features are neither held nor in the cache, one for each content. */
  async function missingRows(epoch: number | null): Promise<number[]> {
    const seen = new Set<string>();
    const rows: number[] = [];
    for (const some of chunks(store.rows.length, LOOK))
      for (const [i, key] of (await keysOf(some, epoch)).entries()) {
        if (seen.has(key) || held?.has(key) || table?.has(key)) continue;
        seen.add(key);
        rows.push(some[i]!);
      }
    return rows;
  }

  return {
    cut: prefix.cut,
    batch,
    async fill(epochs, label, progress, signal) {
      const stop = async (): Promise<void> => {
        if (!signal.aborted) return;
        progress.stop();
        await table?.flush();
        throw new InterruptedError(
          `interrupted while features of ${label} were computed; those in the cache are kept, go on with --resume`,
        );
      };
      progress.start(`looking for features of ${label}`, epochs.length);
      const missing: { epoch: number | null; rows: number[] }[] = [];
      for (const [i, epoch] of epochs.entries()) {
        const rows = await missingRows(epoch);
        for (const some of chunks(rows.length, BATCH))
          missing.push({ epoch, rows: some.map((at) => rows[at]!) });
        progress.update(i + 1);
        await stop();
      }
      let done = 0;
      const total = missing.reduce((sum, { rows }) => sum + rows.length, 0);
      if (total > 0) progress.start(`features of ${label}`, total);
      // the next images are decoded while these are computed
      for await (const made of ahead(missing, 1, ({ rows, epoch }) => batch(rows, epoch))) {
        progress.update((done += made.length / size));
        await stop();
      }
      progress.stop();
      await table?.flush();
      // what is in the cache comes to memory once, not again in every epoch
      if (held)
        for (const epoch of epochs)
          for (const some of chunks(store.rows.length, BATCH)) await batch(some, epoch);
      await prefix.release();
    },
    close: async () => {
      isClosed = true;
      await table?.close();
    },
  };
}
