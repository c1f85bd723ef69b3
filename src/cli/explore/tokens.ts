/** @file Rows of parts of pictures, read one picture after the other and computed in batches. */
import { loaderFor } from "../../data/loader.ts";
import type { Raster } from "../../data/raster.ts";
import type { Tokens } from "../../explore/drift/split-product.ts";
import { UsageError } from "../../run/errors.ts";
import type { OpenedEncoder } from "./encoders.ts";

/** Batches that may wait to be asked for: pictures asked for in another order than given are computed twice, at worst. */
const WAITING = 4;

/**
 * Tokens of a picture by its id, not pooled; null for one that is not there or cannot be read. Memory holds some batches.
 * @param pictures path by id, in the order in which they will be asked for, each once
 * @throws {UsageError} when the encoder gives one row an image
 */
export function tokenReader(
  pictures: ReadonlyMap<string, string>,
  { name, image, tokens, batchSize }: OpenedEncoder,
): (id: string) => Promise<Tokens | null> {
  if (!image || !tokens)
    throw new UsageError(`encoder ${name}: it gives one row an image, expected rows of its parts`);
  const { preprocess } = image;
  const ids = [...pictures.keys()];
  const placeOf = new Map(ids.map((id, place) => [id, place]));
  const waiting = new Map<string, Promise<Tokens | null>>();

  async function compute(some: readonly string[]): Promise<Map<string, Tokens>> {
    const decoded: (Raster | string)[] = [];
    const paths = some.map((id) => pictures.get(id)!);
    await loaderFor(some.length).load("decode", paths, { preprocess }, (i, result) => {
      decoded[i] = result;
    });
    const readable = [...decoded.keys()].filter((i) => typeof decoded[i] !== "string");
    if (readable.length === 0) return new Map();
    const {
      x,
      tokens: count,
      d,
      leading,
    } = await tokens!(readable.map((i) => decoded[i] as Raster));
    const size = count * d;
    return new Map(
      readable.map((i, at) => [
        some[i]!,
        { x: x.subarray(at * size, (at + 1) * size), count, width: d, leading },
      ]),
    );
  }

  return (id) => {
    const place = placeOf.get(id);
    if (place === undefined) return Promise.resolve(null);
    if (!waiting.has(id)) {
      const some = ids.slice(place, place + batchSize).filter((other) => !waiting.has(other));
      const made = compute(some);
      for (const other of some) {
        const found = made.then((all) => all.get(other) ?? null);
        found.catch(() => {}); // thrown when awaited
        waiting.set(other, found);
      }
      for (const old of [...waiting.keys()].slice(0, -WAITING * batchSize)) waiting.delete(old);
    }
    const found = waiting.get(id)!;
    waiting.delete(id);
    return found;
  };
}
