/** @file What turns images into embeddings: a CLIP, an ONNX file, any model of transformers.js. */
import { type Preprocess, pixelNormalizer } from "../data/preprocess.ts";
import type { Raster } from "../data/raster.ts";

/** Rows of embeddings, row-major, as the model gives them: not scaled to unit length. */
export interface RawEmbeddings {
  readonly x: Float32Array;
  readonly d: number;
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

/** Pixels [batch, 3, height, width] of resized images, and zeros for those that are missing. */
export function pixelBatch(
  images: readonly Raster[],
  preprocess: Preprocess,
  batch: number,
): Float32Array {
  const { width, height } = preprocess.crop;
  const size = 3 * width * height;
  const normalize = pixelNormalizer(preprocess);
  const out = new Float32Array(batch * size);
  for (const [i, image] of images.entries()) normalize(image, out, i * size);
  return out;
}
