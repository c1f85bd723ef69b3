/** @file Augmented copies of rows: their ids, seeds and pixels, made on the fly or written to files. */
import { join } from "node:path";
import sharp from "sharp";
import { writeFileAtomic } from "../run/files.ts";
import { random } from "../run/random.ts";
import { STUDY_AUGMENTATION, augment } from "./augment.ts";
import { decodeImage } from "./decode.ts";
import type { Raster } from "./raster.ts";
import type { Row } from "./row.ts";

/** The id of a row's n-th copy, which shares the row's file until it is written. */
export const copyId = (origin: string, n: number): string => `${origin}#${n}`;

/** The seed of that copy's augmentation, below 2^31. */
export const copySeed = (seed: number, id: string): number => random(seed, "copy", id).int(2 ** 31);

/** The numbers in a copy's id: `face.jpg#1#2` is the second copy of the first. None for a row with a file of its own. */
function numbersOf({ id, origin }: Pick<Row, "id" | "origin">): string[] {
  if (origin === null || !id.startsWith(`${origin}#`)) return [];
  return id.slice(origin.length + 1).split("#");
}

/**
 * The pixels of `row` from those of its file, at any size: a copy without a file of its own gets the study's
 * augmentation, a copy of a copy twice (the loader does so after resizing, where a blur of one pixel is wider than before it).
 */
export function imageOfRow(file: Raster, row: Pick<Row, "id" | "origin">, seed: number): Raster {
  let [image, id] = [file, row.origin ?? row.id];
  for (const n of numbersOf(row)) {
    id += `#${n}`;
    image = augment(image, STUDY_AUGMENTATION, random(copySeed(seed, id)));
  }
  return image;
}

/**
 * Writes the copies among `rows` into `folder`, at full size, and returns the rows with these files: `face.jpg#2`
 * becomes `face.jpg2.jpg`, the study's pattern, from which labels still parse. JPEG of quality 95.
 * Throws EquiclipError for an image that cannot be read or a file that cannot be written.
 */
export async function writeCopies(
  rows: readonly Row[],
  folder: string,
  seed: number,
): Promise<Row[]> {
  const out: Row[] = [];
  for (const row of rows)
    out.push(numbersOf(row).length > 0 ? await writeCopy(row, folder, seed) : row);
  return out;
}

async function writeCopy(row: Row, folder: string, seed: number): Promise<Row> {
  const { width, height, data } = imageOfRow(await decodeImage(row.path), row, seed);
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  const id = numbersOf(row).reduce((name, n) => `${name}${n}.jpg`, row.origin!);
  const inside = id.split(/[\\/]/).filter((part) => part !== ".."); // never above the folder
  const path = join(folder, ...inside);
  await writeFileAtomic(path, await image.jpeg({ quality: 95 }).toBuffer());
  return { ...row, id, path };
}
