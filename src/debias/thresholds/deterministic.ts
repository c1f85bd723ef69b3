/** @file One threshold for each group, nothing drawn: the best ones whose rates lie within `epsilon` of each other. */
import {
  CONSTRAINTS,
  RATE_OF,
  type ThresholdConstraint,
  type Worth,
  worthOf,
} from "./constraint.ts";
import type { Curve } from "./curve.ts";
import { ROUNDING, type Solution } from "./randomised.ts";

/** Points of one group, in order of falling thresholds. */
interface Points {
  readonly threshold: Float64Array;
  /** Of the constraint; each never falls. [1 or 2][T] */
  readonly rates: readonly Float64Array[];
  /** Where the group's worth is largest among points from..to. */
  readonly best: (from: number, to: number) => number;
  readonly worth: Float64Array;
}
type Range = readonly [from: number, to: number];
/** A point of each group in a range of its points, and what they are worth together. */
interface Found {
  readonly value: number;
  readonly at: readonly number[];
  readonly ranges: readonly Range[];
}

/**
 * Exact: a window that holds the best thresholds can be moved to begin at the lowest rate among them, and a window of
 * rates is a stretch of each group's points. Time grows with the distinct scores squared, within `epsilon`.
 */
export function onePerGroup(
  curves: readonly Curve[],
  constraint: ThresholdConstraint,
  worth: Worth,
  epsilon: number,
): Solution {
  const groups = curves.map((curve): Points => {
    const values = worthOf(curve, worth);
    const rates = CONSTRAINTS[constraint].map((name) => RATE_OF[name](curve));
    return { threshold: curve.threshold, rates, worth: values, best: rangeMaximum(values) };
  });
  /** The best points within ranges, whatever the rates: at least the value of any that keep to epsilon too. */
  const bound = (ranges: readonly Range[]): Found => {
    const at = groups.map((group, g) => group.best(...ranges[g]!));
    const value = groups.reduce((sum, group, g) => sum + group.worth[at[g]!]!, 0);
    return { value, at, ranges };
  };
  const axes = CONSTRAINTS[constraint].length;
  let best: Found | null = null;
  const search = (within: Found, axis: number): void => {
    if (best && within.value <= best.value + ROUNDING) return; // nothing in these ranges is better
    if (axis === axes) {
      best = within;
      return;
    }
    const windows: Found[] = [];
    for (const low of startsOf(groups, within.ranges, axis, epsilon)) {
      const ranges = groups.map(({ rates }, g) =>
        window(rates[axis]!, within.ranges[g]!, low, epsilon),
      );
      if (ranges.every(([from, to]) => from <= to)) windows.push(bound(ranges));
    }
    // the most promising first, so that the rest is soon known to be no better
    for (const found of windows.sort((a, b) => b.value - a.value)) search(found, axis + 1);
  };
  search(bound(groups.map(({ threshold }) => [0, threshold.length - 1])), 0);
  const { value, at } = best!;
  return {
    value,
    rules: groups.map(({ threshold }, g) => [{ threshold: threshold[at[g]!]!, weight: 1 }]),
  };
}

/** Distinct rates that a window may begin at so that it can hold a point of every group. */
function startsOf(
  groups: readonly Points[],
  ranges: readonly Range[],
  axis: number,
  epsilon: number,
): number[] {
  const most = Math.min(...groups.map(({ rates }, g) => rates[axis]![ranges[g]![1]]!));
  const least = Math.max(...groups.map(({ rates }, g) => rates[axis]![ranges[g]![0]]!)) - epsilon;
  const starts = new Set<number>();
  groups.forEach(({ rates }, g) => {
    const [from, to] = window(rates[axis]!, ranges[g]!, least, most - least);
    for (let i = from; i <= to; i++) starts.add(rates[axis]![i]!);
  });
  return [...starts].sort((a, b) => a - b);
}

/** The stretch of a range whose rates lie in [low, low + width]. */
const window = (rates: Float64Array, [from, to]: Range, low: number, width: number): Range => [
  firstAbove(rates, from, to + 1, low - ROUNDING),
  firstAbove(rates, from, to + 1, low + width + ROUNDING) - 1,
];

/** First index of from..to - 1 whose value exceeds `limit`, else `to`. */
function firstAbove(values: Float64Array, from: number, to: number, limit: number): number {
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Answers where values from..to are largest, the first of equals, in constant time (a sparse table). */
function rangeMaximum(values: Float64Array): (from: number, to: number) => number {
  const larger = (a: number, b: number): number => (values[b]! > values[a]! ? b : a);
  const levels = [Int32Array.from(values.keys())];
  for (let width = 1; 2 * width <= values.length; width *= 2) {
    const below = levels.at(-1)!;
    levels.push(
      Int32Array.from({ length: values.length - 2 * width + 1 }, (_, i) =>
        larger(below[i]!, below[i + width]!),
      ),
    );
  }
  return (from, to) => {
    const level = 31 - Math.clz32(to - from + 1);
    return larger(levels[level]![from]!, levels[level]![to + 1 - (1 << level)]!);
  };
}
