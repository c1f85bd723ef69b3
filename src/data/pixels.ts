/** @file The image loader: every row decoded and resized once where memory allows, augmented as the epoch has it. */
import { requireReadable } from "./accept.ts";
import type { AugmentConfig } from "./augment.ts";
import type { HeldPixels } from "./load.ts";
import { type Loader, loaderFor } from "./loader.ts";
import { type Preprocess, channelsOf } from "./preprocess.ts";
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
  /** Who reads and changes images; by default worker threads when there are many. */
  readonly loader?: Loader;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface PixelStore {
  /** The rows whose image can be read, in the order given. */
  readonly rows: readonly Row[];
  /** The others, and why. */
  readonly bad: readonly Rejected[];
  /** Of one image. */
  readonly shape: readonly [channels: 1 | 3, height: number, width: number];
  /** Bytes of pixels held; 0 when the table exceeds the budget. */
  readonly bytes: number;
  /**
   * `pixelValues` [indices.length, channels, height, width] of `rows[index]` for each index: as `epoch` augments them, or
   * plain when it is null. They depend on seed, epoch and row ids alone, never on order, timing or batch.
   */
  batch(indices: readonly number[], epoch: number | null): Promise<Float32Array>;
  /** SHA-256 of what `batch` would normalise: resized and changed pixels, one for each index. */
  digests(indices: readonly number[], epoch: number | null): Promise<string[]>;
}

/**
 * Reads every image of `rows` once, so that a bad one is known before anything is trained.
 *
 * An augmented copy that has no file of its own (see copies.ts) is its origin's file with the study's augmentation, the
 * same in every epoch; the epoch's own comes on top.
 *
 * Throws EquiclipError listing the first unreadable images when more than `maxBad` of the rows have one.
 */
export async function createPixelStore(options: PixelOptions): Promise<PixelStore> {
  const { preprocess, augment, seed, memoryBudget = DEFAULT_MEMORY_BUDGET, maxBad = 0 } = options;
  const { width, height } = preprocess.crop;
  const size = width * height * 3; // what is held is RGB
  const channels = channelsOf(preprocess);
  const numbers = channels * width * height;
  const slots = new Map<string, number>(); // copies share a file
  for (const { path } of options.rows) if (!slots.has(path)) slots.set(path, slots.size);
  const files = Array.from(slots, ([path, slot]) => ({ path, slot }));
  const { loader = loaderFor(files.length) } = options;
  const bytes = files.length * size <= memoryBudget ? files.length * size : 0;
  const held: HeldPixels | null =
    bytes > 0 ? { data: new Uint8Array(new SharedArrayBuffer(bytes)), size } : null;

  const failures = new Map<string, string>();
  let done = 0;
  await loader.load("check", files, { preprocess, held }, (i, reason) => {
    if (reason !== null) failures.set(files[i]!.path, reason);
    options.onProgress?.(++done, files.length);
  });
  const rows = options.rows.filter((row) => !failures.has(row.path));
  const bad = options.rows.flatMap(({ id, path }) => {
    const reason = failures.get(path);
    return reason === undefined ? [] : { id, reason };
  });
  requireReadable(bad, options.rows.length, maxBad);

  const common = { preprocess, held, augment, seed };
  const itemsOf = (indices: readonly number[]) =>
    indices.map((index) => {
      const { id, origin, path } = rows[index]!;
      return { id, origin, path, slot: slots.get(path)! };
    });
  return {
    rows,
    bad,
    shape: [channels, height, width],
    bytes,
    async batch(indices, epoch) {
      const out = new Float32Array(indices.length * numbers);
      const put = (i: number, pixels: Float32Array): void => out.set(pixels, i * numbers);
      await loader.load("pixels", itemsOf(indices), { ...common, epoch }, put);
      return out;
    },
    async digests(indices, epoch) {
      const out: string[] = [];
      const put = (i: number, digest: string): void => void (out[i] = digest);
      await loader.load("digest", itemsOf(indices), { ...common, epoch }, put);
      return out;
    },
  };
}
