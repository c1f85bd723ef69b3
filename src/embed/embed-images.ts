/** @file Images to embeddings, a batch at a time, in a way that can be stopped and gone on with. */
import { createHash } from "node:crypto";
import { requireReadable } from "../data/accept.ts";
import { type Loader, loaderFor } from "../data/loader.ts";
import { resizeAndCrop } from "../data/preprocess.ts";
import type { Raster } from "../data/raster.ts";
import type { Rejected, Row } from "../data/row.ts";
import { ahead } from "../run/ahead.ts";
import { InterruptedError } from "../run/errors.ts";
import { unitRows } from "../run/linalg/embeddings.ts";
import type { Progress } from "../run/progress.ts";
import type { ImageEncoder } from "./encoder.ts";
import { type Batch, openPartial } from "./partial.ts";

export interface EmbedOptions {
  /** Images at a time, at least 2. */
  readonly batchSize: number;
  /** Share of images, 0 to 1, that may be unreadable. */
  readonly maxBad: number;
  /** Whether rows are scaled to unit length. */
  readonly normalise: boolean;
  /** Folder for what is done so far; goes on from what is there, and is gone in the end. */
  readonly partial: string;
  readonly progress: Progress;
  /** Once it aborts, the batch at hand is saved and InterruptedError thrown. */
  readonly signal: AbortSignal;
}

export interface EmbeddedImages {
  /** Those whose image could be read, in the order given. */
  readonly rows: readonly Row[];
  readonly bad: readonly Rejected[];
  /** [rows, d] */
  readonly x: Float32Array;
  readonly d: number;
  /** Forgets how far it came: called when the embeddings are safe elsewhere. */
  readonly finish: () => Promise<void>;
}

/** Decoded images of a batch, in order; the reason for one that cannot be read. */
async function decodeAll(
  rows: readonly Row[],
  { preprocess }: ImageEncoder,
  loader: Loader,
): Promise<(Raster | string)[]> {
  const out: (Raster | string)[] = [];
  const paths = rows.map(({ path }) => path);
  await loader.load("decode", paths, { preprocess }, (i, image) => {
    out[i] = image;
  });
  return out;
}

/** What tells this work from other work in the same folder. */
function keyOf(rows: readonly Row[], { about }: ImageEncoder, batchSize: number): string {
  const hash = createHash("sha256").update(JSON.stringify([about, batchSize]));
  for (const { id, path } of rows) hash.update(JSON.stringify([id, path]));
  return hash.digest("hex");
}

/**
 * Embeds the image of every row. Memory: the rows' embeddings and three batches of images.
 * Stopped at any moment and called again with the same arguments, it gives the same bits.
 * @throws {EquiclipError} listing the first unreadable images when there are more than `maxBad` allows
 */
export async function embedImages(
  rows: readonly Row[],
  encoder: ImageEncoder,
  { batchSize, maxBad, normalise, partial: folder, progress, signal }: EmbedOptions,
): Promise<EmbeddedImages> {
  const partial = await openPartial(folder, keyOf(rows, encoder, batchSize), batchSize);
  const bad = [...partial.bad];
  progress.start("embedding", rows.length, partial.done);
  const left = rows.length - partial.done;
  const chunks = Array.from({ length: Math.ceil(left / batchSize) }, (_, i) => {
    const from = partial.done + i * batchSize;
    return { from, some: rows.slice(from, from + batchSize) };
  });
  const loader = loaderFor(left);
  const load = async ({ from, some }: (typeof chunks)[number]) => ({
    from,
    some,
    decoded: await decodeAll(some, encoder, loader),
  });
  for await (const { from, some, decoded } of ahead(chunks, 2, load)) {
    const readable = [...decoded.keys()].filter((i) => typeof decoded[i] !== "string");
    const failed = [...decoded.entries()].flatMap(([i, image]) =>
      typeof image === "string" ? { row: from + i, id: some[i]!.id, reason: image } : [],
    );
    bad.push(...failed);
    requireReadable(bad, rows.length, maxBad, "--max-bad");
    const batch = await embedBatch(encoder, decoded, readable);
    await partial.append({ ...batch, bad: failed });
    progress.update(Math.min(from + batchSize, rows.length));
    if (signal.aborted && from + batchSize < rows.length)
      throw new InterruptedError(
        `${from + batchSize} of ${rows.length} images are embedded; the same command goes on from there`,
      );
  }
  progress.stop();
  const { x, d } = await partial.read();
  const gone = new Set(bad.map(({ row }) => row));
  const kept = [...rows.keys()].filter((row) => !gone.has(row));
  for (const [to, from] of kept.entries()) x.copyWithin(to * d, from * d, (from + 1) * d);
  const packed = x.subarray(0, kept.length * d);
  return {
    rows: kept.map((row) => rows[row]!),
    bad,
    x: normalise ? unitRows({ x: packed, n: kept.length, d }).x : packed,
    d,
    finish: partial.remove,
  };
}

/** Stands in where a batch has no readable image, so that its rows have as many numbers as others. */
const BLANK: Raster = { width: 1, height: 1, data: new Uint8Array(3) };

/** Embeds the readable images of a batch; the rows of the others are NaN. */
async function embedBatch(
  encoder: ImageEncoder,
  decoded: readonly (Raster | string)[],
  readable: readonly number[],
): Promise<Pick<Batch, "x" | "d">> {
  const images = readable.map((i) => decoded[i] as Raster);
  const blank = encoder.preprocess ? resizeAndCrop(BLANK, encoder.preprocess) : BLANK;
  const { x, d } = await encoder.embed(images.length > 0 ? images : [blank]);
  const out = new Float32Array(decoded.length * d).fill(Number.NaN);
  for (const [from, to] of readable.entries())
    out.set(x.subarray(from * d, (from + 1) * d), to * d);
  return { x: out, d };
}
