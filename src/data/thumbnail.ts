/** @file Small pictures of image files. */
import sharp from "sharp";
import { undecodable } from "./decode.ts";

const SIDE = 72;

/**
 * An image file as a JPEG of at most 72 x 72 pixels, upright, transparency on white.
 * Throws EquiclipError when it cannot be decoded.
 */
export async function thumbnailOf(path: string): Promise<Uint8Array> {
  try {
    const { buffer, byteOffset, length } = await sharp(path)
      .rotate()
      .resize(SIDE, SIDE, { fit: "inside" })
      .flatten({ background: "white" })
      .jpeg({ quality: 80 })
      .toBuffer();
    return new Uint8Array(buffer, byteOffset, length);
  } catch (cause) {
    throw undecodable(path, cause);
  }
}
