/** @file CLIP's byte-level byte-pair encoding: a text without special tokens to vocabulary ids. */

export interface BpeTables {
  /** Token to id. */
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Pairs "left right" in the order they merge; the earlier wins. */
  readonly merges: readonly string[];
  /** The id of a token that the vocabulary lacks. */
  readonly unknownId: number;
}

/** Marks a token that ends a word. */
const END = "</w>";

/** Every byte as a printable character: itself, or from U+0100 on (GPT-2's `bytes_to_unicode`). */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(printable(byte) ? byte : next++),
  );
})();

// JavaScript's \s has U+FEFF and lacks U+0085, Python's and Rust's do not: hence the property
const SPACES = /\p{White_Space}+/gu;
const WORDS =
  /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\p{White_Space}\p{L}\p{N}]+/gu;
/** tokenizer.json's second splitter; it only ever divides the special tokens' spellings. */
const PARTS = /\p{L}+|[^\p{L}]+/gu;

/** NFC, white space to single spaces, lower case. */
export const normalize = (text: string): string =>
  text
    .normalize("NFC")
    .replace(SPACES, " ")
    // toLowerCase() writes a final sigma at the end of a word; the tokenizer maps characters one by one
    .replaceAll("\u03a3", "\u03c3")
    .toLowerCase();

const wordsOf = (text: string): string[] =>
  (text.match(WORDS) ?? []).flatMap((word) =>
    word.startsWith("<|") ? (word.match(PARTS) ?? []) : word,
  );

/** Words seen are kept: captions repeat them. */
const CACHE_LIMIT = 65_536;

/** The encoder of normalised text (see `normalize`): ids of all its words in order. */
export function bytePairEncoder({
  vocabulary,
  merges,
  unknownId,
}: BpeTables): (normalized: string) => number[] {
  const ranks = new Map(merges.map((pair, rank) => [pair, rank]));
  const cache = new Map<string, readonly number[]>();
  const utf8 = new TextEncoder();

  const encodeWord = (word: string): readonly number[] => {
    const tokens = Array.from(utf8.encode(word), (byte) => BYTE_CHARACTERS[byte]!);
    tokens[tokens.length - 1] += END;
    const rankAt = (i: number): number =>
      i + 1 < tokens.length ? (ranks.get(`${tokens[i]} ${tokens[i + 1]}`) ?? Infinity) : Infinity;
    const ranked = tokens.map((_, i) => rankAt(i)); // of the pair that starts at i
    for (;;) {
      let best = 0;
      for (let i = 1; i < ranked.length; i++) if (ranked[i]! < ranked[best]!) best = i;
      if (ranked[best] === Infinity) break;
      tokens.splice(best, 2, tokens[best]! + tokens[best + 1]!);
      ranked.splice(best, 1);
      ranked[best] = rankAt(best);
      if (best > 0) ranked[best - 1] = rankAt(best - 1);
    }
    return tokens.map((token) => vocabulary.get(token) ?? unknownId);
  };

  return (normalized) =>
    wordsOf(normalized).flatMap((word) => {
      const known = cache.get(word);
      if (known) return known;
      const ids = encodeWord(word);
      if (cache.size >= CACHE_LIMIT) cache.clear();
      cache.set(word, ids);
      return ids;
    });
}
