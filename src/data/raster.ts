/** @file Decoded pixels. */

/** An RGB image: 8 bits a channel, interleaved, rows top to bottom; data.length = width * height * 3. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
