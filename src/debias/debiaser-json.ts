/** @file Debiasers as JSON; numbers come back bit for bit. */
import { z } from "zod";
import { checked } from "../run/checked.ts";
import type { Debiaser } from "./debiaser.ts";
import { eraserSchema, fromJSON, toJSON } from "./eraser-json.ts";

const chain = z.array(eraserSchema);
const schema = z.strictObject({
  schema: z.literal("equiclip.debiaser/1"),
  method: z.string(),
  image: chain,
  text: chain,
  classText: z.array(chain).nullable(), // [C]
  renormalise: z.boolean(),
});
export type DebiaserJson = z.infer<typeof schema>;

/** Plain data for `JSON.stringify`, which prints every double so that it reads back the same. */
export function debiaserToJSON(debiaser: Debiaser): DebiaserJson {
  const { method, image, text, classText, renormalise } = debiaser;
  return {
    schema: "equiclip.debiaser/1",
    method,
    image: image.map(toJSON),
    text: text.map(toJSON),
    classText: classText?.map((erasers) => erasers.map(toJSON)) ?? null,
    renormalise,
  };
}

/**
 * The debiaser that `debiaserToJSON` wrote.
 * @throws {EquiclipError} naming the field that is missing, of a wrong type, or of a wrong size
 */
export function debiaserFromJSON(json: unknown): Debiaser {
  const { method, image, text, classText, renormalise } = checked(
    schema,
    json,
    "debiaser",
    "refit it or restore the file",
  );
  return Object.freeze({
    method,
    image: image.map(fromJSON),
    text: text.map(fromJSON),
    classText: classText?.map((erasers) => erasers.map(fromJSON)) ?? null,
    renormalise,
  });
}
