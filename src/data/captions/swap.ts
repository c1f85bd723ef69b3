/** @file The same said of the other gender: gendered words of a text exchanged, all else kept. */
import { type Caption, genderOf } from "./caption.ts";
import { EVERYDAY_PAIRS, type WordPair } from "./words.ts";

/** Exchanges the gendered words of a text; null where it has none. */
export type Swap = (text: string) => string | null;

/**
 * Every word of a pair becomes the other one, as counterfactual augmentation does it (Zhao et al. 2018, 1804.06876).
 * English says both him and his as "her": that becomes "his" before a word and "him" elsewhere.
 */
export function swapper(pairs: readonly WordPair[] = EVERYDAY_PAIRS): Swap {
  const other = new Map<string, string>();
  const put = (from: string, to: string): void => {
    if (!other.has(from)) other.set(from, to);
  };
  for (const [male, female] of pairs) {
    put(male.toLowerCase(), female.toLowerCase());
    put(female.toLowerCase(), male.toLowerCase());
  }
  return (text) => {
    let swapped = false;
    const out = text.replaceAll(WORD, (whole, word: string, ending = "", at: number) => {
      const found = other.get(word.toLowerCase());
      if (found === undefined) return whole;
      swapped = true;
      const isHer = word.toLowerCase() === "her" && (found === "his" || found === "him");
      const to = !isHer ? found : isPossessive(text.slice(at + word.length)) ? "his" : "him";
      return inCaseOf(word, to) + ending;
    });
    return swapped ? out : null;
  };
}

/** A word, and what may hang on it: "he's", "the woman's". */
const WORD = /([\p{L}]+(?:'(?!(?:s|d|ll)\b)\p{L}+)?)('(?:s|d|ll)\b)?/giu;

/** Words after which "her" was no possessive: "watches her as", "behind her is". */
const AFTER_HER =
  /^\s+(?:a|an|the|and|or|but|as|at|by|down|for|from|in|into|is|near|off|on|onto|out|over|to|through|towards?|up|was|while|who|with)\b/i;

const isPossessive = (rest: string): boolean =>
  /^\s+[\p{L}\d]/u.test(rest) && !AFTER_HER.test(rest);

function inCaseOf(like: string, word: string): string {
  if (like.length > 1 && like === like.toUpperCase()) return word.toUpperCase();
  return like[0] === like[0]!.toUpperCase() ? word[0]!.toUpperCase() + word.slice(1) : word;
}

/** Two texts that differ in gender alone. */
export interface MatchedTexts {
  readonly male: string;
  readonly female: string;
}

/**
 * For each caption that tells of one gender, what the set says of the other one, else the caption with its words
 * exchanged; captions with neither are left out, and pairs are listed once.
 */
export function matchedTexts(
  captions: readonly Caption[],
  set: readonly Caption[],
  swap: Swap,
): MatchedTexts[] {
  const key = (gender: string | null, pair: string): string => `${gender} ${pair}`;
  const byPair = new Map(
    set.flatMap((of) => (of.pair === null ? [] : [[key(genderOf(of), of.pair), of.text] as const])),
  );
  const pairs = captions.flatMap((caption): MatchedTexts[] => {
    const gender = genderOf(caption);
    if (gender === null) return [];
    const { text, pair } = caption;
    const opposite = gender === "male" ? "female" : "male";
    const match = (pair === null ? null : byPair.get(key(opposite, pair))) ?? swap(text);
    if (match == null || match === text) return [];
    return [gender === "male" ? { male: text, female: match } : { male: match, female: text }];
  });
  return [...new Map(pairs.map((of) => [`${of.male}\n${of.female}`, of])).values()];
}
