/** @file Which of the slices that are worse say something that the others do not. */
import type { Outcomes } from "./outcomes.ts";
import { Remaining, split } from "./remaining.ts";
import type { Candidate, Conjunction } from "./search.ts";
import { logWorse, type Sums, without } from "./sums.ts";

/**
 * The slices that a reader needs. They are picked in order of significance among the rows of no slice picked before:
 * where a few cells are bad, the slices around them are no news. A wider slice takes the place of one that is not
 * worse than the rest of it. Then the same within every slice picked, for parts that are worse still.
 * @param cut logarithm of the largest p-value that counts, at every step
 */
export function distinct(
  outcomes: Outcomes,
  candidates: readonly Candidate[],
  cut: number,
): Candidate[] {
  const everywhere = Int32Array.from(outcomes.bad.keys());
  const picked = pick(outcomes, everywhere, null, candidates, [], cut);
  // grows as it goes
  for (const wide of picked) {
    const within = candidates.filter(
      (c) =>
        isPart(c, wide) &&
        picked.every((other) => !isPart(c, other) || isWorse(c.slice, other.slice, cut)),
    );
    if (within.length === 0) continue;
    const [cells] = split(outcomes, everywhere, wide);
    picked.push(...pick(outcomes, cells, wide, within, picked, cut));
  }
  return picked;
}

/** Whether `part` is a narrower slice inside `whole`. */
export const isPart = (part: Conjunction, whole: Conjunction): boolean =>
  part.attributes.length > whole.attributes.length &&
  whole.attributes.every(
    (attribute, i) => part.values[part.attributes.indexOf(attribute)] === whole.values[i],
  );

/** Whether a slice is worse than what else there is of a wider one. */
const isWorse = (part: Sums, whole: Sums, cut: number): boolean =>
  logWorse(part, without(whole, part)) <= cut;

/**
 * @param universe cells among which slices are compared
 * @param whole the slice that these cells are; null for all
 * @param before slices picked before; their rows in the universe are left out
 */
function pick(
  outcomes: Outcomes,
  universe: Int32Array,
  whole: Candidate | null,
  candidates: readonly Candidate[],
  before: readonly Candidate[],
  cut: number,
): Candidate[] {
  const left = new Remaining(outcomes, universe, whole?.slice ?? null, candidates);
  for (const slice of before) if (whole === null || isPart(slice, whole)) left.remove(slice);
  const known = new Set(before);
  const byName = new Map(candidates.map((c) => [nameOf(c), c]));
  const picked: Candidate[] = [];
  const order = candidates
    .map((candidate) => ({ candidate, logP: left.logP(candidate) }))
    .filter(({ candidate, logP }) => logP <= cut && !known.has(candidate))
    .toSorted(
      (a, b) => a.logP - b.logP || a.candidate.attributes.length - b.candidate.attributes.length,
    );
  for (const { candidate } of order) {
    if (known.has(candidate) || left.logP(candidate) > cut) continue;
    const best = widest(candidate);
    known.add(best);
    picked.push(best);
    left.remove(best);
  }
  return picked;

  /** The slice, or a wider one that it is not worse than the rest of. */
  function widest(slice: Candidate): Candidate {
    const around = widerNames(slice)
      .map((name) => byName.get(name))
      .filter((wider) => wider !== undefined)
      .filter((wider) => !known.has(wider) && left.logP(wider) <= cut)
      .filter((wider) => !isWorse(left.of(slice), left.of(wider), cut))
      .toSorted((a, b) => left.logP(a) - left.logP(b));
    return around[0] ? widest(around[0]) : slice;
  }
}

const nameOf = ({ attributes, values }: Conjunction): string =>
  attributes.map((attribute, i) => `${attribute}=${values[i]}`).join(" ");

/** Names of all conjunctions of some of the slice's values, but not of none or all. */
function widerNames({ attributes, values }: Conjunction): string[] {
  const subsets = Array.from({ length: (1 << attributes.length) - 2 }, (_, i) => i + 1); // as bits
  return subsets.map((subset) => {
    const isKept = (_: number, i: number): boolean => ((subset >> i) & 1) === 1;
    return nameOf({ attributes: attributes.filter(isKept), values: values.filter(isKept) });
  });
}
