/** @file Moving pixels: mirror, rotation, crop and shift in one interpolation. */
import type { Raster } from "./raster.ts";

/** Applied in this order, about the image's centre. The identity is `STILL`. */
export interface Movement {
  /** Mirror left and right. */
  readonly flip: boolean;
  /** Counter-clockwise. */
  readonly degrees: number;
  /** The side of the part that is kept and enlarged, as a share of the image's; (0, 1]. */
  readonly keep: number;
  /** Where that part's centre lies, in pixels from the image's. */
  readonly centre: readonly [x: number, y: number];
  /** Whole pixels to the right and down. */
  readonly shift: readonly [x: number, y: number];
}

export const STILL: Movement = { flip: false, degrees: 0, keep: 1, centre: [0, 0], shift: [0, 0] };

/**
 * The moved image, of the same size: bilinear interpolation, the edge pixels repeated outwards.
 * A movement without rotation and crop only copies pixels.
 */
export const warp = (image: Raster, movement: Movement): Raster =>
  movement.degrees === 0 && movement.keep === 1
    ? copy(image, movement)
    : interpolate(image, movement);

function copy({ width, height, data }: Raster, { flip, shift: [dx, dy] }: Movement): Raster {
  const out = new Uint8Array(data.length);
  const within = (at: number, length: number): number => Math.min(length - 1, Math.max(0, at));
  const columns = Int32Array.from({ length: width }, (_, x) => {
    const from = within(flip ? width - 1 - (x - dx) : x - dx, width);
    return 3 * from;
  });
  let o = 0;
  for (let y = 0; y < height; y++) {
    const row = within(y - dy, height) * width * 3;
    for (let x = 0; x < width; x++, o += 3) {
      const p = row + columns[x]!;
      out[o] = data[p]!;
      out[o + 1] = data[p + 1]!;
      out[o + 2] = data[p + 2]!;
    }
  }
  return { width, height, data: out };
}

function interpolate({ width, height, data }: Raster, movement: Movement): Raster {
  const angle = (movement.degrees * Math.PI) / 180;
  const cos = Math.cos(angle) * movement.keep;
  const sin = Math.sin(angle) * movement.keep;
  const mirror = movement.flip ? -1 : 1;
  const right = width - 1;
  const bottom = height - 1;
  const [dx, dy] = movement.shift;
  const [cx, cy] = movement.centre;
  const out = new Uint8Array(data.length);
  let o = 0;
  for (let y = 0; y < height; y++) {
    const v = y - bottom / 2 - dy;
    for (let x = 0; x < width; x++, o += 3) {
      const u = x - right / 2 - dx;
      // where the pixel comes from: the steps undone, last first
      const fromX = right / 2 + mirror * (u * cos - v * sin + cx);
      const fromY = bottom / 2 + u * sin + v * cos + cy;
      const sx = fromX < 0 ? 0 : fromX > right ? right : fromX;
      const sy = fromY < 0 ? 0 : fromY > bottom ? bottom : fromY;
      const x0 = Math.floor(sx);
      const y0 = Math.floor(sy);
      const fx = sx - x0;
      const fy = sy - y0;
      const nw = (y0 * width + x0) * 3;
      const ne = x0 < right ? nw + 3 : nw;
      const south = y0 < bottom ? width * 3 : 0;
      const sw = nw + south;
      const se = ne + south;
      const wne = fx * (1 - fy);
      const wsw = (1 - fx) * fy;
      const wse = fx * fy;
      const wnw = 1 - wne - wsw - wse;
      for (let c = 0; c < 3; c++) {
        const level =
          data[nw + c]! * wnw + data[ne + c]! * wne + data[sw + c]! * wsw + data[se + c]! * wse;
        out[o + c] = level + 0.5;
      }
    }
  }
  return { width, height, data: out };
}
