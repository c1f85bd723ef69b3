/** @file Small pictures inside a page. */
import sharp from "sharp";

const SIDE = 72;

/** An image file as a JPEG data URI of at most 72 x 72 pixels, upright. */
export async function thumbnail(path: string): Promise<string> {
  const jpeg = await sharp(path)
    .rotate()
    .resize(SIDE, SIDE, { fit: "inside" })
    .flatten({ background: "white" })
    .jpeg({ quality: 80 })
    .toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
}
