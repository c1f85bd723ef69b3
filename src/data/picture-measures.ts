/** @file What a picture looks like, whatever it shows: how bright, how rich in contrast, how sharp, how large. */
import type { Raster } from "./raster.ts";

export interface PictureMeasures {
  /** Mean luma (0.299 R + 0.587 G + 0.114 B), 0 black to 1 white. */
  readonly brightness: number;
  /** Standard deviation of luma, 0 to 0.5. */
  readonly contrast: number;
  /**
   * Variance of the Laplacian (4 neighbours) of luma from 0 to 255, inside of the border (Pech-Pacheco et al. 2000); null
   * for pictures below 3 x 3. It grows with what is in the picture, and falls when it is enlarged.
   */
  readonly sharpness: number | null;
  readonly width: number;
  readonly height: number;
}

export function measurePicture({ width, height, data }: Raster): PictureMeasures {
  const luma = new Float32Array(width * height);
  let [sum, squares] = [0, 0];
  for (let i = 0, at = 0; i < luma.length; i++, at += 3) {
    const of = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    luma[i] = of;
    sum += of;
    squares += of * of;
  }
  const mean = sum / luma.length;
  return {
    brightness: mean / 255,
    contrast: Math.sqrt(Math.max(0, squares / luma.length - mean * mean)) / 255,
    sharpness: width < 3 || height < 3 ? null : laplacianVariance(luma, width, height),
    width,
    height,
  };
}

function laplacianVariance(luma: Float32Array, width: number, height: number): number {
  let [sum, squares] = [0, 0];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1, i = y * width + 1; x < width - 1; x++, i++) {
      const edge = luma[i - 1]! + luma[i + 1]! + luma[i - width]! + luma[i + width]! - 4 * luma[i]!;
      sum += edge;
      squares += edge * edge;
    }
  const n = (width - 2) * (height - 2);
  return Math.max(0, squares / n - (sum / n) ** 2);
}
