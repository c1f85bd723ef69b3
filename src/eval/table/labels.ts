/** @file Labels as tables hold them: texts, numbers, booleans; coded while they are read, made one spelling afterwards. */
import type { Column } from "../counts/cells.ts";
import { Growing } from "./growing.ts";

/** The text of a label; null for what is none, such as a list. */
const textOf = (cell: unknown): string | null => (typeof cell === "object" ? null : String(cell));

interface LabelLimits {
  /** Different labels; a column with more is no column of labels, and would fill the memory. */
  readonly most: number;
  /** What to do then. */
  readonly advice: string;
  /** Makes the error for a row, from 0. */
  readonly refuse: (row: number, problem: string) => Error;
}

/** A column of labels, coded as they come: [N] codes into `texts`, -1 where there is nothing. */
export class LabelColumn {
  readonly #codes = new Growing((length) => new Int32Array(length));
  /** By cell as it comes: a number is looked up without making a text of it. */
  readonly #codeOf = new Map<unknown, number>([
    [null, -1],
    [undefined, -1],
    ["", -1],
    [Number.NaN, -1],
  ]);
  readonly #texts: string[] = [];
  readonly #limits: LabelLimits;

  constructor(limits: LabelLimits) {
    this.#limits = limits;
  }

  append(cells: ArrayLike<unknown>): void {
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i];
      this.#codes.push(this.#codeOf.get(cell) ?? this.#learn(cell));
    }
  }

  #learn(cell: unknown): number {
    const text = textOf(cell);
    if (text === null)
      throw this.#refusal("expected a text, a number or a boolean, received a list or an object");
    if (text.includes("\uFFFD"))
      throw this.#refusal(`the text "${text}" is not UTF-8; save the file with that encoding`);
    const code = this.#codeOf.get(text) ?? this.#texts.push(text) - 1;
    const { most, advice } = this.#limits;
    if (code >= most) throw this.#refusal(`more than ${most} different values${advice}`);
    this.#codeOf.set(text, code).set(cell, code);
    return code;
  }

  #refusal(problem: string): Error {
    return this.#limits.refuse(this.#codes.length, problem);
  }

  get texts(): readonly string[] {
    return this.#texts;
  }
  get codes(): Int32Array {
    return this.#codes.values;
  }
}

/** How the labels of a column are written, once all of them are known. */
export interface Spelling {
  /** The one spelling of a label; null for NaN among numbers, which is no value. */
  readonly of: (text: string) => string | null;
  readonly sort: (labels: readonly string[]) => string[];
}

const byCodeUnit = (labels: readonly string[]): string[] => labels.toSorted();
const numerically = (labels: readonly string[]): string[] =>
  labels.toSorted((a, b) => Number(a) - Number(b));

/** No label is another's, however it is written. */
export const AS_WRITTEN: Spelling = { of: (text) => text, sort: byCodeUnit };

/** As JSON has them: codes such as 007 are texts. */
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;
const BOOLEAN = /^(true|false)$/i;
/** What programs write among numbers and booleans where there is none. */
const NONE = /^([+-]?nan|n\/?a|null|none|\\n)$/i;

/** Whole numbers beyond 2^53 would lose digits, so they are texts. */
const isNumber = (text: string): boolean =>
  NUMBER.test(text) && (Number.isSafeInteger(Number(text)) || !/^-?\d+$/.test(text));
const isBoolean = (text: string): boolean => BOOLEAN.test(text);

/**
 * Numbers are one label however they are written (`1`, `1.0`), as are booleans (`True`, `true`): pandas writes whole
 * numbers as floats as soon as one is missing. Booleans beside 0 and 1 are 0 and 1, as they are to scikit-learn. As soon
 * as one label is anything else, all are texts.
 */
export function spellingOf(texts: Iterable<string>): Spelling {
  const all = [...new Set(texts)].map((text) => text.trim()).filter((text) => !NONE.test(text));
  const numbers = all.filter(isNumber);
  const booleans = all.filter(isBoolean);
  const binary = numbers.every((text) => Number(text) === 0 || Number(text) === 1);
  if (all.length === 0 || all.length > numbers.length + booleans.length) return AS_WRITTEN;
  if (numbers.length === 0) return spelling((text) => text.toLowerCase(), isBoolean, byCodeUnit);
  if (booleans.length > 0 && !binary) return AS_WRITTEN;
  const value = (text: string): number =>
    isBoolean(text) ? Number(text.toLowerCase() === "true") : Number(text);
  const known = (text: string): boolean =>
    isNumber(text) || (booleans.length > 0 && isBoolean(text));
  return spelling((text) => `${value(text)}`, known, numerically);
}

/** @param known whether a label is of the kind that `write` spells; others are asked for by users and stay */
const spelling = (
  write: (text: string) => string,
  known: (text: string) => boolean,
  sort: Spelling["sort"],
): Spelling => ({
  of: (text) => {
    const trimmed = text.trim();
    return NONE.test(trimmed) ? null : known(trimmed) ? write(trimmed) : text;
  },
  sort,
});

export interface Coded {
  readonly texts: readonly string[];
  readonly codes: Int32Array;
}

/** The labels that rows have, in one spelling, sorted. */
export function occurring({ texts, codes }: Coded, spelling: Spelling): string[] {
  const seen = new Uint8Array(texts.length);
  for (const code of codes) if (code >= 0) seen[code] = 1;
  const found = texts.map((text, code) => (seen[code] === 1 ? spelling.of(text) : null));
  return spelling.sort([...new Set(found.filter((label) => label !== null))]);
}

/**
 * The column in one spelling.
 * @param values in the order to keep; by default those that occur, sorted
 */
export function respell(
  column: Coded,
  spelling: Spelling,
  values: readonly string[] = occurring(column, spelling),
): Column {
  const at = new Map(values.map((value, index) => [value, index]));
  const recoded = column.texts.map((text) => at.get(spelling.of(text) ?? "") ?? -1);
  return { values, codes: column.codes.map((code) => (code < 0 ? -1 : recoded[code]!)) };
}
