/** @file Images that tests of the data layer share. */
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import type { Raster } from "../../src/data/raster.ts";
import type { Row } from "../../src/data/row.ts";
import { random } from "../../src/run/random.ts";
import { row } from "./rows.ts";

/** Random pixels. */
export function noiseImage(width: number, height: number, seed: string | number = 0): Raster {
  const source = random("noise image", seed);
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, () => source.int(256)),
  };
}

export const flatImage = (width: number, height: number, level: number): Raster => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(level),
});

export const toSharp = ({ width, height, data }: Raster): Sharp =>
  sharp(data, { raw: { width, height, channels: 3 } });

/** A row for the file `name` of `folder`. */
export const rowOf = (folder: string, name: string): Row =>
  row(name, {}, { path: join(folder, name) });
