/** @file So many captions of each gender. */
import { UsageError } from "../../run/errors.ts";
import { random } from "../../run/random.ts";
import { type Caption, GENDERS, genderOf } from "./caption.ts";
import type { CaptionSet } from "./read.ts";

/**
 * `count` captions that tell of men alone, then as many that tell of women alone, without replacement; those of both are never drawn.
 * The order of the file does not matter. Throws UsageError when there are too few.
 */
export function drawCaptions(
  { source, captions }: CaptionSet,
  count: number,
  seed: number,
): Caption[] {
  return GENDERS.flatMap((gender) => {
    const of = captions
      .filter((caption) => genderOf(caption) === gender)
      .toSorted((a, b) => (a.text < b.text ? -1 : 1));
    if (of.length < count)
      throw new UsageError(
        `${source}: expected ${count} captions that are ${gender} alone, received ${of.length}; ask for fewer`,
      );
    return random(seed, "captions", gender).shuffle(of).slice(0, count);
  });
}
