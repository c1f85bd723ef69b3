/** @file What is done to one image on its way to a model, on any thread. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { pipeline } from "node:stream/promises";
import { isMainThread } from "node:worker_threads";
import { EquiclipError, messageOf } from "../run/errors.ts";
import { random } from "../run/random.ts";
import { type AugmentConfig, augment } from "./augment.ts";
import { imageOfRow } from "./copies.ts";
import { decodeImage } from "./decode.ts";
import { type PictureMeasures, measurePicture } from "./picture-measures.ts";
import { type Preprocess, channelsOf, pixelNormalizer, resizeAndCrop } from "./preprocess.ts";
import type { Raster } from "./raster.ts";
import type { Row } from "./row.ts";
import { thumbnailOf } from "./thumbnail.ts";

/** Resized pixels of files, one after the other, in memory that all threads see. */
export interface HeldPixels {
  readonly data: Uint8Array;
  /** Bytes of an image. */
  readonly size: number;
}

/** A file, and the place of its pixels among those held. */
export interface FileSlot {
  readonly path: string;
  readonly slot: number;
}

/** The kinds of work: what it is given of each image and of all, and what it gives. Plain data: it crosses threads. */
export interface Tasks {
  /** Reads a file and keeps its resized pixels where they are held; gives why it cannot be read, or null. */
  readonly check: {
    readonly item: FileSlot;
    readonly common: { readonly preprocess: Preprocess; readonly held: HeldPixels | null };
    readonly result: string | null;
  };
  /** Reads a file, resized where it is said to what; gives its pixels, or why it cannot be read. */
  readonly decode: {
    readonly item: string;
    readonly common: { readonly preprocess: Preprocess | null };
    readonly result: Raster | string;
  };
  /** Reads a file; gives what it looks like and its size in bytes, or why it cannot be read. */
  readonly measure: {
    readonly item: string;
    readonly common: null;
    readonly result: (PictureMeasures & { readonly bytes: number }) | string;
  };
  /** SHA-256 of a file's bytes, or why it cannot be read. */
  readonly hash: {
    readonly item: string;
    readonly common: null;
    readonly result: { readonly sha256: string } | string;
  };
  /** A small picture of a file as JPEG, or why it cannot be read. */
  readonly thumbnail: {
    readonly item: string;
    readonly common: null;
    readonly result: Uint8Array | string;
  };
  /** `pixelValues` [channels, height, width] of a row as an epoch augments it; plain where it is null. */
  readonly pixels: OfRow<Float32Array<ArrayBuffer>>;
  /** SHA-256 of the pixels that those are made of. */
  readonly digest: OfRow<string>;
}
interface OfRow<Result> {
  readonly item: FileSlot & Pick<Row, "id" | "origin">;
  readonly common: {
    readonly preprocess: Preprocess;
    readonly held: HeldPixels | null;
    readonly augment: AugmentConfig;
    readonly seed: number;
    readonly epoch: number | null;
  };
  readonly result: Result;
}
export type Kind = keyof Tasks;

/** Some images' work. */
export type LoadJob = {
  readonly [K in Kind]: {
    readonly kind: K;
    readonly items: readonly Tasks[K]["item"][];
    readonly common: Tasks[K]["common"];
  };
}[Kind];

const decoded = (path: string): Promise<Raster> => decodeImage(path, { blocking: !isMainThread });

/** The result, or the reason why the file cannot be read. */
async function orReason<T>(path: string, work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof EquiclipError)) throw thrown;
    return thrown.message.replace(`${path}: `, "");
  }
}
const readable = <T>(path: string, work: (image: Raster) => T): Promise<T | string> =>
  orReason(path, decoded(path).then(work));

async function fileHash(path: string): Promise<{ sha256: string }> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash).catch((cause: unknown) => {
    throw new EquiclipError(`${path}: cannot be read: ${messageOf(cause)}`, 1, { cause });
  });
  return { sha256: hash.digest("hex") };
}

type Doers = {
  readonly [K in Kind]: (
    common: Tasks[K]["common"],
  ) => (item: Tasks[K]["item"]) => Promise<Tasks[K]["result"]>;
};

const DO: Doers = {
  check:
    ({ preprocess, held }) =>
    ({ path, slot }) =>
      readable(path, (image) => {
        held?.data.set(resizeAndCrop(image, preprocess).data, slot * held.size);
        return null;
      }),
  decode:
    ({ preprocess }) =>
    (path) =>
      readable(path, (image) => (preprocess ? resizeAndCrop(image, preprocess) : image)),
  measure: () => async (path) => {
    const measures = await readable(path, measurePicture);
    return typeof measures === "string"
      ? measures
      : { ...measures, bytes: (await stat(path)).size };
  },
  hash: () => (path) => orReason(path, fileHash(path)),
  thumbnail: () => (path) => orReason(path, thumbnailOf(path)),
  pixels: (common) => {
    const { width, height } = common.preprocess.crop;
    const normalize = pixelNormalizer(common.preprocess);
    return async (row) => {
      const out = new Float32Array(channelsOf(common.preprocess) * width * height);
      normalize(await imageOf(row, common), out, 0);
      return out;
    };
  },
  digest: (common) => async (row) =>
    createHash("sha256")
      .update((await imageOf(row, common)).data)
      .digest("hex"),
};

/** The resized image of a row, as an epoch changes it. */
async function imageOf(
  row: Tasks["pixels"]["item"],
  { preprocess, held, augment: config, seed, epoch }: Tasks["pixels"]["common"],
): Promise<Raster> {
  const file = held
    ? {
        ...preprocess.crop,
        data: held.data.subarray(row.slot * held.size, (row.slot + 1) * held.size),
      }
    : resizeAndCrop(await decoded(row.path), preprocess);
  const original = imageOfRow(file, row, seed);
  return epoch === null
    ? original
    : augment(original, config, random(seed, "augment", epoch, row.id));
}

/** Does `job` on this thread, some images at a time, for sharp decodes on threads of its own. */
export async function loadHere<K extends Kind>(
  kind: K,
  items: readonly Tasks[K]["item"][],
  common: Tasks[K]["common"],
  onEnd: (index: number, result: Tasks[K]["result"]) => void,
): Promise<void> {
  const work = DO[kind](common);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      onEnd(index, await work(items[index]!));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() + 2 }, worker));
}
