/** @file A slice that was found, as it stands in a report. */
import { wilson } from "../uncertainty/intervals.ts";
import { type Estimated, sumInterval } from "../uncertainty/mover.ts";
import { RATES } from "../metrics/rates.ts";
import type { Rate } from "../report/values.ts";
import type { Slice } from "../report/slices.ts";
import type { SliceRate } from "./outcomes.ts";
import type { Candidate, Conjunction } from "./search.ts";
import { effectiveRows, type Sums } from "./sums.ts";

/** A slice that is worse even after correction. */
export interface Found {
  readonly of: SliceRate;
  readonly slice: Candidate;
  readonly pHolm: number;
  /** Wider slices found for the same rate. */
  readonly within: readonly Conjunction[];
}

export interface Names {
  readonly attributes: readonly string[];
  /** Of each attribute. */
  readonly values: readonly (readonly string[])[];
  /** Null when the target is binary, and every rate that of its positive class. */
  readonly classes: readonly string[] | null;
}

/**
 * @param level of the rates' intervals
 * @param differenceLevel of the interval of the difference
 */
export function tell(
  { of, slice, pHolm, within }: Found,
  names: Names,
  level: number,
  differenceLevel: number,
): Slice {
  const where = ({ attributes, values }: Conjunction): Record<string, string> =>
    Object.fromEntries(
      attributes.map((a, i) => [names.attributes[a]!, names.values[a]![values[i]!]!]),
    );
  return {
    where: where(slice),
    ...(names.classes && of.class !== null && { class: names.classes[of.class]! }),
    rate: of.rate,
    of: rateOf(of, slice.slice, level),
    rest: rateOf(of, slice.rest, level),
    difference: differenceOf(of, slice, differenceLevel),
    pValue: Math.exp(slice.logP),
    pHolm,
    within: within.map(where),
  };
}

/** How much worse a slice is at least: the end of the interval of the difference that is nearer to none. */
export function leastWorse({ of, slice }: Found, level: number): number {
  const [low, high] = differenceOf(of, slice, level).interval;
  return RATES[of.rate].better === "higher" ? -high : low;
}

function differenceOf(of: SliceRate, { slice, rest }: Candidate, level: number): Estimated {
  const [one, other] = [estimate(of, slice, level), estimate(of, rest, level)];
  const terms = [
    [1, one],
    [-1, other],
  ] as const;
  return { value: one.value - other.value, interval: sumInterval(terms) };
}

function rateOf(of: SliceRate, sums: Sums, level: number): Rate {
  const { value, interval } = estimate(of, sums, level);
  const [denominator, support] = [sums.weight, sums.rows];
  return { value, numerator: numeratorOf(of, sums), denominator, interval, support };
}

function estimate(of: SliceRate, sums: Sums, level: number): Estimated {
  const value = numeratorOf(of, sums) / sums.weight;
  return { value, interval: wilson(value, effectiveRows(sums), level) };
}

const numeratorOf = ({ rate }: SliceRate, { weight, bad }: Sums): number =>
  RATES[rate].better === "higher" ? weight - bad : bad;
