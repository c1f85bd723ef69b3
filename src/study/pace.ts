/** @file How long the rest of a study takes, from what was run so far. */
import type { Config } from "../run/config/schema.ts";

/** Forward and backward, in forward passes. */
const TRAINING = 3;

export interface Load {
  /** Runs of one kind keep one pace. */
  readonly kind: string;
  /** In multiply-adds, or whatever all loads of a study are told in. */
  readonly units: number;
}

/**
 * About what a run computes: every image forward, those of train once more and backward in every epoch.
 * @param files images of the data set
 * @param work 10^9 multiply-adds of one image forward
 */
export function unitsOf(
  { data, split, train }: Config,
  {
    files,
    work,
    isTrained,
  }: { readonly files: number; readonly work: number; readonly isTrained: boolean },
): number {
  const rows = files * data.share;
  if (!isTrained) return work * rows;
  const { fold, sample } = split;
  const all = split.train + split.validation + (fold ? 0 : split.test);
  const share = (split.train / all) * (fold ? (fold.k - 1) / fold.k : 1);
  const GENDERS = 2;
  const trained = sample?.train === undefined ? share * rows : GENDERS * sample.train;
  return work * (rows + TRAINING * train.epochs * trained);
}

/** What was done of one run. */
export interface Spent {
  readonly load: Load;
  /** Share of it that is behind, above 0. */
  readonly share: number;
  readonly seconds: number;
}

/**
 * Seconds that loads will take: at the pace of their kind where it is known, else at that of all that was run; null
 * while nothing was.
 */
export function secondsFor(loads: readonly Load[], spent: readonly Spent[]): number | null {
  const paceOf = (of: readonly Spent[]): number | null => {
    const units = of.reduce((sum, { load, share }) => sum + share * load.units, 0);
    return units > 0 ? of.reduce((sum, { seconds }) => sum + seconds, 0) / units : null;
  };
  const all = paceOf(spent);
  if (all === null) return loads.length === 0 ? 0 : null;
  return loads.reduce((sum, { kind, units }) => {
    const own = paceOf(spent.filter(({ load }) => load.kind === kind));
    return sum + units * (own ?? all);
  }, 0);
}
