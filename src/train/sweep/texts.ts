/** @file The texts that a sweep is fitted on: templates with the word of each class, or captions that tell of men and women. */
import { genderNamed } from "../../data/captions/caption.ts";
import { drawCaptions } from "../../data/captions/draw.ts";
import type { CaptionSet } from "../../data/captions/read.ts";
import { type Swap, matchedTexts } from "../../data/captions/swap.ts";
import type { SubspaceRows } from "../../debias/sweep/subspace.ts";
import type { Config } from "../../run/config/schema.ts";
import { UsageError } from "../../run/errors.ts";

export interface SweepTexts {
  /** First those that stand for a class, N of them; then those that only pairs read. */
  readonly texts: readonly string[];
  /** Class of each of the first ones. [N] */
  readonly labels: Int32Array;
  /** Places of two texts that differ in the class alone. */
  readonly pairs: readonly (readonly [number, number])[];
  /** What they are, one line each. */
  readonly notes: readonly string[];
}

/** Every two classes of a template are a pair. */
export function templateTexts(
  { templates, words }: Pick<Config["sweep"], "templates" | "words">,
  classes: readonly string[],
): SweepTexts {
  const texts = templates.flatMap((template) =>
    classes.map((label) => template.replaceAll("{value}", () => words[label] ?? label)),
  );
  const pairs = templates.flatMap((_, t) =>
    classes.flatMap((_a, a) =>
      classes.slice(a + 1).map((_b, b) => {
        const at = t * classes.length + a;
        return [at, at + 1 + b] as const;
      }),
    ),
  );
  const labels = Int32Array.from(texts, (_, i) => i % classes.length);
  return { texts, labels, pairs, notes: [] };
}

/**
 * `perClass` captions of each gender stand for the classes; pairs are each of them and the same said of the other one.
 * @param swap makes what the set does not have
 * @throws UsageError when classes are not male and female, captions are too few, or none has a counterpart
 */
export function genderedTexts(
  set: CaptionSet,
  perClass: number,
  swap: Swap,
  classes: readonly string[],
  seed: number,
): SweepTexts {
  const genders = classes.map(genderNamed);
  const [male, female] = [genders.indexOf("male"), genders.indexOf("female")];
  if (classes.length !== 2 || male < 0 || female < 0)
    throw new UsageError(
      `sweep.texts: captions tell of men and of women; expected an attribute with the labels male and female, received ${classes.join(", ")}; leave sweep.texts out, or set sweep.attribute`,
    );
  const drawn = drawCaptions(set, perClass, seed);
  const matched = matchedTexts(drawn, set.captions, swap);
  if (matched.length === 0)
    throw new UsageError(
      `${set.source}: no caption has one of the other gender, and none a gendered word to exchange; name others in sweep.texts.words`,
    );
  const places = new Map(drawn.map(({ text }, i) => [text, i]));
  const texts = drawn.map(({ text }) => text);
  const placeOf = (text: string): number => {
    const at = places.get(text) ?? texts.push(text) - 1;
    places.set(text, at);
    return at;
  };
  return {
    pairs: matched.map((pair) => [placeOf(pair.male), placeOf(pair.female)] as const),
    labels: Int32Array.from(drawn, ({ male: isMale }) => (isMale ? male : female)),
    texts,
    notes: [
      `Texts are ${perClass} captions of ${set.source} for each gender, none that tells of both; pairs are each of them and the same said of the other gender.`,
      ...(set.rejected.length > 0
        ? [
            `${set.source}: ${set.rejected.length} records were left out; the first: ${set.rejected[0]!.id}: ${set.rejected[0]!.reason}.`,
          ]
        : []),
    ],
  };
}

/** As rows to fit on. @param x unit embeddings of the texts, [texts, D]. */
export function textRows(x: Float32Array, { texts, labels, pairs }: SweepTexts): SubspaceRows {
  const d = x.length / texts.length;
  const differences = new Float64Array(pairs.length * d);
  pairs.forEach(([a, b], p) => {
    for (let j = 0; j < d; j++) differences[p * d + j] = x[a * d + j]! - x[b * d + j]!;
  });
  return {
    x: x.subarray(0, labels.length * d),
    n: labels.length,
    d,
    labels,
    differences: { x: differences, n: pairs.length, d },
  };
}
