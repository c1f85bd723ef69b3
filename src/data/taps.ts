/** @file Separable filters in fixed point: what resizing and blurring have in common. */
import type { Raster } from "./raster.ts";

/** A part of the filtered image. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** For each output position the first input position and its weights, `stride` a position. */
export interface Taps {
  readonly first: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

/** Pillow's fixed point: 32 bits less 8 of the pixel less 2 of head room for negative lobes. */
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/**
 * Taps of `spans`: for each output position the first input position and the weights from there on, which are
 * brought to sum 1. `length` is the number of input positions.
 */
export function makeTaps(
  spans: readonly { readonly low: number; readonly weights: readonly number[] }[],
  length: number,
): Taps {
  const stride = spans.reduce((most, span) => Math.max(most, span.weights.length), 1);
  const first = Int32Array.from(spans, ({ low }) => Math.min(low, length - stride)); // all taps inside
  const fixed = new Int32Array(spans.length * stride);
  spans.forEach(({ low, weights }, i) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    weights.forEach((weight, k) => {
      const scaled = (weight / total) * (1 << PRECISION);
      fixed[i * stride + low - first[i]! + k] = Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
    });
  });
  return { first, weights: fixed, stride };
}

/**
 * Filters columns, then rows, rounding and clamping to 8 bits after each pass as Pillow does; returns the `window` of
 * the result, and computes only what the window needs.
 */
export function filter(image: Raster, columns: Taps, rows: Taps, window: Window): Raster {
  const above = rows.first[window.top]!;
  const below = rows.first[window.top + window.height - 1]! + rows.stride;
  return vertical(horizontal(image, columns, window, above, below), rows, window, above);
}

/** Input rows `above` to `below` (exclusive), filtered to the window's columns. */
function horizontal(
  image: Raster,
  taps: Taps,
  { left, width }: Window,
  above: number,
  below: number,
): Raster {
  const out = new Uint8ClampedArray((below - above) * width * 3); // storing clamps
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
