/** @file Pictures side by side in one picture, with words around them; a missing picture is a tile that says so. */
import sharp, { type OverlayOptions } from "sharp";
import { decodeImage } from "../../data/decode.ts";
import { EquiclipError } from "../../run/errors.ts";
import { shorten, widthOfText } from "../charts/svg.ts";
import { escapeHtml } from "../html/template.ts";

/** A picture by its path or bytes; a reason, in a few words, where there is none. */
export type Picture = { readonly image: string | Uint8Array } | { readonly missing: string };

/** A picture in its place; pixels. */
export interface Tile {
  readonly picture: Picture;
  readonly left: number;
  readonly top: number;
}

/** A line of text by its baseline. */
export interface Words {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly isBold?: boolean;
  readonly isMuted?: boolean;
  readonly anchor?: "start" | "middle" | "end";
  /** Pixels that it may take: more is cut. */
  readonly width: number;
}

const FONTS =
  "'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', 'Noto Sans', 'Noto Sans CJK SC', sans-serif";
/** That text widths are estimated at. */
const ESTIMATED = 12;

const wordsSvg = ({ text, x, y, size, isBold, isMuted, anchor, width }: Words): string =>
  `<text x="${x}" y="${y}" font-size="${size}" text-anchor="${anchor ?? "start"}" font-weight="${isBold ? "bold" : "normal"}" fill="${isMuted ? "#646e80" : "#1b2230"}">${escapeHtml(shorten(text, (width * ESTIMATED) / size))}</text>`;

/** The words over a page of width x height, as SVG. */
export const overlaySvg = (width: number, height: number, words: readonly Words[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONTS}">${words.map(wordsSvg).join("")}</svg>`;

/** Words in the middle of an empty tile, in at most four lines. */
function missingSvg(side: number, reason: string): string {
  const size = Math.min(14, Math.max(9, Math.round(side / 12)));
  const room = ((side - 10) * ESTIMATED) / size;
  const lines: string[] = [];
  for (const word of reason.split(/\s+/)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOfText(longer) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  const shown = lines.slice(0, 4);
  const words = shown.map((text, i): Words => ({
    text,
    x: side / 2,
    y: side / 2 + size * (1.3 * (i - (shown.length - 1) / 2) + 0.35),
    size,
    isMuted: true,
    anchor: "middle",
    width: side - 10,
  }));
  return overlaySvg(side, side, words).replace(
    "<text",
    `<rect x="1" y="1" width="${side - 2}" height="${side - 2}" rx="6" fill="#f1f3f6" stroke="#98a2b3" stroke-dasharray="5,4"/><text`,
  );
}

/** The picture within side x side; what cannot be read is a tile with the reason. */
async function tileOf(
  picture: Picture,
  side: number,
): Promise<{ input: Buffer; dx: number; dy: number }> {
  const empty = (reason: string) => ({
    input: Buffer.from(missingSvg(side, reason)),
    dx: 0,
    dy: 0,
  });
  if ("missing" in picture) return empty(picture.missing);
  try {
    const { width, height, data } = await decodeImage(picture.image);
    const { data: input, info } = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(side, side, { fit: "inside" })
      .png({ compressionLevel: 1 })
      .toBuffer({ resolveWithObject: true });
    return {
      input,
      dx: Math.floor((side - info.width) / 2),
      dy: Math.floor((side - info.height) / 2),
    };
  } catch (cause) {
    if (cause instanceof EquiclipError) return empty("cannot be read");
    throw cause;
  }
}

/** Pictures decoded at a time. */
const BATCH = 8;

/** The whole picture on white. @param side of a tile */
export async function drawTiles(
  size: { readonly width: number; readonly height: number },
  side: number,
  tiles: readonly Tile[],
  words: readonly Words[],
): Promise<Buffer> {
  const layers: OverlayOptions[] = [];
  for (let from = 0; from < tiles.length; from += BATCH)
    layers.push(
      ...(await Promise.all(
        tiles.slice(from, from + BATCH).map(async ({ picture, left, top }) => {
          const { input, dx, dy } = await tileOf(picture, side);
          return { input, left: left + dx, top: top + dy };
        }),
      )),
    );
  const { width, height } = size;
  return sharp({ create: { width, height, channels: 3, background: "#ffffff" } })
    .composite([
      ...layers,
      { input: Buffer.from(overlaySvg(width, height, words)), left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
}
