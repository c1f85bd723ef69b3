/** @file The words of a report: names of users, rates, lists, and values inside a sentence. */
import { RATES, type RateName } from "../eval/metrics/rates.ts";
import type { Gap } from "../eval/report/values.ts";
import { SCORE_RATES, type ScoreName } from "../eval/metrics/scores.ts";
import { count, interval } from "./format.ts";

/** A rate that a gap may be made of. */
export type AnyRate = NonNullable<Gap["rate"]>;

const ABBREVIATED: readonly AnyRate[] = ["tpr", "fpr", "tnr", "fnr", "ppv", "npv", "fdr", "for"];

export const isRate = (name: string): name is RateName => name in RATES;

/** "TPR", "AUC", "selection rate". */
export function rateWords(rate: AnyRate): string {
  if (ABBREVIATED.includes(rate) || rate === "auc" || rate === "ece") return rate.toUpperCase();
  return isRate(rate) ? RATES[rate].label : SCORE_RATES[rate as ScoreName].label;
}

/** A name as it stands in a sentence; in quotes where the sentence would run into it. */
export function named(name: string): string {
  const text = name.replace(/\s+/g, " ").trim();
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_*+./-]*$/u.test(text) ? text : `“${text}”`;
}

/** "a", "a and b", "a, b and c", "a, b, c and 3 more". */
export function list(items: readonly string[], most = 4): string {
  const shown =
    items.length > most
      ? [...items.slice(0, most), `${count(items.length - most)} more`]
      : [...items];
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

/** Writes numbers with two decimals, or with as many more as tell those apart that differ. */
export function writer(...values: readonly number[]): (value: number) => string {
  const different = new Set(values).size;
  const digits = [2, 3, 4].find(
    (digits) =>
      new Set(values.map((value) => value.toFixed(digits))).size === different &&
      values.every((value) => value === 0 || Number(value.toFixed(digits)) !== 0),
  );
  return (value) => value.toFixed(digits ?? 4).replace(/^-(0\.0+)$/, "$1");
}

/** "0.11 [0.06, 0.16]". */
export const valueText = (
  {
    value,
    interval: ends,
  }: {
    readonly value: number | null;
    readonly interval: readonly [number, number] | null;
  },
  write: (value: number) => string,
): string =>
  value === null ? "n/a" : [write(value), interval(ends, write)].filter(Boolean).join(" ");

/** A title that starts with a word of ours. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What a gap is a gap in. */
export const gapWords = ({ rate }: Gap): string => (rate === null ? "rate" : rateWords(rate));

/** " for class asian"; nothing where no class is named. */
export const ofClass = (label: string | undefined): string =>
  label ? ` for class ${named(label)}` : "";
