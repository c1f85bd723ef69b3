/** @file A value and its interval against limits. */
import type { Interval } from "../uncertainty/intervals.ts";
import { excess } from "../select.ts";
import type { Bound, Limits } from "./rules.ts";

/** INSUFFICIENT: the evidence allows neither PASS nor FAIL. */
export const VERDICTS = ["PASS", "FAIL", "INSUFFICIENT"] as const;
export type Verdict = (typeof VERDICTS)[number];

interface Judged {
  /** What must keep to the limits; null when there is no interval to take it from. */
  readonly numbers: (value: number, interval: Interval | null) => readonly number[] | null;
  /** What that is called, before the interval or value. */
  readonly words: string;
}

/** What each bound holds against the limits. */
const JUDGED: { readonly [B in Bound]: Judged } = {
  point: { numbers: (value) => [value], words: "" },
  upper: { numbers: (_, interval) => interval && [interval[1]], words: "the upper end of " },
  lower: { numbers: (_, interval) => interval && [interval[0]], words: "the lower end of " },
  ci: { numbers: (_, interval) => interval, words: "all of " },
};

const isAbove =
  ({ max }: Limits) =>
  (number: number): boolean =>
    max !== null && excess(number, max, "lower") > 0;
const isBelow =
  ({ min }: Limits) =>
  (number: number): boolean =>
    min !== null && excess(number, min, "higher") > 0;

/**
 * PASS when all that is judged is within the limits, FAIL when all of it is beyond the same one. Only an interval can be
 * neither: values on both sides of the limit agree with the data.
 * @returns the verdict, and why it is not PASS
 */
export function verdictOf(
  value: number,
  interval: Interval | null,
  limits: Limits,
  bound: Bound,
): { readonly verdict: Verdict; readonly reason: string | null } {
  const { numbers, words } = JUDGED[bound];
  const judged = numbers(value, interval);
  if (judged === null)
    return {
      verdict: "INSUFFICIENT",
      reason: `it has no interval, which bound ${bound} needs; measure again with bootstrap replicates, or judge the point`,
    };
  const [above, below] = [isAbove(limits), isBelow(limits)];
  const what = words + shown(bound === "point" ? [value] : interval!, limits);
  if (judged.every(above)) return { verdict: "FAIL", reason: `${what} is above ${limits.max}` };
  if (judged.every(below)) return { verdict: "FAIL", reason: `${what} is below ${limits.min}` };
  const crossed = [
    ...(judged.some(below) ? [limits.min] : []),
    ...(judged.some(above) ? [limits.max] : []),
  ];
  return crossed.length === 0
    ? { verdict: "PASS", reason: null }
    : {
        verdict: "INSUFFICIENT",
        reason: `${crossed.join(" and ")} ${crossed.length === 1 ? "lies" : "lie"} within ${shown(interval!, limits)}; more rows would tell`,
      };
}

/** Numbers with as many decimals, from three, as tell them from the limits they are not. */
function shown(numbers: readonly number[], { min, max }: Limits): string {
  const limits = [min, max].filter((limit) => limit !== null);
  const tells = (digits: number): boolean =>
    numbers.every((number) =>
      limits.every(
        (limit) =>
          excess(Math.abs(number - limit), 0, "lower") === 0 || +number.toFixed(digits) !== limit,
      ),
    );
  const digits = [3, 4, 6, 8].find(tells) ?? 10;
  const texts = numbers.map((number) => number.toFixed(digits).replace(/^-(0\.0+)$/, "$1"));
  return texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`;
}

/** FAIL if anything fails, else INSUFFICIENT if anything is. */
export const worstOf = (verdicts: readonly Verdict[]): Verdict =>
  (["FAIL", "INSUFFICIENT"] as const).find((verdict) => verdicts.includes(verdict)) ?? "PASS";
