/** @file Intervals of what is made of independent estimates, from the estimates' own intervals. */
import type { Interval } from "./intervals.ts";

/** An estimate with an interval, such as a rate. */
export interface Estimated {
  readonly value: number;
  readonly interval: Interval;
}

/**
 * The interval of a weighted sum of independent estimates (MOVER; Zou, Huang and Zhang 2009). The difference of two
 * shares with Wilson intervals is Newcombe's hybrid score interval (Newcombe 1998, method 10; Zou and Donner 2008).
 * @param terms pairs of weight and estimate
 */
export function sumInterval(
  terms: readonly (readonly [weight: number, of: Estimated])[],
): Interval {
  let value = 0;
  let [below, above] = [0, 0]; // squares of the distances
  for (const [weight, of] of terms) {
    const ends = of.interval.map((end) => weight * (end - of.value));
    value += weight * of.value;
    // a value outside of its own interval, as a small gap can be of its bootstrap's, has no width on that side
    below += Math.min(0, ...ends) ** 2;
    above += Math.max(0, ...ends) ** 2;
  }
  return [value - Math.sqrt(below), value + Math.sqrt(above)];
}

/**
 * The interval of the ratio of two independent estimates that are not negative (MOVER-R; Donner and Zou 2012, equation
 * 9). Its lower end is 0 when the first may be 0; its upper end is infinite when the second may be.
 * @param below its value is above 0
 */
export function ratioInterval(above: Estimated, below: Estimated): Interval {
  const product = above.value * below.value;
  const tail = ({ value }: Estimated, end: number): number => end * (2 * value - end);
  const root = (a: number, b: number): number => Math.sqrt(Math.max(0, product * product - a * b));
  const [low, high] = [tail(above, above.interval[0]), tail(above, above.interval[1])];
  const [small, large] = [tail(below, below.interval[0]), tail(below, below.interval[1])];
  return [
    // the same as (product - root) / large, which is 0/0 where `large` is 0
    low <= 0 ? 0 : low / (product + root(low, large)),
    small <= 0 ? Number.POSITIVE_INFINITY : (product + root(high, small)) / small,
  ];
}
