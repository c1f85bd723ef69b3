/** @file The interval of a gap, from the intervals of the rates between which it is the most extreme contrast. */
import type { Interval } from "./intervals.ts";
import { type Estimated, ratioInterval, sumInterval } from "./mover.ts";

/** The interval of one rate at any level, such as 0.95; null when it has none. */
export type Spread = (level: number) => Interval | null;

/** How sure a rate is. */
export interface Sureness {
  readonly spread: Spread;
  /** Independent rows of weight 1 that would be as informative. */
  readonly rows: number;
}

/** A rate of one group. */
export interface Spreading {
  readonly value: number;
  readonly spread: Spread;
}

/** How a gap comes out of rates. */
export type Made =
  /** The largest difference or smallest ratio of two groups' rates, or the smallest rate. */
  | { readonly kind: "difference" | "ratio" | "least"; readonly rates: readonly Spreading[] }
  /** The most extreme of several gaps. */
  | { readonly kind: "largest" | "smallest"; readonly of: readonly Made[] }
  /** Of gaps that rest on different rows, as those of TPR and FPR do. */
  | { readonly kind: "sum" | "mean"; readonly of: readonly Made[] }
  /** The mean of gaps that rest on the same rows, as those of several classes do. */
  | { readonly kind: "macro"; readonly of: readonly Made[] };

/** What may be the gap: a pair of groups, or a whole gap among several. */
interface Contrast extends Estimated {
  /** The family of pairs that it belongs to, or none. */
  readonly family: Made | null;
  /** What it compares: two groups of its family, or itself. */
  readonly ends: readonly unknown[];
}

/** Which contrasts may be the true one is judged at a fifth of the error, lest one be missed. */
const GENEROUS = 5;

/**
 * A gap is the most extreme of many contrasts, so it is biased towards unfairness, and resampling it adds the same bias
 * once more: percentiles can miss the truth nearly always (docs/coverage.md). Here every contrast has the interval of
 * independent estimates (MOVER), and
 * - the unfair end is the most extreme of the contrasts' own: whichever is the true one, it lies within;
 * - the fair end is the most extreme at a level corrected for the contrasts that may be the true one: those whose
 *   interval holds the measured gap (Bonferroni after moment selection; Andrews and Soares 2010). As they share groups,
 *   a groups above and b below count as a + b - 1.
 * The mean over classes takes the mean of their intervals, which is wide: no correlation is assumed.
 * @returns null when a rate has no interval
 */
export function gapInterval(made: Made, level: number): Interval | null {
  if (made.kind === "macro") {
    const all = estimates(made.of, level);
    return all && [mean(all.map((of) => of.interval[0])), mean(all.map((of) => of.interval[1]))];
  }
  if (made.kind === "sum" || made.kind === "mean") {
    const weight = made.kind === "sum" ? 1 : 1 / made.of.length;
    const all = estimates(made.of, level);
    return all && sumInterval(all.map((of) => [weight, of]));
  }
  const wide = contrasts(made, level);
  if (wide === null) return null;
  const up = made.kind === "difference" || made.kind === "largest";
  const extreme = (of: readonly Contrast[], read: (contrast: Contrast) => number): number =>
    of.reduce(
      (most, one) => (up ? Math.max(most, read(one)) : Math.min(most, read(one))),
      up ? 0 : 1,
    );
  const value = extreme(wide, (of) => of.value);
  const generous = contrasts(made, 1 - (1 - level) / GENEROUS) ?? wide;
  const rivals = generous.filter(({ interval: [low, high] }) =>
    up ? high >= value : low <= value,
  );
  const many = countOf(rivals);
  const narrow = many === 1 ? wide : contrasts(made, 1 - (1 - level) / many);
  if (narrow === null) return null;
  return up
    ? [extreme(narrow, (of) => of.interval[0]), extreme(wide, (of) => of.interval[1])]
    : [extreme(wide, (of) => of.interval[0]), extreme(narrow, (of) => of.interval[1])];
}

/** The value of a gap, from the same parts. */
function valueOf(made: Made): number {
  if ("of" in made) {
    const values = made.of.map(valueOf);
    if (made.kind === "largest") return Math.max(...values);
    if (made.kind === "smallest") return Math.min(...values);
    return made.kind === "sum" ? mean(values) * values.length : mean(values);
  }
  const values = made.rates.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return made.kind === "difference" ? high - low : made.kind === "ratio" ? low / high : low;
}

const mean = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** How many comparisons the contrasts stand for. */
function countOf(rivals: readonly Contrast[]): number {
  const families = new Map<Made | null, Set<unknown>>();
  for (const { family, ends } of rivals) {
    const known = families.get(family) ?? new Set();
    families.set(family, known);
    for (const end of ends) known.add(end);
  }
  let many = 0;
  for (const [family, ends] of families) many += ends.size - (family === null ? 0 : 1);
  return Math.max(1, many);
}

/** Gaps as estimates; null when one has no interval. */
function estimates(of: readonly Made[], level: number): Estimated[] | null {
  const all: Estimated[] = [];
  for (const made of of) {
    const interval = gapInterval(made, level);
    if (interval === null) return null;
    all.push({ value: valueOf(made), interval });
  }
  return all;
}

function contrasts(made: Made, level: number): Contrast[] | null {
  if (!("of" in made)) return pairs(made, level);
  if (made.kind !== "largest" && made.kind !== "smallest") {
    const all = estimates([made], level);
    return all && all.map((of) => ({ ...of, family: null, ends: [made] }));
  }
  const all: Contrast[] = [];
  for (const part of made.of) {
    const some = contrasts(part, level);
    if (some === null) return null;
    for (const one of some) all.push(one);
  }
  return all;
}

function pairs(made: Extract<Made, { rates: unknown }>, level: number): Contrast[] | null {
  const all: Estimated[] = [];
  for (const { value, spread } of made.rates) {
    const interval = spread(level);
    if (interval === null) return null;
    all.push({ value, interval });
  }
  if (made.kind === "least")
    return all.map((of, g) => ({ ...of, family: null, ends: [made.rates[g]] }));
  return all.flatMap((above, i) =>
    all.flatMap((below, j): Contrast[] => {
      if (i === j || (made.kind === "ratio" && below.value === 0)) return [];
      const [value, interval] =
        made.kind === "difference"
          ? [
              above.value - below.value,
              sumInterval([
                [1, above],
                [-1, below],
              ]),
            ]
          : [above.value / below.value, ratioInterval(above, below)];
      return [{ value, interval, family: made, ends: [i, ~j] }];
    }),
  );
}
