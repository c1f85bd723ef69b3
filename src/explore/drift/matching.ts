/** @file Does a picture show its own prompt? Their cosine, for the first pictures. */
import type { Pictures } from "./manifest.ts";
import { cosine, type NamedEmbeddings } from "./similarities.ts";

export interface Match {
  readonly picture: string;
  readonly prompt: string;
  /** Null where one of the two has no embedding. */
  readonly cosine: number | null;
}

/**
 * The first pictures with their prompts, by one model of images and texts.
 * @param images named by pictures
 * @param texts named by prompts' ids
 * @throws {UsageError} when the two have different lengths
 */
export function firstMatches(
  { manifest, prompts }: Pictures,
  images: NamedEmbeddings,
  texts: NamedEmbeddings,
  count = 8,
): Match[] {
  const vectorOf = ({ ids, x, d }: NamedEmbeddings): ((id: string) => ArrayLike<number> | null) => {
    const rows = new Map(ids.map((id, row) => [id, row]));
    return (id) => {
      const row = rows.get(id);
      return row === undefined ? null : x.subarray(row * d, (row + 1) * d);
    };
  };
  const [imageOf, textOf] = [vectorOf(images), vectorOf(texts)];
  return manifest.rows.slice(0, count).map(({ id }, i) => {
    const prompt = prompts[i]!;
    const [image, text] = [imageOf(id), textOf(prompt.id)];
    return { picture: id, prompt: prompt.text, cosine: image && text && cosine(image, text) };
  });
}
