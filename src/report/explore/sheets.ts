/** @file Many thumbnails in few pictures: a JPEG of 256 takes less than half of what 256 JPEGs take. */
import sharp from "sharp";
import { count } from "../format.ts";
import type { SheetData } from "./browser/data.ts";

const COLUMNS = 16;
const ROWS = 16;
const QUALITY = 76;
/** Side of a tile in pixels by the most pictures that it is for: 20,000 of them take about 30 MB. */
const SIDES = [
  { most: 4_000, side: 72 },
  { most: 12_000, side: 56 },
  { most: 24_000, side: 48 },
  { most: 40_000, side: 40 },
] as const;
const MOST = 40_000;

export interface Sheets {
  readonly data: Omit<SheetData, "slots">;
  /** Int32 [n], -1 for none. */
  readonly slots: Int32Array;
  /** JPEG each. */
  readonly pictures: readonly Buffer[];
  /** What the page does not show as it was given, one line each. */
  readonly notes: readonly string[];
}

/** RGB of a picture within side x side, on grey; null where it cannot be read. */
const tile = (jpeg: Uint8Array, side: number): Promise<Buffer | null> =>
  sharp(jpeg)
    .resize(side, side, { fit: "contain", background: "#808080" })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw()
    .toBuffer()
    .catch(() => null);

/**
 * Thumbnails in sheets of 256. Above 4,000 they are scaled down, above 40,000 an even sample of points has one.
 * @returns null where there are none
 */
export async function sheetsOf(thumbnails: readonly (Uint8Array | null)[]): Promise<Sheets | null> {
  const given = thumbnails.flatMap((jpeg, point) => (jpeg ? [{ jpeg, point }] : []));
  if (given.length === 0) return null;
  const kept =
    given.length <= MOST
      ? given
      : Array.from({ length: MOST }, (_, i) => given[Math.floor((i * given.length) / MOST)]!);
  const side = SIDES.find(({ most }) => kept.length <= most)!.side;
  const slots = new Int32Array(thumbnails.length).fill(-1);
  const pictures: Buffer[] = [];
  let damaged = 0;
  for (let from = 0; from < kept.length; from += COLUMNS * ROWS) {
    const some = kept.slice(from, from + COLUMNS * ROWS);
    const tiles = await Promise.all(some.map(({ jpeg }) => tile(jpeg, side)));
    const rows = Math.ceil(some.length / COLUMNS);
    const width = side * Math.min(COLUMNS, some.length);
    const sheet = Buffer.alloc(3 * width * side * rows, 0x80);
    tiles.forEach((pixels, i) => {
      if (pixels === null) {
        damaged++;
        return;
      }
      slots[some[i]!.point] = from + i;
      const left = 3 * side * (i % COLUMNS);
      const top = side * Math.floor(i / COLUMNS);
      for (let y = 0; y < side; y++)
        pixels.copy(sheet, 3 * width * (top + y) + left, 3 * side * y, 3 * side * (y + 1));
    });
    const raw = { width, height: side * rows, channels: 3 } as const;
    pictures.push(await sharp(sheet, { raw }).jpeg({ quality: QUALITY }).toBuffer());
  }
  return {
    data: { side, columns: COLUMNS, rows: ROWS },
    slots,
    pictures,
    notes: [
      ...(kept.length < given.length
        ? [
            `Pictures of ${count(kept.length)} of ${count(given.length)} points are in this page, evenly drawn: more would make it too large.`,
          ]
        : []),
      ...(side < SIDES[0].side
        ? [`Pictures are ${side} pixels wide, to keep the page small.`]
        : []),
      ...(damaged > 0 ? [`${count(damaged)} thumbnails could not be read.`] : []),
    ],
  };
}
