/** @file The image loader: every row decoded and resized once where memory allows, augmented as its epoch has it. */
import { availableParallelism } from "node:os";
import { EquiclipError } from "../run/errors.ts";
import { random } from "../run/random.ts";
import { type AugmentConfig, STUDY_AUGMENTATION, augment } from "./augment.ts";
import { decodeImage } from "./decode.ts";
import { type Preprocess, pixelNormalizer, resizeAndCrop } from "./preprocess.ts";
import type { Raster } from "./raster.ts";
import type { Rejected, Row } from "./row.ts";

/** Held in memory by default: 149,000 images of 48 pixels, or 7,100 of 224. */
export const DEFAULT_MEMORY_BUDGET = 2 ** 30;

export interface PixelOptions {
  readonly rows: readonly Row[];
  readonly preprocess: Preprocess;
  /** What changes in an epoch; applied after resizing. */
  readonly augment: AugmentConfig;
  readonly seed: string | number;
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
  /** The resized image of `rows[index]`, not augmented. */
  image(index: number): Promise<Raster>;
  /**
   * `pixelValues` [indices.length, 3, height, width] of `rows[index]` for each index: as `epoch` augments them, or
   * plain when it is null. They depend on seed, epoch and row ids alone, never on order, timing or batch.
   */
  batch(indices: readonly number[], epoch: number | null): Promise<Float32Array>;
}

/**
 * Reads every image of `rows` once, on sharp's threads, so that a bad one is known before anything is trained.
 *
 * A row that shares the file of the row it originates from is an augmented copy that was never written: it gets the
 * study's augmentation, the same in every epoch, before the epoch's own.
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
      failures.set(path, thrown.message);
    }
    options.onProgress?.(++done, paths.length);
  });
  const rows = options.rows.filter((row) => !failures.has(row.path));
  const bad = options.rows.flatMap(({ id, path }) => {
    const reason = failures.get(path);
    return reason === undefined ? [] : { id, reason };
  });
  if (bad.length > maxBad * options.rows.length) throw tooMany(bad, options.rows.length, maxBad);

  const slots = new Map(paths.map((path, i) => [path, i]));
  const image = async (index: number): Promise<Raster> => {
    const { path } = rows[index]!;
    if (!held) return resizeAndCrop(await decodeImage(path), preprocess);
    const start = slots.get(path)! * size;
    return { width, height, data: held.subarray(start, start + size) };
  };

  const origins = new Map(options.rows.map((row) => [row.id, row.path]));
  const augmented = (original: Raster, { id, origin, path }: Row, epoch: number | null): Raster => {
    const isCopy = origin !== null && origins.get(origin) === path;
    const copy = isCopy
      ? augment(original, STUDY_AUGMENTATION, random(seed, "copy", id))
      : original;
    return epoch === null
      ? copy
      : augment(copy, options.augment, random(seed, "augment", epoch, id));
  };
  const normalize = pixelNormalizer(preprocess);

  return {
    rows,
    bad,
    shape: [3, height, width],
    bytes: held?.length ?? 0,
    image,
    batch: async (indices, epoch) => {
      const out = new Float32Array(indices.length * size);
      await forEachAtOnce(indices, async (index, i) => {
        normalize(augmented(await image(index), rows[index]!, epoch), out, i * size);
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

const LISTED = 5;

function tooMany(bad: readonly Rejected[], total: number, maxBad: number): EquiclipError {
  const listed = bad.slice(0, LISTED).map(({ reason }) => reason);
  const more = bad.length > LISTED ? `; and ${bad.length - LISTED} more` : "";
  return new EquiclipError(
    `${bad.length} of ${total} images cannot be read, at most ${Math.floor(maxBad * total)} may (data.maxBad ${maxBad}): ${listed.join("; ")}${more}`,
  );
}
