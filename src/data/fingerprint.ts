/** @file What an image is recognised by: its bytes, its difference hash, a thumbnail. */
import { createHash } from "node:crypto";
import { decodeImage } from "./decode.ts";
import { dhash, toGrey } from "./dhash.ts";
import { resize } from "./resize.ts";

/** Side of the thumbnail, in pixels. */
export const THUMBNAIL = 32;

export interface Fingerprint {
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
  /** Difference hash, 16 hexadecimal digits. */
  readonly dhash: string;
  /** Grey levels of the picture at 32 x 32. */
  readonly thumbnail: Uint8Array; // [32 * 32]
  /** Of the upright picture, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Fingerprint of an image file's bytes. Throws EquiclipError when they cannot be decoded. */
export async function fingerprint(bytes: Uint8Array): Promise<Fingerprint> {
  const image = await decodeImage(bytes);
  const grey = toGrey(image);
  const small = resize(grey, THUMBNAIL, THUMBNAIL, "bilinear");
  return {
    sha256: createHash("sha256").update(bytes).digest("hex"),
    dhash: dhash(grey),
    thumbnail: small.data.filter((_, i) => i % 3 === 0),
    width: image.width,
    height: image.height,
  };
}
