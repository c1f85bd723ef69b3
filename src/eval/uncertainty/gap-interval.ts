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
  const wide = reachOf(made, level);
  const generous = reachOf(made, 1 - (1 - level) / GENEROUS);
  if (!wide || !generous) return null;
  const rivals = Math.max(1, generous.rivals(wide.value));
  const narrow = reachOf(made, 1 - (1 - level) / rivals);
  if (!narrow) return null;
  const [unfair, fair] = [wide.unfair(), narrow.fair()];
  return isUpward(made) ? [Math.max(0, fair), unfair] : [unfair, Math.min(1, fair)];
}

/** Whether more is more unfair. */
const isUpward = ({ kind, ...rest }: Made): boolean =>
  kind === "difference" ||
  kind === "largest" ||
  ("of" in rest && kind !== "smallest" && isUpward(rest.of[0]!));

/** All contrasts of a gap at one level. */
interface Reach {
  readonly value: number;
  /** The most extreme end of a contrast on the unfair side. */
  readonly unfair: () => number;
  /** On the fair side, the end that is nearest to unfairness. */
  readonly fair: () => number;
  /** How many comparisons the contrasts stand for whose interval reaches so far. */
  readonly rivals: (value: number) => number;
}

function reachOf(made: Made, level: number): Reach | null {
  if ("rates" in made) {
    const rates: Estimated[] = [];
    for (const { value, spread } of made.rates) {
      const interval = spread(level);
      if (interval === null) return null;
      rates.push({ value, interval });
    }
    return PAIRED[made.kind](rates);
  }
  if (made.kind === "largest" || made.kind === "smallest") {
    const parts = made.of.map((part) => reachOf(part, level));
    if (parts.includes(null)) return null;
    const extreme = made.kind === "largest" ? Math.max : Math.min;
    return {
      value: extreme(...parts.map((part) => part!.value)),
      unfair: () => extreme(...parts.map((part) => part!.unfair())),
      fair: () => extreme(...parts.map((part) => part!.fair())),
      rivals: (value) => parts.reduce((sum, part) => sum + part!.rivals(value), 0),
    };
  }
  const parts = made.of.map((part): Estimated | null => {
    const [reach, interval] = [reachOf(part, level), gapInterval(part, level)];
    return reach && interval && { value: reach.value, interval };
  });
  if (parts.includes(null)) return null;
  return single(together(made.kind, parts as Estimated[]), isUpward(made));
}

/** Several gaps as one. */
function together(kind: "sum" | "mean" | "macro", parts: readonly Estimated[]): Estimated {
  const weight = kind === "sum" ? 1 : 1 / parts.length;
  const total = (read: (part: Estimated) => number): number =>
    parts.reduce((sum, part) => sum + weight * read(part), 0);
  return {
    value: total(({ value }) => value),
    interval:
      kind === "macro"
        ? [total(({ interval }) => interval[0]), total(({ interval }) => interval[1])]
        : sumInterval(parts.map((part) => [weight, part])),
  };
}

/** One contrast: something that has an interval already. */
const single = ({ value, interval: [low, high] }: Estimated, up: boolean): Reach => ({
  value,
  unfair: () => (up ? high : low),
  fair: () => (up ? low : high),
  rivals: (gap) => ((up ? high >= gap : low <= gap) ? 1 : 0),
});

/** Numbers of the rates, by what is read of them. */
const sorted = (
  rates: readonly Estimated[],
  read: (of: Estimated) => number,
  order: "up" | "down",
): readonly Estimated[] =>
  rates.toSorted((a, b) => (order === "up" ? read(a) - read(b) : read(b) - read(a)));

const low = ({ interval }: Estimated): number => interval[0];
const high = ({ interval }: Estimated): number => interval[1];
const valueOf = ({ value }: Estimated): number => value;

/**
 * The largest of a number over all pairs of two different rates. Thousands of groups are millions of pairs: those
 * whose bound cannot exceed what was found are not looked at.
 * @param bound at least the number, falling in the order of `above` and of `below`
 */
