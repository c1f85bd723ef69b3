/** @file How often predicted labels are right, over all and per label. */
import { wilson } from "../../eval/uncertainty/intervals.ts";

/** A share of rows. */
export interface Share {
  /** Null where there are no rows. */
  readonly value: number | null;
  readonly right: number;
  readonly rows: number;
  /** Wilson's; null where there are no rows. */
  readonly interval: readonly [number, number] | null;
  /** Why the value is null. */
  readonly reason?: string;
}

export interface Accuracy extends Share {
  /** Of the rows of each label, by code. */
  readonly labels: readonly Share[];
}

/** `right` may hold parts of rows, of ties. */
export function shareOf(right: number, rows: number, level: number): Share {
  if (rows === 0) return { value: null, right, rows, interval: null, reason: "no rows" };
  const value = right / rows;
  return { value, right, rows, interval: wilson(value, rows, level) };
}

/**
 * @param right how right each row is: 1, 0, or a part for ties [m]
 * @param codes its label, all 0 or above [m]
 */
export function accuracyOf(
  right: ArrayLike<number>,
  codes: Int32Array,
  classes: number,
  level: number,
): Accuracy {
  const sums = new Float64Array(classes);
  const rows = new Int32Array(classes);
  codes.forEach((code, i) => {
    sums[code]! += right[i]!;
    rows[code]!++;
  });
  const sum = sums.reduce((a, b) => a + b, 0);
  return {
    ...shareOf(sum, codes.length, level),
    labels: Array.from(sums, (of, code) => shareOf(of, rows[code]!, level)),
  };
}
