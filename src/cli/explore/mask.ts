/** @file How much of what pixels tell lies outside the face: for the first encoder of pixels, if there is one. */
import type { Row } from "../../data/row.ts";
import { type BorderMask, borderMask } from "../../explore/border-mask.ts";
import type { ExploreConfig } from "../../run/config/explore.ts";
import { random } from "../../run/random.ts";
import { embedRows } from "./embed.ts";
import { type OpenedEncoder, encoderName } from "./encoders.ts";
import type { SpaceOptions } from "./spaces.ts";

/** Pictures of 128 x 128 that fit into 256 MB. */
const MOST = 4000;

/** Of values that are not scaled to unit length, of up to 4,000 rows drawn at random; null without pixels. */
export async function maskOf(
  { encoders }: ExploreConfig,
  opened: readonly OpenedEncoder[],
  rows: readonly Row[],
  options: SpaceOptions,
): Promise<BorderMask | null> {
  const spec = encoders.find(({ kind }) => kind === "pixels");
  const encoder = spec && opened.find(({ name }) => name === encoderName(spec));
  if (!encoder || rows.length < 2) return null;
  const some = rows.length > MOST ? random("border mask").shuffle(rows).slice(0, MOST) : rows;
  return borderMask(await embedRows(some, encoder, { ...options, normalise: false }));
}
