/** @file Gendered words by pairs: everyday ones, and those of a list. */
import { UsageError } from "../../run/errors.ts";
import { recordsOf } from "./records.ts";

/** A man's word and the woman's that stands for it, in lower case. */
export type WordPair = readonly [male: string, female: string];

/** Words for people, as captions of photographs have them; the first of a word is what it becomes. */
export const EVERYDAY_PAIRS: readonly WordPair[] = `
  he she, his her, him her, his hers, himself herself, man woman, men women, boy girl, boys girls, male female,
  males females, guy lady, guys ladies, gentleman lady, gentlemen ladies, father mother, fathers mothers, dad mom,
  dads moms, daddy mommy, son daughter, sons daughters, brother sister, brothers sisters, husband wife, husbands wives,
  grandfather grandmother, grandfathers grandmothers, grandpa grandma, grandson granddaughter, uncle aunt, uncles aunts,
  nephew niece, nephews nieces, groom bride, grooms brides, boyfriend girlfriend, boyfriends girlfriends, king queen,
  kings queens, prince princess, princes princesses, actor actress, actors actresses, waiter waitress, waiters waitresses,
  businessman businesswoman, businessmen businesswomen, policeman policewoman, policemen policewomen, fireman firewoman,
  firemen firewomen, fisherman fisherwoman, fishermen fisherwomen, salesman saleswoman, salesmen saleswomen,
  sportsman sportswoman, sportsmen sportswomen, cameraman camerawoman, cameramen camerawomen, chairman chairwoman,
  cowboy cowgirl, cowboys cowgirls, schoolboy schoolgirl, schoolboys schoolgirls, lad lass, lads lasses, sir madam,
  mr mrs, mr ms, widower widow, stepfather stepmother, stepson stepdaughter, steward stewardess, monk nun, monks nuns
`
  .split(",")
  .map((pair) => pair.trim().split(/\s+/) as unknown as WordPair);

/**
 * Pairs of a table with word_masculine and word_feminine, such as MDGender's `gendered_words`, or of the two files of
 * GN-GloVe. Throws UsageError when there are none.
 */
export async function readWordPairs(path: string): Promise<WordPair[]> {
  const pairs: WordPair[] = [];
  for await (const { record } of recordsOf(path)) {
    const words = [record["word_masculine"], record["word_feminine"]].map((word) =>
      typeof word === "string" ? word.trim() : "",
    );
    if (words.every((word) => word !== "")) pairs.push(words as unknown as WordPair);
  }
  if (pairs.length > 0) return pairs;
  throw new UsageError(
    `${path}: expected pairs of gendered words in columns word_masculine and word_feminine, received none`,
  );
}
