/** @file Separable filters in fixed point: what resizing and blurring have in common. */
import { PAGE } from "../run/wasm.ts";
import { LOW_BITS, PRECISION, filterKernel } from "./filter-kernel.ts";
import type { Raster } from "./raster.ts";

/** A part of the filtered image. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** For each output position the first input position and its weights, in pairs of taps (see filter-kernel.ts). */
export interface Taps {
  readonly first: Int32Array;
  readonly weights: Int16Array;
  /** Pairs of a position; an odd tap's partner lies one position beyond and weighs nothing. */
  readonly pairs: number;
}

/**
 * Taps of `spans`: for each output position the first input position and the weights from there on, which are
 * brought to sum 1. `length` is the number of input positions.
 */
export function makeTaps(
  spans: readonly { readonly low: number; readonly weights: readonly number[] }[],
  length: number,
): Taps {
  const stride = spans.reduce((most, span) => Math.max(most, span.weights.length), 1);
  const pairs = Math.ceil(stride / 2);
  const first = Int32Array.from(spans, ({ low }) => Math.min(low, length - stride)); // all taps inside
  const packed = new Int16Array(spans.length * pairs * 4);
  for (const [i, { low, weights }] of spans.entries()) {
    let total = 0;
    for (const weight of weights) total += weight;
    for (let k = 0, tap = low - first[i]!; k < weights.length; k++, tap++) {
      const scaled = (weights[k]! / total) * (1 << PRECISION);
      const fixed = Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
      const at = (i * pairs + (tap >> 1)) * 4 + (tap & 1);
      packed[at] = fixed >> LOW_BITS;
      packed[at + 2] = fixed & ((1 << LOW_BITS) - 1);
    }
  }
  return { first, weights: packed, pairs };
}

const kernel = filterKernel();

/** Bytes that the kernel may read or write beyond the end. */
const SLACK = 16;

/** Room for parts of these sizes in the kernel's memory, whose old content is lost; the address of each. */
function allot(...sizes: readonly number[]): number[] {
  let end = 0;
  const starts = sizes.map((size) => {
    const start = end;
    end = Math.ceil((end + size + SLACK) / SLACK) * SLACK;
    return start;
  });
  const missing = end - kernel.memory.buffer.byteLength;
  if (missing > 0) kernel.memory.grow(Math.ceil(missing / PAGE));
  return starts;
}

/**
 * Filters columns, then rows, rounding and clamping to 8 bits after each pass as Pillow does; returns the `window` of
 * the result, and computes only what the window needs.
 */
export function filter(image: Raster, columns: Taps, rows: Taps, window: Window): Raster {
  const { left, top, width, height } = window;
  const above = rows.first[top]!;
  const lines = Math.min(image.height, rows.first[top + height - 1]! + 2 * rows.pairs) - above;
  const line = image.width * 3;
  const filtered = width * 3;
  const columnBytes = columns.pairs * 8;
  const rowBytes = rows.pairs * 8;
  const [starts, columnWeights, rowWeights, source, middle, out] = allot(
    width * 4,
    width * columnBytes,
    height * rowBytes,
    line + 2 * 3, // a pair beyond the last pixel
    (lines + 1) * filtered, // and beyond the last line
    height * filtered,
  ) as [number, number, number, number, number, number];
  const { buffer } = kernel.memory;
  const memory = new Uint8Array(buffer);
  const bytesOf = ({ weights }: Taps, from: number, count: number, bytes: number): Uint8Array =>
    new Uint8Array(weights.buffer, from * bytes, count * bytes);
  memory.set(bytesOf(columns, left, width, columnBytes), columnWeights);
  memory.set(bytesOf(rows, top, height, rowBytes), rowWeights);
  const firsts = new Int32Array(buffer, starts, width);
  for (let x = 0; x < width; x++) firsts[x] = columns.first[left + x]! * 3;

  for (let y = 0; y < lines; y++) {
    const from = (above + y) * line;
    memory.set(image.data.subarray(from, from + line), source);
    const to = middle + y * filtered;
    kernel.horizontal(source, starts, columnWeights, columns.pairs, to, width);
  }
  for (let y = 0; y < height; y++) {
    const first = middle + (rows.first[top + y]! - above) * filtered;
    const to = out + y * filtered;
    kernel.vertical(first, filtered, rowWeights + y * rowBytes, rows.pairs, to, to + filtered);
  }
  return { width, height, data: memory.slice(out, out + height * filtered) };
}
