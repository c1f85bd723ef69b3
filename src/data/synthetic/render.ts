/** @file Faces to PNG files: many to one SVG drawing, then camera noise, then one file each. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { random } from "../../run/random.ts";
import type { Raster } from "../raster.ts";
import { faceSvg } from "./face.ts";
import type { Parameters, Person } from "./person.ts";

/** Longest side of a drawing in pixels; a bigger one saves nothing. */
const SHEET = 640;
/** Drawings at work at once; each keeps at most one core busy. */
const AT_ONCE = 4;

/** The file name of a row, inside the images folder. */
export const imageName = (index: number): string => `${String(index).padStart(6, "0")}.png`;

/** Draws everybody into `folder`, which must exist. Bytes depend on the parameters and the version of sharp alone. */
export async function drawFaces(
  folder: string,
  people: readonly Person[],
  parameters: Parameters,
): Promise<void> {
  const across = Math.max(1, Math.floor(SHEET / parameters.size));
  const perSheet = across ** 2;
  const sheets = Array.from({ length: Math.ceil(people.length / perSheet) }, (_, i) =>
    people.slice(i * perSheet, (i + 1) * perSheet),
  );
  const next = sheets.values();
  const worker = async (): Promise<void> => {
    for (const sheet of next) await drawSheet(folder, sheet, across, parameters);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function drawSheet(
  folder: string,
  people: readonly Person[],
  across: number,
  { size, seed }: Parameters,
): Promise<void> {
  const place = (i: number) => ({ x: (i % across) * size, y: Math.floor(i / across) * size });
  const width = across * size;
  const height = Math.ceil(people.length / across) * size;
  const faces = people.map((person, i) => {
    const { x, y } = place(i);
    const face = faceSvg(person, random(seed, "synthetic look", person.index));
    return `<svg x="${x}" y="${y}" width="${size}" height="${size}" viewBox="0 0 100 100">${face}</svg>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${faces.join("")}</svg>`;
  const data = await sharp(Buffer.from(svg), { unlimited: true }).removeAlpha().raw().toBuffer();
  const sheet = { width, height, data };
  await Promise.all(
    people.map(async ({ index }, i) => {
      const face = photograph(
        sheet,
        place(i),
        size,
        random(seed, "synthetic camera", index).int(2 ** 32),
      );
      const png = await sharp(face.data, { raw: { width: size, height: size, channels: 3 } })
        .png({ compressionLevel: 6 })
        .toBuffer();
      await writeFile(join(folder, imageName(index)), png);
    }),
  );
}

/** Cuts a square out, with exposure, white balance and grain of its own. */
function photograph(
  sheet: Raster,
  from: { readonly x: number; readonly y: number },
  size: number,
  seed: number,
): Raster {
  const rng = random(seed);
  const exposure = rng.uniform(0.85, 1.12);
  const gains = [0, 1, 2].map(() => exposure * rng.uniform(0.95, 1.05));
  const grain = rng.uniform(2, 7); // standard deviation in grey levels
  const data = new Uint8Array(size * size * 3);
  // xorshift32: a sum of its four bytes is near enough to normal, and grain needs 12,288 draws a face
  let state = seed | 1;
  for (let y = 0; y < size; y++)
    for (let i = 0; i < size * 3; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const sum = (state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24);
      const normal = (sum - 510) / 147.8; // four bytes: mean 510, standard deviation 147.8
      const value = sheet.data[((from.y + y) * sheet.width + from.x) * 3 + i]!;
      data[y * size * 3 + i] = Math.min(
        255,
        Math.max(0, Math.round(value * gains[i % 3]! + grain * normal)),
      );
    }
  return { width: size, height: size, data };
}
