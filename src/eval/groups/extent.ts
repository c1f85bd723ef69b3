/** @file The lowest and highest rate of some groups, as they are resampled. */
import type { Column } from "../counts/sheet.ts";
import type { Spread, Spreading } from "../uncertainty/gap-interval.ts";

/** The interval of one group's rate. */
export type SpreadOf = (rate: Column, group: number) => Spread;

/** How many independent rows one group's rate rests on. */
export type RowsOf = (rate: Column, group: number) => number;

/** Lowest and highest rate of some groups; the gaps that read it share it. */
export interface Extent {
  readonly column: Column;
  /** [low, high] now; NaN when a group that had a rate when it was bound has none now. */
  readonly ends: Column;
  /** The groups that had a rate when it was bound, lowest first. */
  readonly defined: readonly number[];
  readonly undefinedGroups: readonly number[];
  /** The defined rates as measured, with their intervals. */
  readonly rates: (spreadOf: SpreadOf) => Spreading[];
  /** [low, high] distance from the mean now, in standard errors; groups without a rate now are left out. */
  readonly standard: (rowsOf: RowsOf) => Column;
}

/**
 * Binds to rates that hold the measured values at this moment.
 * @param among the groups that count; all by default
 */
export function bindExtent(column: Column, among?: readonly number[]): Extent {
  const values = column.read().slice(); // as measured
  const all = among ?? [...values.keys()];
  const defined = all
    .filter((g) => !Number.isNaN(values[g]))
    .toSorted((a, b) => values[a]! - values[b]!);
  let standard: Column | undefined;
  const ends = column.derive(2, (ends) => {
    const now = column.read();
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < defined.length; i++) {
      const value = now[defined[i]!]!;
      if (value < low) low = value;
      if (value > high) high = value;
      if (value !== value) {
        low = high = value;
        break;
      }
    }
    ends[0] = low;
    ends[1] = high;
  });
  return {
    column,
    ends,
    defined,
    undefinedGroups: all.filter((g) => Number.isNaN(values[g])),
    rates: (spreadOf) => defined.map((g) => ({ value: values[g]!, spread: spreadOf(column, g) })),
    standard: (rowsOf) => {
      standard ??= standardised(
        column,
        defined,
        defined.map((g) => rowsOf(column, g)),
        values,
      );
      return standard;
    },
  };
}

/** @param rows of each of the groups @param values of all groups, as measured */
function standardised(
  column: Column,
  groups: readonly number[],
  rows: readonly number[],
  values: Float64Array,
): Column {
  const meanOf = (of: Float64Array): number => {
    let [sum, total] = [0, 0];
    for (let i = 0; i < groups.length; i++) {
      const value = of[groups[i]!]!;
      if (value !== value) continue;
      sum += rows[i]! * value;
      total += rows[i]!;
    }
    return sum / total;
  };
  const pooled = meanOf(values);
  const variance = pooled * (1 - pooled); // of a share; of other rates it is a scale, which changes nothing
  const roots = rows.map((n) => Math.sqrt(variance > 0 ? n / variance : n));
  return column.derive(2, (ends) => {
    const now = column.read();
    const mean = meanOf(now);
    let [low, high] = [0, 0]; // the mean lies between
    for (let i = 0; i < groups.length; i++) {
      const distance = (now[groups[i]!]! - mean) * roots[i]!;
      if (distance < low) low = distance;
      if (distance > high) high = distance;
    }
    ends[0] = low;
    ends[1] = high;
  });
}
