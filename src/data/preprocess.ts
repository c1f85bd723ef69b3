/** @file From decoded pixels to what a vision tower is fed: resize, centre crop, normalise. */
import type { Raster } from "./raster.ts";
import { type Kernel, resize } from "./resize.ts";

/** How images become `pixelValues`; a model's image processor is one of these. */
export interface Preprocess {
  /** First the shortest edge to a length (aspect kept), or to an exact size, or nothing. */
  readonly resize:
    | { readonly shortestEdge: number }
    | { readonly width: number; readonly height: number }
    | null;
  /** Then the centre of this size, with black around a smaller image. */
  readonly crop: { readonly width: number; readonly height: number };
  readonly kernel: Kernel;
  /** Then (level * rescaleFactor - mean) / std by channel. */
  readonly rescaleFactor: number;
  readonly mean: readonly [r: number, g: number, b: number];
  readonly std: readonly [r: number, g: number, b: number];
}

/** The size before the crop: the long edge is rounded down, as transformers' `get_resize_output_image_size` does. */
function resizedSize(image: Raster, target: Preprocess["resize"]): [width: number, height: number] {
  const { width, height } = image;
  if (target === null) return [width, height];
  if ("width" in target) return [target.width, target.height];
  const short = target.shortestEdge;
  return width <= height
    ? [short, Math.trunc((short * height) / width)]
    : [Math.trunc((short * width) / height), short];
}

/**
 * Resizes and crops as transformers' `CLIPImageProcessorPil` does, bit for bit.
 * @returns an image of `spec.crop`'s size.
 */
export function resizeAndCrop(image: Raster, spec: Preprocess): Raster {
  const [width, height] = resizedSize(image, spec.resize);
  const { crop } = spec;
  const left = Math.floor((width - crop.width) / 2);
  const top = Math.floor((height - crop.height) / 2);
  const visible = {
    left: Math.max(0, left),
    top: Math.max(0, top),
    width: Math.min(width, crop.width),
    height: Math.min(height, crop.height),
  };
  const centre = resize(image, width, height, spec.kernel, visible);
  if (left >= 0 && top >= 0) return centre;
  const data = new Uint8Array(crop.width * crop.height * 3);
  const line = visible.width * 3;
  for (let y = 0; y < visible.height; y++) {
    const target = (y + visible.top - top) * crop.width + visible.left - left;
    data.set(centre.data.subarray(y * line, (y + 1) * line), target * 3);
  }
  return { ...crop, data };
}

/**
 * The last step: writes an image's `pixelValues` [3, height, width] into `out` from `offset` on.
 * (transformers computes in float32 and differs by at most 5e-7.)
 */
export function pixelNormalizer({
  rescaleFactor,
  mean,
  std,
}: Preprocess): (image: Raster, out: Float32Array, offset: number) => void {
  const table = Float32Array.from({ length: 3 * 256 }, (_, i) => {
    const channel = i >> 8;
    return ((i & 255) * rescaleFactor - mean[channel]!) / std[channel]!;
  });
  return ({ data }, out, offset) => {
    const plane = data.length / 3;
    let green = offset + plane;
    let blue = green + plane;
    for (let p = 0, red = offset; p < data.length; p += 3) {
      out[red++] = table[data[p]!]!;
      out[green++] = table[256 + data[p + 1]!]!;
      out[blue++] = table[512 + data[p + 2]!]!;
    }
  };
}
