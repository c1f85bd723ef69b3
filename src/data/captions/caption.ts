/** @file A text that tells of men, of women, of both or of neither. */

export const GENDERS = ["male", "female"] as const;
export type Gender = (typeof GENDERS)[number];

export interface Caption {
  readonly text: string;
  /** Whether it tells of a man, and of a woman. */
  readonly male: boolean;
  readonly female: boolean;
  /** What it shares with the one text that says the same of the other gender; null where the set has none. */
  readonly pair: string | null;
}

/** Null for a text that tells of both or of neither. */
export const genderOf = ({ male, female }: Caption): Gender | null =>
  male === female ? null : male ? "male" : "female";

const NAMES: ReadonlyMap<string, Gender> = new Map([
  ...["male", "man", "m"].map((name) => [name, "male"] as const),
  ...["female", "woman", "f"].map((name) => [name, "female"] as const),
]);

/** What a label means, in any case; null for another one. */
export const genderNamed = (label: string): Gender | null => NAMES.get(label.toLowerCase()) ?? null;
