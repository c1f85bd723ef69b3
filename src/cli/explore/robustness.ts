/** @file How embeddings change when pictures are shifted, flipped and turned: of some images drawn at random. */
import { loaderFor } from "../../data/loader.ts";
import { resizeAndCrop } from "../../data/preprocess.ts";
import type { Raster } from "../../data/raster.ts";
import { type Robustness, robustness } from "../../explore/robustness.ts";
import { random } from "../../run/random.ts";
import type { Question } from "./question.ts";
import type { Space } from "./spaces.ts";

/** Null where it was not asked for, or nothing embeds images here. */
export async function robustnessOf(
  { encoder, rows }: Space,
  digest: string,
  { config: { robustness: asked }, paths, steps, progress }: Question,
): Promise<Robustness | null> {
  const image = encoder?.image;
  if (!asked || !image || !paths) return null;
  return steps.keep("robustness", [digest, asked], async () => {
    const some = random("robustness").shuffle(rows).slice(0, asked.rows);
    const files = some.map((row) => paths[row]!);
    const loaded: (Raster | string)[] = [];
    await loaderFor(files.length).load("decode", files, { preprocess: null }, (i, decoded) => {
      loaded[i] = decoded; // in the order of the files: threads end in any
    });
    const pictures = loaded.filter((decoded) => typeof decoded !== "string");
    const { preprocess } = image;
    const embed = async (images: readonly Raster[]) => {
      const ready = preprocess ? images.map((of) => resizeAndCrop(of, preprocess)) : images;
      const parts: Float32Array[] = [];
      let d = 0;
      for (let from = 0; from < ready.length; from += encoder.batchSize) {
        const part = await image.embed(ready.slice(from, from + encoder.batchSize));
        parts.push(part.x);
        d = part.d;
      }
      const x = new Float32Array(images.length * d);
      parts.forEach((part, i) => x.set(part, i * encoder.batchSize * d));
      return { x, n: images.length, d };
    };
    return robustness(pictures, embed, { ...asked, progress });
  });
}
