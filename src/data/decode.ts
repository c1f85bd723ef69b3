/** @file Image files to RGB pixels, as Pillow and transformers read them. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import sharp, { type Metadata, type Sharp } from "sharp";
import { EquiclipError, messageOf } from "../run/errors.ts";
import { jpegHeader } from "./jpeg-header.ts";
import type { Raster } from "./raster.ts";

// many images are decoded side by side: threads within one, and a cache of past ones, would only cost
sharp.concurrency(1);
sharp.cache(false);

/** Pillow's `MAX_IMAGE_PIXELS`: what is larger is taken for a decompression bomb. */
const MAX_PIXELS = 89_478_485;

export interface DecodeOptions {
  /** Turn the picture as its EXIF orientation says; default true, as `transformers.image_utils.load_image` does. */
  readonly upright?: boolean;
  /** Larger pictures are refused before they are decoded; default `MAX_PIXELS`. */
  readonly maxPixels?: number;
  /** Hold this thread up while the file is read: cheaper, on one that has nothing else to do. Default false. */
  readonly blocking?: boolean;
}

const FORMATS: ReadonlySet<string> = new Set(["jpeg", "png", "gif", "webp", "tiff", "heif"]);

/** How the file keeps its pixels, where that changes how they become RGB. */
type Layout = "rgb" | "cmyk" | "grey16";

interface Header {
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly layout: Layout;
}

const layoutOf = ({ space, depth, channels }: Metadata): Layout => {
  if (space === "cmyk") return "cmyk";
  return depth === "ushort" && channels === 1 ? "grey16" : "rgb";
};

async function headerOf(bytes: Uint8Array, image: Sharp): Promise<Header> {
  const jpeg = jpegHeader(bytes);
  if (jpeg) return { ...jpeg, format: "jpeg", layout: jpeg.components === 4 ? "cmyk" : "rgb" };
  const metadata = await image.metadata();
  return { ...metadata, layout: layoutOf(metadata) };
}

const READERS: { readonly [L in Layout]: (image: Sharp) => Promise<Raster> } = {
  // 16-bit colour keeps the high byte, grey is repeated, palettes are looked up: sharp and Pillow agree
  rgb: async (image) => {
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    return { width, height, data: info.channels === 4 ? onWhite(data) : plain(data) };
  },
  cmyk: async (image) => {
    const inks = image.pipelineColourspace("cmyk").toColourspace("cmyk").raw();
    const { data, info } = await inks.toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: fromInks(data) };
  },
  grey16: async (image) => {
    const grey = image.pipelineColourspace("grey16").toColourspace("grey16");
    const { data, info } = await grey
      .raw({ depth: "ushort" })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const levels = new Uint16Array(data.buffer, data.byteOffset, width * height);
    const out = new Uint8Array(width * height * 3);
    // Pillow clips 16-bit grey at 255 instead of scaling it, and models have been fed that
    levels.forEach((level, i) => out.fill(Math.min(level, 255), i * 3, i * 3 + 3));
    return { width, height, data: out };
  },
};

/** The same memory without Buffer's methods. */
const plain = (data: Buffer): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.length);

/** RGBA over white, with Pillow's `alpha_composite` rounding. */
function onWhite(rgba: Uint8Array): Uint8Array {
  const out = new Uint8Array((rgba.length / 4) * 3);
  for (let i = 0, o = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]!;
    for (let c = 0; c < 3; c++) {
      const sum = (rgba[i + c]! * alpha + 255 * (255 - alpha)) * 128 + (128 << 7);
      out[o++] = (sum + (sum >> 8)) >> 15;
    }
  }
  return out;
}

/** CMYK (0 = no ink) to RGB as Pillow's `convert("RGB")` does it, without a colour profile. */
function fromInks(cmyk: Uint8Array): Uint8Array {
  const out = new Uint8Array((cmyk.length / 4) * 3);
  for (let i = 0, o = 0; i < cmyk.length; i += 4) {
    const light = 255 - cmyk[i + 3]!;
    for (let c = 0; c < 3; c++) {
      const sum = light * cmyk[i + c]! + 128;
      out[o++] = Math.max(0, light - ((sum + (sum >> 8)) >> 8));
    }
  }
  return out;
}

/**
 * Decodes an image file (JPEG, PNG, GIF, WebP, TIFF, AVIF) to 8-bit RGB; of an animation the first frame.
 * Transparency is composited on white and colour profiles are ignored, as transformers 5 does.
 *
 * sharp's decoders gave Pillow's pixels exactly on the thirteen test images and on sixty further variants (JPEG of every
 * chroma subsampling, progressive, with profiles; PNG, GIF, WebP and TIFF of all depths). What differs: AVIF, by up to
 * 27 grey levels; and damaged JPEG data is refused here, where Pillow lets some of it through.
 *
 * Throws EquiclipError for a file that is missing, empty, truncated, damaged, not an image or larger than `maxPixels`.
 */
export async function decodeImage(
  source: string | Uint8Array,
  { upright = true, maxPixels = MAX_PIXELS, blocking = false }: DecodeOptions = {},
): Promise<Raster> {
  const name = typeof source === "string" ? source : `an image of ${source.length} bytes`;
  const bytes = typeof source === "string" ? await readBytes(source, blocking) : source;
  if (bytes.length === 0) throw new EquiclipError(`${name}: the file is empty, expected an image`);
  const image = sharp(bytes, {
    autoOrient: upright,
    failOn: "warning",
    ignoreIcc: true,
    limitInputPixels: false, // checked below, so that the message can give the size
  });
  const damaged = (cause: unknown): never => {
    throw undecodable(name, cause);
  };
  const { format, width, height, layout } = await headerOf(bytes, image).catch(damaged);
  if (!FORMATS.has(format)) {
    throw new EquiclipError(
      `${name}: expected a JPEG, PNG, GIF, WebP, TIFF or AVIF image, received ${format}; convert it`,
    );
  }
  if (width * height > maxPixels) {
    throw new EquiclipError(
      `${name}: ${width} x ${height} pixels, expected at most ${maxPixels}; scale it down`,
    );
  }
  return READERS[layout](image).catch(damaged);
}

async function readBytes(path: string, blocking: boolean): Promise<Uint8Array> {
  try {
    return blocking ? readFileSync(path) : await readFile(path);
  } catch (cause) {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new EquiclipError(
      missing ? `${path}: no such file` : `${path}: cannot be read: ${messageOf(cause)}`,
      1,
      { cause },
    );
  }
}

/** sharp's reason, in one line: its messages repeat themselves over several. */
export function undecodable(name: string, cause: unknown): EquiclipError {
  const [reason = "unknown"] = messageOf(cause).split("\n");
  const what = reason.includes("unsupported image format")
    ? "not an image that can be read (JPEG, PNG, GIF, WebP, TIFF and AVIF can)"
    : `damaged or truncated image (${reason.replace("Input buffer has ", "")})`;
  return new EquiclipError(`${name}: ${what}; remove or replace it`, 1, { cause });
}