function largest(
  above: readonly Estimated[],
  below: readonly Estimated[],
  bound: (a: Estimated, b: Estimated) => number,
  number: (a: Estimated, b: Estimated) => number,
): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const a of above) {
    if (bound(a, below[0]!) <= most) break;
    for (const b of below) {
      if (bound(a, b) <= most) break;
      if (a !== b) most = Math.max(most, number(a, b));
    }
  }
  return most;
}

/** How many of `some` reach the limit with any of `others`; arguments as of `largest`. */
function reaching(
  some: readonly Estimated[],
  others: readonly Estimated[],
  limit: number,
  bound: (one: Estimated, other: Estimated) => number,
  number: (one: Estimated, other: Estimated) => number,
): number {
  let count = 0;
  for (const one of some)
    for (const other of others) {
      if (bound(one, other) < limit) break;
      if (one === other || number(one, other) < limit) continue;
      count++;
      break;
    }
  return count;
}

/** As pairs share groups, a groups above and b below stand for a + b - 1 comparisons. */
const comparisons = (above: number, below: number): number => Math.max(0, above + below - 1);

/** The contrasts of pairs of groups, and of single ones. */
const PAIRED: {
  readonly [K in Extract<Made, { rates: unknown }>["kind"]]: (rates: readonly Estimated[]) => Reach;
} = {
  difference: (rates) => {
    const ends = (a: Estimated, b: Estimated): Interval =>
      sumInterval([
        [1, a],
        [-1, b],
      ]);
    const [tops, bottoms] = [sorted(rates, high, "down"), sorted(rates, low, "up")];
    const reach = (a: Estimated, b: Estimated): number => ends(a, b)[1];
    const most = (a: Estimated, b: Estimated): number => high(a) - low(b);
    return {
      value: Math.max(...rates.map(valueOf)) - Math.min(...rates.map(valueOf)),
      unfair: () => largest(tops, bottoms, most, reach),
      fair: () =>
        largest(
          sorted(rates, low, "down"),
          sorted(rates, valueOf, "up"),
          (a, b) => low(a) - b.value,
          (a, b) => ends(a, b)[0],
        ),
      rivals: (value) =>
        comparisons(
          reaching(tops, bottoms, value, most, reach),
          reaching(
            bottoms,
            tops,
            value,
            (b, a) => most(a, b),
            (b, a) => reach(a, b),
          ),
        ),
    };
  },
  // the smallest ratio is the largest with the other sign
  ratio: (rates) => {
    const ends = (a: Estimated, b: Estimated): Interval =>
      b.value === 0 ? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] : ratioInterval(a, b);
    const [bottoms, tops] = [sorted(rates, low, "up"), sorted(rates, high, "down")];
    const reach = (a: Estimated, b: Estimated): number => -ends(a, b)[0];
    const most = (a: Estimated, b: Estimated): number => -low(a) / high(b);
    return {
      value: Math.min(...rates.map(valueOf)) / Math.max(...rates.map(valueOf)),
      unfair: () => -largest(bottoms, tops, most, reach),
      fair: () =>
        -largest(
          sorted(rates, high, "up"),
          sorted(rates, valueOf, "down"),
          (a, b) => (b.value === 0 ? Number.NEGATIVE_INFINITY : -high(a) / b.value),
          (a, b) => -ends(a, b)[1],
        ),
      rivals: (value) =>
        comparisons(
          reaching(bottoms, tops, -value, most, reach),
          reaching(
            tops,
            bottoms,
            -value,
            (b, a) => most(a, b),
            (b, a) => reach(a, b),
          ),
        ),
    };
  },
  least: (rates) => ({
    value: Math.min(...rates.map(valueOf)),
    unfair: () => Math.min(...rates.map(low)),
    fair: () => Math.min(...rates.map(high)),
    rivals: (value) => rates.filter((of) => low(of) <= value).length,
  }),
};
