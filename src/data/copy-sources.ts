/** @file Which rows copies are made of: each in turn, or as the study's code drew them. */
import type { Random } from "../run/random.ts";
import { copyId } from "./copies.ts";

/** A copy's id, and the original that it shows; of a copy of a copy, that one's original. */
export interface Source {
  readonly id: string;
  readonly origin: string;
}

/** `wanted` copies of the rows `ids`, which are in random order. */
type SourcesOf = (ids: readonly string[], wanted: number, stream: Random) => Source[];

/** Every row once before any twice. */
const even: SourcesOf = (ids, wanted) =>
  Array.from({ length: wanted }, (_, n) => {
    const origin = ids[n % ids.length]!;
    return { id: copyId(origin, Math.floor(n / ids.length) + 1), origin };
  });

/** Originals drawn with replacement (the study's second approach). */
const drawn: SourcesOf = (ids, wanted, stream) => {
  const copies = new Map<string, number>();
  return Array.from({ length: wanted }, () => {
    const origin = ids[stream.int(ids.length)]!;
    const n = (copies.get(origin) ?? 0) + 1;
    copies.set(origin, n);
    return { id: copyId(origin, n), origin };
  });
};

/**
 * Drawn with replacement from originals and earlier copies, all copies of one picture under one name (the study's first
 * approach: it counts every copy, and its list of pictures holds the name of an overwritten one twice). Fewer than wanted.
 */
const overwriting: SourcesOf = (ids, wanted, stream) => {
  const pictures = ids.map((id): Source => ({ id, origin: id }));
  const files = new Map<string, Source>();
  for (let n = 0; n < wanted; n++) {
    const { id: source, origin } = pictures[stream.int(pictures.length)]!;
    const copy = { id: copyId(source, 1), origin };
    pictures.push(copy);
    files.set(copy.id, copy);
  }
  return [...files.values()];
};

export const SOURCES = {
  even,
  priority: drawn,
  "age-first": overwriting,
  "undersample-only": drawn, // never asked for any
} as const;
