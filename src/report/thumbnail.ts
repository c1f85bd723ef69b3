/** @file Small pictures inside a page. */
import { thumbnailOf } from "../data/thumbnail.ts";

/** An image file as a JPEG data URI of at most 72 x 72 pixels, upright. */
export const thumbnail = async (path: string): Promise<string> =>
  `data:image/jpeg;base64,${Buffer.from(await thumbnailOf(path)).toString("base64")}`;
