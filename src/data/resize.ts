/** @file Pillow's antialiased resize, bit for bit: what the image processors of CLIP models were trained with. */
import type { Raster } from "./raster.ts";

/** A part of the resized image. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const KERNELS = {
  bilinear: { support: 1, at: (x: number): number => Math.max(0, 1 - Math.abs(x)) },
  // Keys' cubic convolution with a = -0.5
  bicubic: {
    support: 2,
    at: (signed: number): number => {
      const x = Math.abs(signed);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
    },
  },
} as const;
export type Kernel = keyof typeof KERNELS;

/** Pillow's fixed point: 32 bits less 8 of the pixel less 2 of head room for negative lobes. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/** For each output position the first input position and its weights, `stride` a position (zeros at the end). */
interface Taps {
  readonly first: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

function makeTaps(from: number, to: number, { support, at }: (typeof KERNELS)[Kernel]): Taps {
  const scale = from / to;
  const stretch = Math.max(scale, 1); // antialiasing: the kernel covers every input pixel when shrinking
  const reach = support * stretch;
  const bounds = Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - reach + 0.5));
    const high = Math.min(from, Math.trunc(centre + reach + 0.5));
    return { centre, low, high };
  });
  const stride = bounds.reduce((most, { low, high }) => Math.max(most, high - low), 1);
  const first = Int32Array.from(bounds, ({ low }) => Math.min(low, from - stride)); // all taps inside the row
  const weights = new Int32Array(to * stride);
  bounds.forEach(({ centre, low, high }, i) => {
    const exact = Array.from({ length: high - low }, (_, k) =>
      at((low + k - centre + 0.5) * (1 / stretch)),
    );
    const total = exact.reduce((sum, weight) => sum + weight, 0);
    exact.forEach((weight, k) => {
      const fixed = (weight / total) * (1 << PRECISION);
      weights[i * stride + low - first[i]! + k] = Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    });
  });
  return { first, weights, stride };
}

const cache = new Map<string, Taps>();
const CACHE_LIMIT = 512;

function tapsFor(from: number, to: number, kernel: Kernel): Taps {
  const key = `${from}/${to}/${kernel}`;
  const known = cache.get(key);
  if (known) return known;
  const taps = makeTaps(from, to, KERNELS[kernel]);
  if (cache.size >= CACHE_LIMIT) cache.clear(); // a folder of pictures of all sizes must not grow it for ever
  cache.set(key, taps);
  return taps;
}

/**
 * Resizes `image` to `width` x `height` pixels as `PIL.Image.resize` does (22-bit fixed point, horizontal pass first,
 * rounded and clamped after each pass) and returns the `window` of the result, by default all of it; only the
 * pixels the window needs are computed. Source: Pillow, `src/libImaging/Resample.c`.
 *
 * sharp's own `resize({ kernel: "cubic" })` is not the same: on the test images it differs by up to 9 grey levels when
 * shrinking (200 to 48) and 149 when enlarging (200 to 224, where it also places pixel centres differently).
 */
export function resize(
  image: Raster,
  width: number,
  height: number,
  kernel: Kernel,
  window: Window = { left: 0, top: 0, width, height },
): Raster {
  const rows = tapsFor(image.height, height, kernel);
  const above = rows.first[window.top]!;
  const below = rows.first[window.top + window.height - 1]! + rows.stride;
  const narrowed = horizontal(image, tapsFor(image.width, width, kernel), window, above, below);
  return vertical(narrowed, rows, window, above);
}

/** Input rows `above` to `below` (exclusive), resampled to the window's columns. */
function horizontal(
  image: Raster,
  taps: Taps,
  { left, width }: Window,
  above: number,
  below: number,
): Raster {
  const out = new Uint8ClampedArray((below - above) * width * 3); // storing clamps, as Pillow's clip8 does
  let o = 0;
  for (let y = above; y < below; y++) {
    const row = y * image.width;
    for (let x = left; x < left + width; x++, o += 3) {
      weigh(image.data, (row + taps.first[x]!) * 3, 3, taps, x, out, o);
    }
  }
  return { width, height: below - above, data: new Uint8Array(out.buffer) };
}

/** The window's rows from the input rows that start at `above`. */
function vertical(
  image: Raster,
  taps: Taps,
  { top, width, height }: Window,
  above: number,
): Raster {
  const line = width * 3;
  const out = new Uint8ClampedArray(height * line);
  let o = 0;
  for (let y = top; y < top + height; y++) {
    const row = (taps.first[y]! - above) * line;
    for (let x = 0; x < line; x += 3, o += 3) weigh(image.data, row + x, line, taps, y, out, o);
  }
  return { width, height, data: new Uint8Array(out.buffer) };
}

/** One output pixel: the input pixels from `p` on, `step` bytes apart, by the weights of position `at`. */
function weigh(
  source: Uint8Array,
  p: number,
  step: number,
  { weights, stride }: Taps,
  at: number,
  out: Uint8ClampedArray,
  o: number,
): void {
  let r = HALF;
  let g = HALF;
  let b = HALF;
  const end = (at + 1) * stride;
  for (let k = at * stride, i = p; k < end; k++, i += step) {
    const weight = weights[k]!;
    r = (r + Math.imul(source[i]!, weight)) | 0;
    g = (g + Math.imul(source[i + 1]!, weight)) | 0;
    b = (b + Math.imul(source[i + 2]!, weight)) | 0;
  }
  out[o] = r >> PRECISION;
  out[o + 1] = g >> PRECISION;
  out[o + 2] = b >> PRECISION;
}
