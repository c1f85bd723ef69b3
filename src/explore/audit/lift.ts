/** @file Shares of rows, and lifts: how many times a group's share of a part is its share of all. */
import type { Estimate } from "../../eval/report/values.ts";
import { type Interval, wilson } from "../../eval/uncertainty/intervals.ts";
import { ratioInterval } from "../../eval/uncertainty/mover.ts";

/** A share of rows, with Wilson's interval. */
export const shareOf = (rows: number, of: number, level: number): Estimate =>
  of > 0
    ? { value: rows / of, interval: wilson(rows / of, of, level) }
    : { value: null, interval: null, reason: "no rows" };

/**
 * Lift of a group in a part of the rows. With w the part's share of all rows and r the ratio of the group's shares in
 * the part and outside of it, the lift is r / (w r + 1 - w).
 * @param rows of the group in the part, of `part` rows
 * @param group rows of the group in all, of `total`
 */
export function liftOf(
  rows: number,
  part: number,
  group: number,
  total: number,
  level: number,
): Estimate {
  const rest = total - part;
  const reason =
    part === 0
      ? "no rows"
      : group === 0
        ? "no row of the group"
        : rest === 0
          ? "there are no other rows to compare with"
          : group === total
            ? "all rows are of the group"
            : null;
  if (reason !== null) return { value: null, interval: null, reason };
  const within = estimated(rows, part, level);
  const outside = estimated(group - rows, rest, level);
  const [low, high] =
    outside.value > 0 ? ratioInterval(within, outside) : inverse(ratioInterval(outside, within));
  const w = part / total;
  const lift = (ratio: number): number =>
    ratio === Number.POSITIVE_INFINITY ? 1 / w : ratio / (w * ratio + 1 - w);
  return { value: within.value / (group / total), interval: [lift(low), lift(high)] };
}

const estimated = (rows: number, of: number, level: number) => ({
  value: rows / of,
  interval: wilson(rows / of, of, level),
});
const inverse = ([low, high]: Interval): Interval => [1 / high, 1 / low];
