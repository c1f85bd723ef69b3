/** @file Train, validation and test: by shares or counts, or by fold. */
import { UsageError } from "../run/errors.ts";
import { random } from "../run/random.ts";
import { assignSides } from "./assign.ts";
import { checkSplits } from "./check-splits.ts";
import { cellsOf } from "./cells.ts";
import { type Row, type Split, SPLITS } from "./row.ts";

/** A number for each split; one that is not named gets nothing. */
export type PerSplit = Readonly<Partial<Record<Split, number>>>;

/** How many rows of one cell of the stratifying attributes each split got; plain data. */
export interface SplitPlan {
  readonly seed: number;
  readonly stratify: readonly string[];
  readonly cells: readonly {
    readonly values: Readonly<Record<string, string>>;
    readonly train: number;
    readonly validation: number;
    readonly test: number;
    /** Rows in no split. */
    readonly unused: number;
  }[];
}

export interface SplitResult {
  /** Every row that came in, in that order, with its split; null where counts left it over. */
  readonly rows: Row[];
  readonly plan: SplitPlan;
  /** What an evaluation on these splits would suffer from, one line each; empty when all is well. */
  readonly problems: readonly string[];
}

/**
 * Splits rows, stratified on the cells of `stratify` (target x sensitive attributes). Rows that have a split keep it, and
 * their clusters follow them; when all have one this only makes the plan and the checks.
 *
 * @param shares fractions that sum to 1, or numbers of rows
 * @throws UsageError when the shares are neither, or ask for more rows than there are
 */
export function splitRows(
  rows: readonly Row[],
  shares: PerSplit,
  stratify: readonly string[],
  seed: number,
): SplitResult {
  const sides = assignSides(rows, {
    fractions: fractionsOf(shares, rows.length),
    stratify,
    random: random(seed, "split"),
    fixed: ({ split }) => (split === null ? null : SPLITS.indexOf(split)),
  });
  return result(rows, (row) => SPLITS[sides.get(row.id)!] ?? null, stratify, seed);
}

/** One of k rounds of cross-validation. */
export interface Fold {
  /** Number of folds, 2 or more. */
  readonly k: number;
  /** The fold that is the test set, 0 to k - 1. */
  readonly index: number;
  /** Share of the other folds that is the validation set, 0 to below 1. */
  readonly validation: number;
}

/**
 * Stratified k-fold: fold `index` is the test set, a share of the others the validation set, the rest is train. Over all
 * indices with one seed every row is in test once. Splits that rows had before are ignored.
 */
export function foldRows(
  rows: readonly Row[],
  { k, index, validation }: Fold,
  stratify: readonly string[],
  seed: number,
): SplitResult {
  if (!Number.isInteger(k) || k < 2 || !Number.isInteger(index) || index < 0 || index >= k) {
    throw new UsageError(
      `folds: expected k of 2 or more and an index from 0 to k - 1, received k ${k}, index ${index}`,
    );
  }
  if (!(validation >= 0 && validation < 1)) {
    throw new UsageError(
      `folds: expected a validation share from 0 to below 1, received ${validation}`,
    );
  }
  const folds = assignSides(rows, {
    fractions: Array.from({ length: k }, () => 1 / k),
    stratify,
    random: random(seed, "folds", k),
    fixed: () => null,
  });
  const rest = rows.filter((row) => folds.get(row.id) !== index);
  const sides = assignSides(rest, {
    fractions: [1 - validation, validation],
    stratify,
    random: random(seed, "fold", k, index),
    fixed: () => null,
  });
  const splitOf = (row: Row): Split => {
    const side = sides.get(row.id);
    return side === undefined ? "test" : SPLITS[side]!;
  };
  return result(rows, splitOf, stratify, seed);
}

/** Fractions of train, validation, test and unused rows. */
function fractionsOf(shares: PerSplit, count: number): number[] {
  const parts = SPLITS.map((split) => shares[split] ?? 0);
  const sum = parts.reduce((total, part) => total + part, 0);
  const received = SPLITS.map((split, i) => `${split} ${parts[i]}`).join(", ");
  if (parts.every((part) => part >= 0) && Math.abs(sum - 1) < 1e-6) {
    return [...parts.map((part) => part / sum), 0];
  }
  if (!parts.every((part) => Number.isInteger(part) && part >= 0) || sum === 0) {
    throw new UsageError(
      `split: expected fractions that sum to 1 or numbers of rows, received ${received}`,
    );
  }
  if (sum > count) {
    throw new UsageError(
      `split: expected at most the ${count} rows there are, received ${received}`,
    );
  }
  return [...parts.map((part) => part / count), (count - sum) / count];
}

function result(
  rows: readonly Row[],
  splitOf: (row: Row) => Split | null,
  stratify: readonly string[],
  seed: number,
): SplitResult {
  const split = rows.map((row) => ({ ...row, split: splitOf(row) }));
  const cells = cellsOf(split, stratify).map(({ values, rows: members }) => {
    const count = (of: Split | null): number => members.filter((row) => row.split === of).length;
    return {
      values: Object.fromEntries(stratify.map((attribute, i) => [attribute, values[i]!])),
      train: count("train"),
      validation: count("validation"),
      test: count("test"),
      unused: count(null),
    };
  });
  return {
    rows: split,
    plan: { seed, stratify, cells },
    problems: checkSplits(split, stratify),
  };
}
