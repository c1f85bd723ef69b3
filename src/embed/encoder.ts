/** @file What turns images into embeddings: a CLIP, an ONNX file, any model of transformers.js. */
import { type Preprocess, channelsOf, pixelNormalizer } from "../data/preprocess.ts";
import type { Raster } from "../data/raster.ts";

/** Rows of embeddings, row-major, as the model gives them: not scaled to unit length. */
export interface RawEmbeddings {
  readonly x: Float32Array;
  readonly d: number;
}

/** Rows of each image, row-major: x is [images, tokens, d]. */
export interface Tokens extends RawEmbeddings {
  readonly tokens: number;
  /**
   * Rows at the start that stand for no patch: the class token, then registers, if any; 0 where there is none. Told by the
   * count: patches form a square.
   */
  readonly leading: number;
}

export interface ImageEncoder {
  /** What it is, in words that go into the file's metadata; they tell two encoders apart. */
  readonly about: Readonly<Record<string, string>>;
  /** How images are resized before they come here; null where the model's own library does it. */
  readonly preprocess: Preprocess | null;
  /**
   * One embedding for each of up to `batchSize` images. They are computed at one batch size, however many there are: a
   * product of other shape may be summed in another order.
   */
  embed(images: readonly Raster[]): Promise<RawEmbeddings>;
  dispose(): Promise<void>;
}

/** An encoder whose model may give several rows an image. */
export interface TokenEncoder extends ImageEncoder {
  /**
   * Those rows, of any number of images, not pooled.
   * @throws {UsageError} when the model gives one row an image
   */
  tokens(images: readonly Raster[]): Promise<Tokens>;
}

/** Pixels [batch, channels, height, width] of resized images, and zeros for those that are missing. */
export function pixelBatch(
  images: readonly Raster[],
  preprocess: Preprocess,
  batch: number,
): Float32Array {
  const { width, height } = preprocess.crop;
  const size = channelsOf(preprocess) * width * height;
  const normalize = pixelNormalizer(preprocess);
  const out = new Float32Array(batch * size);
  for (const [i, image] of images.entries()) normalize(image, out, i * size);
  return out;
}

/**
 * Numbers of any number of images, of which `compute` takes up to `count` at a time.
 * @param compute gives numbers of `count` images; those beyond the ones that it was given are dropped
 */
export async function inBatches<Result extends RawEmbeddings>(
  images: readonly Raster[],
  count: number,
  compute: (images: readonly Raster[]) => Promise<Result>,
): Promise<Result> {
  const results: Result[] = [];
  for (let from = 0; from < images.length; from += count)
    results.push(await compute(images.slice(from, from + count)));
  const size = results[0]!.x.length / count;
  const x = new Float32Array(images.length * size);
  for (const [i, part] of results.entries()) {
    const from = i * count;
    x.set(part.x.subarray(0, Math.min(count, images.length - from) * size), from * size);
  }
  return { ...results[0]!, x };
}
