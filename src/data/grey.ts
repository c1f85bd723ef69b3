/** @file Pictures without their colours. */
import type { Raster } from "./raster.ts";

/** What of a colour is kept: Pillow's luma, or the L of HSL. */
export type Lightness = "luma" | "hsl";

/** A level from 0 to 255 of red, green and blue. */
const LEVELS: { readonly [L in Lightness]: (r: number, g: number, b: number) => number } = {
  // ITU-R 601-2: 0.299 R + 0.587 G + 0.114 B, as Pillow's `convert("L")` rounds it
  luma: (r, g, b) => (19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16,
  // halves are rounded up
  hsl: (r, g, b) => (Math.max(r, g, b) + Math.min(r, g, b) + 1) >> 1,
};

/** The lightness of every pixel, in all three channels. */
export function toGrey({ width, height, data }: Raster, lightness: Lightness = "luma"): Raster {
  const level = LEVELS[lightness];
  const grey = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const value = level(data[i]!, data[i + 1]!, data[i + 2]!);
    grey[i] = value;
    grey[i + 1] = value;
    grey[i + 2] = value;
  }
  return { width, height, data: grey };
}
