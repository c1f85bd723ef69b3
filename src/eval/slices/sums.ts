/** @file What a set of rows adds up to, and whether its outcomes are worse than those of another set. */
import { logFisherGreater } from "../uncertainty/fisher.ts";

export interface Sums {
  readonly rows: number;
  readonly weight: number;
  /** Weight of the rows that count against the model. */
  readonly bad: number;
  /** Variance of `bad` over that of a single row: its own weights squared, and those of its clusters as far as they correlate. */
  readonly spread: number;
}

/** What is left of `all` without `part`. */
export function without(all: Sums, part: Sums): Sums {
  const [rows, weight] = [all.rows - part.rows, left(all.weight, part.weight)];
  return {
    rows,
    weight,
    bad: left(all.bad, part.bad),
    // squares add up to no less (Cauchy and Schwarz), whatever rounding says
    spread: Math.max(all.spread - part.spread, (weight * weight) / rows),
  };
}

const left = (all: number, part: number): number => (all - part > all * 1e-12 ? all - part : 0); // else it is rounding

/** Rows of weight 1, independent of each other, that would be as informative; plain rows are as many. */
export const effectiveRows = ({ weight, spread }: Sums): number => weight * (weight / spread);

/**
 * Natural logarithm of the chance that rows as good as those of `rest` look as much worse: Fisher's exact test, one-sided,
 * at the effective numbers of rows, which are the rows themselves when they have no weights and no clusters (Rao and
 * Scott 1992 test clustered shares so; the numbers are Kish's of 1965 for weights, with the correlation of the whole
 * table for clusters). 0, that is certain, unless the share of bad rows is larger.
 */
export function logWorse(slice: Sums, rest: Sums): number {
  if (!(slice.bad * rest.weight > rest.bad * slice.weight)) return 0;
  const [one, other] = [slice.weight / slice.spread, rest.weight / rest.spread];
  return logFisherGreater(
    slice.bad * one,
    slice.weight * one,
    rest.bad * other,
    rest.weight * other,
  );
}
