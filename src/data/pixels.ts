/** @file The image loader: every row decoded and resized once where memory allows, augmented as the epoch has it. */
import { availableParallelism } from "node:os";
import { EquiclipError } from "../run/errors.ts";
import { random } from "../run/random.ts";
import { requireReadable } from "./accept.ts";
import { type AugmentConfig, augment } from "./augment.ts";
import { imageOfRow } from "./copies.ts";
import { decodeImage } from "./decode.ts";
import { type Preprocess, pixelNormalizer, resizeAndCrop } from "./preprocess.ts";
import type { Raster } from "./raster.ts";
import type { Rejected, Row } from "./row.ts";

/** Held in memory by default: 149,000 images of 48 pixels, or 7,100 of 224. */
const DEFAULT_MEMORY_BUDGET = 2 ** 30;

export interface PixelOptions {
  readonly rows: readonly Row[];
  readonly preprocess: Preprocess;
  /** What changes in an epoch; applied after resizing. */
  readonly augment: AugmentConfig;
  /** Of the epochs' changes and of augmented copies; the balancing plan's, so that its seeds hold. */
  readonly seed: number;
  /** Bytes of resized pixels to keep; a larger table is decoded anew for every batch. */
  readonly memoryBudget?: number;
  /** The share of rows, 0 to 1, whose image may be unreadable; default 0. */
  readonly maxBad?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface PixelStore {
  /** The rows whose image can be read, in the order given. */
  readonly rows: readonly Row[];
  /** The others, and why. */
  readonly bad: readonly Rejected[];
  /** Of one image. */
  readonly shape: readonly [channels: 3, height: number, width: number];
  /** Bytes of pixels held; 0 when the table exceeds the budget. */
  readonly bytes: number;
  /**
   * `pixelValues` [indices.length, 3, height, width] of `rows[index]` for each index: as `epoch` augments them, or
   * plain when it is null. They depend on seed, epoch and row ids alone, never on order, timing or batch.
   */
  batch(indices: readonly number[], epoch: number | null): Promise<Float32Array>;
}

/**
 * Reads every image of `rows` once, on sharp's threads, so that a bad one is known before anything is trained.
 *
 * An augmented copy that has no file of its own (see copies.ts) is its origin's file with the study's augmentation, the
 * same in every epoch; the epoch's own comes on top.
 *
 * Throws EquiclipError listing the first unreadable images when more than `maxBad` of the rows have one.
 */
export async function createPixelStore(options: PixelOptions): Promise<PixelStore> {
  const { preprocess, seed, memoryBudget = DEFAULT_MEMORY_BUDGET, maxBad = 0 } = options;
  const { width, height } = preprocess.crop;
  const size = width * height * 3;
  const paths = [...new Set(options.rows.map((row) => row.path))]; // copies share a file
  const held = paths.length * size <= memoryBudget ? new Uint8Array(paths.length * size) : null;

  const failures = new Map<string, string>();
  let done = 0;
  await forEachAtOnce(paths, async (path, i) => {
    try {
      const image = await decodeImage(path);
      held?.set(resizeAndCrop(image, preprocess).data, i * size);
    } catch (thrown) {
      if (!(thrown instanceof EquiclipError)) throw thrown;
      failures.set(path, thrown.message.replace(`${path}: `, ""));
    }
    options.onProgress?.(++done, paths.length);
  });
  const rows = options.rows.filter((row) => !failures.has(row.path));
  const bad = options.rows.flatMap(({ id, path }) => {
    const reason = failures.get(path);
    return reason === undefined ? [] : { id, reason };
  });
  requireReadable(bad, options.rows.length, maxBad);

  const slots = new Map(paths.map((path, i) => [path, i]));
  const fileOf = async ({ path }: Row): Promise<Raster> => {
    if (!held) return resizeAndCrop(await decodeImage(path), preprocess);
    const start = slots.get(path)! * size;
    return { width, height, data: held.subarray(start, start + size) };
  };

  const changed = (file: Raster, row: Row, epoch: number | null): Raster => {
    const original = imageOfRow(file, row, seed);
    return epoch === null
      ? original
      : augment(original, options.augment, random(seed, "augment", epoch, row.id));
  };
  const normalize = pixelNormalizer(preprocess);

  return {
    rows,
    bad,
    shape: [3, height, width],
    bytes: held?.length ?? 0,
    batch: async (indices, epoch) => {
      const out = new Float32Array(indices.length * size);
      await forEachAtOnce(indices, async (index, i) => {
        normalize(changed(await fileOf(rows[index]!), rows[index]!, epoch), out, i * size);
      });
      return out;
    },
  };
}

/** Runs `work` on all items, as many at a time as keep every core busy decoding. */
async function forEachAtOnce<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await work(items[index]!, index);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() + 2 }, worker));
}
