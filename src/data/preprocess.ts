/** @file From decoded pixels to what a vision tower is fed: resize, centre crop, normalise. */
import { PAGE } from "../run/wasm.ts";
import { type Lightness, toGrey } from "./grey.ts";
import { normaliseKernel } from "./normalise-kernel.ts";
import type { Raster } from "./raster.ts";
import { type Kernel, resize } from "./resize.ts";

/** How images become `pixelValues`; a model's image processor is one of these. */
export interface Preprocess {
  /** 1: the lightness alone, Pillow's luma where `grey` names no other; 3 by default. */
  readonly channels?: 1 | 3;
  /** First every pixel to its lightness, in all three channels; colours stay where this is not given. */
  readonly grey?: Lightness;
  /** Then the shortest edge to a length (aspect kept), or to an exact size, or nothing. */
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

/** Planes of `pixelValues`. */
export const channelsOf = ({ channels = 3 }: Pick<Preprocess, "channels">): 1 | 3 => channels;

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
 * Resizes and crops as transformers' `CLIPImageProcessorPil` does, bit for bit, after making it grey where that is asked for.
 * @returns an image of `spec.crop`'s size.
 */
export function resizeAndCrop(source: Raster, spec: Preprocess): Raster {
  const lightness = spec.grey ?? (channelsOf(spec) === 1 ? "luma" : null);
  const image = lightness ? toGrey(source, lightness) : source;
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

const kernel = normaliseKernel();

/**
 * The last step: writes an image's `pixelValues` [channels, height, width] into `out` from `offset` on, computed in 32-bit floats
 * as transformers' PIL processors do, to their bits where 1 / rescaleFactor is a number of 32 bits (255, 127.5). One
 * channel is the first, with the first mean and deviation: of a grey image all three are equal.
 */
export function pixelNormalizer({
  channels = 3,
  rescaleFactor,
  mean,
  std,
}: Preprocess): (image: Raster, out: Float32Array, offset: number) => void {
  return ({ data }, out, offset) => {
    const plane = data.length / 3;
    const groups = Math.ceil(plane / 16);
    const stride = groups * 16 * 4;
    const source = 3 * stride;
    const end = source + groups * 48;
    const missing = end - kernel.memory.buffer.byteLength;
    if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE));
    new Uint8Array(kernel.memory.buffer).set(data, source);
    kernel.normalise(source, 0, stride, groups, 1 / rescaleFactor, ...mean, ...std);
    for (let c = 0; c < channels; c++)
      out.set(new Float32Array(kernel.memory.buffer, c * stride, plane), offset + c * plane);
  };
}
