/** @file Cells of the machine report's values: rates, gaps and changes, undefined ones with their reason. */
import type { Change } from "../../eval/report/comparison.ts";
import type { Gap, Rate } from "../../eval/report/values.ts";
import { count, decimal, interval, signed, some, undefinedFor } from "../format.ts";
import { type Cell, type Tone, cell } from "./table.ts";

const undefinedCell = (reason: string | undefined, ...more: readonly string[]): Cell =>
  cell(undefinedFor(reason), more.filter(Boolean).join(" "), "muted");

/** "0.823" with "[0.790, 0.852] 412/500". */
export function rateCell(rate: Rate): Cell {
  const parts =
    rate.numerator === null || rate.denominator === null
      ? ""
      : `${count(rate.numerator)}/${count(rate.denominator)}`;
  return rate.value === null
    ? undefinedCell(rate.reason, parts)
    : cell(decimal(rate.value), [interval(rate.interval), parts].filter(Boolean).join(" "));
}

/** "0.161" with "[0.113, 0.208]". */
export const gapCell = (gap: Pick<Gap, "value" | "interval" | "reason">): Cell =>
  gap.value === null ? undefinedCell(gap.reason) : cell(decimal(gap.value), interval(gap.interval));

/** How a change reads. */
export const TONES: Readonly<Record<Change["verdict"], Tone>> = {
  better: "better",
  worse: "worse",
  unclear: "unclear",
  undefined: "muted",
};

/** "+0.021" with "[-0.003, +0.046]". */
export const changeCell = (change: Change): Cell =>
  change.value === null
    ? undefinedCell(change.reason)
    : cell(signed(change.value), interval(change.interval, signed));

const VERDICTS: Readonly<Record<Change["verdict"], string>> = {
  better: "better",
  worse: "worse",
  unclear: "no evidence",
  undefined: "undefined",
};

export const verdictCell = (change: Change): Cell =>
  cell(VERDICTS[change.verdict], undefined, TONES[change.verdict]);

/** Each distinct note once, with what it is about. */
export function notesOf(
  items: readonly (readonly [about: string, note: string | undefined])[],
): string[] {
  const notes = [...new Set(items.flatMap(([, note]) => note ?? []))];
  return notes.map((note) => {
    const about = [...new Set(items.flatMap(([name, of]) => (of === note ? [name] : [])))];
    return `${some(about)}: ${note}`;
  });
}
