/** @file Drawn faces as JPEG files: what both sides read. */
import { existsSync } from "node:fs";
import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { writeCsv } from "../../src/data/csv.ts";
import type { Row } from "../../src/data/row.ts";
import { makeSyntheticFaces } from "../../src/data/synthetic.ts";
import { cacheFolder } from "./cache.ts";

/** UTKFace's. */
export const FACE_SIZE = 200;
/** Pictures drawn; more rows than these are further names of the same files. */
const DRAWN = 500;

/** Rows of `count` JPEG files of `size` pixels, with the labels `style` and `tone`, no split. Drawn once. */
export async function jpegFaces(
  count: number,
  size: number,
  progress: (text: string) => void,
): Promise<readonly Row[]> {
  const folder = cacheFolder(`bench-faces-${size}`);
  const { rows } = await makeSyntheticFaces(join(folder, "drawn"), {
    count: DRAWN,
    seed: "bench",
    size,
  });
  const files = join(folder, `${count}`);
  const at = (i: number): string => join(files, `${String(i).padStart(6, "0")}.jpg`);
  const faces = Array.from({ length: count }, (_, i) => ({
    ...rows[i % DRAWN]!,
    id: `${i}`,
    path: at(i),
    split: null,
  }));
  const complete = join(files, "manifest.csv");
  if (existsSync(complete)) return faces;
  progress(`writing ${count.toLocaleString("en")} faces, once`);
  await rm(files, { recursive: true, force: true });
  await mkdir(files, { recursive: true });
  for (let i = 0; i < count; i++)
    if (i < DRAWN)
      await writeFile(at(i), await sharp(rows[i]!.path).jpeg({ quality: 92 }).toBuffer());
    else await link(at(i % DRAWN), at(i));
  await writeCsv(complete, faces);
  return faces;
}
