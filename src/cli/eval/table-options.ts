/** @file The options of `equiclip eval --predictions`, and what they mean together. */
import { parse } from "csv-parse/sync";
import type { InferredOptionTypes } from "yargs";
import type { Uncertainty } from "../../eval/uncertainty/pending.ts";
import { UsageError } from "../../run/errors.ts";

const text = (describe: string, defaultDescription?: string) =>
  ({ type: "string", describe, ...(defaultDescription && { defaultDescription }) }) as const;
const repeated = (describe: string) =>
  ({ type: "string", array: true, nargs: 1, describe }) as const;

export const TABLE_OPTIONS = {
  predictions: text("table of one row for each prediction: CSV, TSV, JSON Lines or Parquet"),
  truth: text("column of true labels"),
  predicted: text("column of predicted labels"),
  groups: repeated(
    "columns of sensitive attributes, comma-separated; a*b for all pairs of their values; may be repeated",
  ),
  score: text(
    "column of scores of the positive class; of more than two classes, of the predicted one",
  ),
  scores: text("beginning of the names of score columns, one for each class"),
  positive: text("positive class of two", "1 of 0/1, true of false/true"),
  classes: text("all classes, comma-separated, in the order to report them", "sorted"),
  threshold: text(
    "instead of --predicted: positive from this score on; or what it is to be best for: accuracy, balancedAccuracy, f1",
  ),
  split: text("column of splits; rows of other splits than these two are left out"),
  "test-split": text("split that is measured", "test"),
  "threshold-split": text("split on which thresholds are chosen", "validation"),
  "group-thresholds": text(
    "columns of --groups whose groups each get thresholds of their own, on scores or on labels alone, fitted on the rows of --threshold-split; a person's group is then needed to decide",
  ),
  parity: text(
    "what these make equal: demographic-parity, equal-opportunity or equalized-odds",
    "demographic-parity",
  ),
  "parity-limit": text("largest difference between groups that they allow in it", "0"),
  before: text("column of an earlier model's labels: report what changed, paired by row"),
  weight: text("column of weights"),
  cluster: text("column that tells which rows belong together, such as a person's"),
  id: text("column of the rows' names; writes predictions.csv, which pairs reports by row"),
  reference: repeated(
    "group that every other one of its attribute is measured against: race=White; may be repeated",
  ),
  compat: {
    type: "boolean",
    describe: "also give formulas that studies publish under a metric's name",
  },
  bins: repeated("lower ends of bands of a column of numbers: age=0,18,30,60; may be repeated"),
  "max-missing": text("largest share of rows to leave out because they lack a value", "0"),
  level: text("level of the intervals", "0.95"),
  bootstrap: text("replicates of the bootstrap; 0 for none", "10000"),
  seed: text("seed of the bootstrap", "0"),
  "min-support": text("groups with fewer rows carry a note", "30"),
  title: text("title of the report", "the file's name"),
} as const;

export const SIMILARITY_OPTIONS = {
  similarities: text("table of one row for each image or text that can be found"),
  queries: repeated(
    "columns of the similarity to a query, comma-separated; the most similar rows come first; may be repeated",
  ),
  k: repeated("how many of the first rows to look at, comma-separated: 10,50; may be repeated"),
} as const;

/** Options of `--predictions` that `--similarities` has too. */
export const SHARED_OPTIONS: readonly (keyof TableArgs)[] = [
  "groups",
  "id",
  "bins",
  "max-missing",
  "level",
  "bootstrap",
  "seed",
  "min-support",
  "title",
];

export type SimilarityArgs = InferredOptionTypes<typeof SIMILARITY_OPTIONS>;
export type TableArgs = InferredOptionTypes<typeof TABLE_OPTIONS>;

/** Values of a comma-separated list; quoted as in CSV where they hold commas. */
export function list(option: string, value: string): string[] {
  try {
    const records = parse(value, { relax_column_count: true, trim: true }) as string[][];
    const values = records.flat();
    if (values.length > 0 && !values.includes("")) return values;
  } catch {
    // said below
  }
  throw new UsageError(
    `--${option} ${value}: expected names with commas between them; one that holds a comma goes in double quotes`,
  );
}

/** `COLUMN=VALUE`. @param at where the sign stands that parts them: names and values may hold one too */
function parted(option: string, value: string, at: number): readonly [string, string] {
  if (at > 0 && at < value.length - 1) return [value.slice(0, at), value.slice(at + 1)];
  throw new UsageError(`--${option} ${value}: expected COLUMN=VALUE`);
}

/** `race=White`; values such as `<=50K` are likelier to hold the sign than names are. */
export const referenceOf = (value: string): readonly [string, string] =>
  parted("reference", value, value.indexOf("="));

/** `age=0,18,30`. */
function binsOf(value: string): readonly [string, number[]] {
  const [column, bounds] = parted("bins", value, value.lastIndexOf("="));
  return [column, bounds.split(",").map((bound) => number(`bins ${column}`, bound, ANY))];
}

interface Range {
  readonly what: string;
  readonly holds: (value: number) => boolean;
}
export const SHARE: Range = { what: "a share from 0 to 1", holds: (x) => x >= 0 && x <= 1 };
const LEVEL: Range = { what: "a number between 0 and 1", holds: (x) => x > 0 && x < 1 };
export const COUNT: Range = {
  what: "a whole number of at least 0",
  holds: (x) => Number.isSafeInteger(x) && x >= 0,
};
export const ANY: Range = { what: "a number", holds: Number.isFinite };

export function number(option: string, value: string, { what, holds }: Range): number {
  const parsed = value.trim() === "" ? Number.NaN : Number(value);
  if (holds(parsed)) return parsed;
  throw new UsageError(`--${option} ${value}: expected ${what}`);
}

/** Where a command writes, and how it prints. */
export interface Output {
  readonly out: string | undefined;
  readonly json: boolean;
}

/** How any table is read. */
export function readingOf({ bins = [], "max-missing": missing }: TableArgs): {
  readonly bins: Readonly<Record<string, readonly number[]>>;
  readonly maxMissing?: number;
} {
  return {
    bins: Object.fromEntries(bins.map(binsOf)),
    ...(missing !== undefined && { maxMissing: number("max-missing", missing, SHARE) }),
  };
}

type UncertaintyArgs = Pick<TableArgs, "level" | "bootstrap" | "seed" | "min-support">;

/** What is given of how sure the numbers are to be. */
export function uncertaintyOf(args: UncertaintyArgs): {
  readonly minSupport?: number;
  readonly uncertainty: Partial<Uncertainty>;
} {
  const { level, bootstrap, seed, "min-support": minSupport } = args;
  return {
    ...(minSupport !== undefined && { minSupport: number("min-support", minSupport, COUNT) }),
    uncertainty: {
      ...(level !== undefined && { level: number("level", level, LEVEL) }),
      ...(bootstrap !== undefined && { replicates: number("bootstrap", bootstrap, COUNT) }),
      ...(seed !== undefined && { seed: number("seed", seed, ANY) }),
    },
  };
}

/** Attributes asked for, and the columns that they are made of. */
export function groupsOf(groups: readonly string[] | undefined): {
  readonly attributes: readonly string[];
  readonly columns: readonly string[];
} {
  if (groups === undefined)
    throw new UsageError(
      "name the columns of sensitive attributes with --groups, such as --groups gender,race,gender*race",
    );
  const attributes = [...new Set(groups.flatMap((value) => list("groups", value)))];
  return { attributes, columns: [...new Set(attributes.flatMap((name) => name.split("*")))] };
}
