/** @file Predictions of any model, from a table of one row each: CSV, TSV, JSON Lines or Parquet. */
import { bands } from "../../run/bands.ts";
import { UsageError } from "../../run/errors.ts";
import { silent, type Progress } from "../../run/progress.ts";
import type { Column } from "../cells.ts";
import type { Predictions } from "../predictions.ts";
import type { Source } from "../report.ts";
import { classesOf, type Classes, type ClassesAsked } from "./classes.ts";
import { ROLES, type TableColumns } from "./columns.ts";
import { formatOf } from "./formats.ts";
import { gather, HOW_TO_BIN, type RawTable } from "./gather.ts";
import { respell, spellingOf, type LabelColumn } from "./labels.ts";
import { NumberColumn } from "./numbers.ts";
import { useRows, type Splits, type UsedRows } from "./rows.ts";
import { chooseThreshold, type ThresholdRule } from "./threshold.ts";

export interface TableOptions extends ClassesAsked {
  /** Rows are predicted positive from this score on; or what it is to be best for, chosen on the rows of another split. */
  readonly threshold?: number | ThresholdRule | undefined;
  /** Splits by name, of `columns.split`: `test` is measured, a threshold is chosen on `validation`. */
  readonly splits?: Partial<Splits> | undefined;
  /** Lower ends of the bands that a group column of numbers is cut into, by column. */
  readonly bins?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Largest share of the rows that may be left out because they lack a value; 0 by default. */
  readonly maxMissing?: number | undefined;
}

export interface PredictionTable {
  readonly predictions: Predictions;
  /** What an earlier model predicted for the same rows. */
  readonly before: Predictions | null;
  /** The class whose rates are reported; null when there are more than two. */
  readonly positive: string | null;
  readonly source: Source;
}

const MOST_GROUPS = 200;

/**
 * Reads the columns that are named, in memory that does not depend on the other ones: some 4 bytes a row for a label, 8
 * for a number, and the texts of `columns.id`.
 *
 * Labels are texts, numbers or booleans; numbers are one label however they are written (`1`, `1.0`). Classes are
 * sorted, by value when they are numbers. An empty cell, null, or NaN among numbers is a missing value.
 * @throws UsageError with what is wrong, in which column and line
 */
export async function readPredictionTable(
  path: string,
  columns: TableColumns,
  options: TableOptions = {},
  progress: Progress = silent,
): Promise<PredictionTable> {
  const splits = checkAsked(columns, options);
  const format = await formatOf(path);
  const bins = options.bins ?? {};
  const raw = await gather(path, format, columns, Object.keys(bins), progress);
  const used = useRows(raw, columns, splits, options.maxMissing ?? 0);

  const outcome = outcomeOf(raw, columns, used, options);
  const groups = groupsOf(raw, used.measured, bins);
  const { measured } = used;
  const weights = raw.weight && take(raw.weight.values, measured);
  const cluster =
    raw.cluster && respell(pick(raw.cluster, measured), spellingOf(raw.cluster.texts));
  const common = {
    ...(raw.id && { ids: Array.from(measured, (row) => raw.id!.texts[row]!) }),
    classes: outcome.classes,
    truth: outcome.truth,
    groups: groups.columns,
    ...(weights && { weights }),
    ...(cluster && { clusters: cluster.codes }),
  };
  return {
    predictions: { ...common, predicted: outcome.predicted, ...outcome.scores },
    before: outcome.before && { ...common, predicted: outcome.before },
    positive: outcome.positive,
    source: {
      file: path,
      format,
      rows: raw.rows,
      columns: Object.fromEntries(
        [...ROLES, "scores" as const].flatMap((role) => {
          const name = columns[role];
          return name === undefined ? [] : [[role, name]];
        }),
      ),
      threshold: outcome.threshold,
      leftOut: [...used.leftOut, ...groups.leftOut],
    },
  };
}

/** The splits to use. Throws UsageError for what cannot be asked for together. */
function checkAsked(columns: TableColumns, { threshold, splits = {}, bins }: TableOptions): Splits {
  const chosen = typeof threshold === "string";
  const { test = "test", threshold: on = "validation" } = splits;
  if (threshold === undefined && columns.predicted === undefined)
    throw new UsageError(
      "name the column of predicted labels with --predicted, or give --score and --threshold",
    );
  if (threshold !== undefined && columns.predicted !== undefined)
    throw new UsageError(
      "--predicted and --threshold both say what is predicted; leave out one of them",
    );
  if (threshold !== undefined && columns.score === undefined)
    throw new UsageError("--threshold needs the column of the score, with --score");
  if (columns.score !== undefined && columns.scores !== undefined)
    throw new UsageError("--score and --scores both name scores; leave out one of them");
  if (chosen && columns.split === undefined)
    throw new UsageError(
      `--threshold ${threshold} is chosen on rows that are not measured: name the column that tells them apart with --split`,
    );
  if (chosen && on === test)
    throw new UsageError(
      `--threshold ${threshold} may not be chosen on the rows that are measured, those of the split ${test}: it would look better than it is`,
    );
  const stray = Object.keys(bins ?? {}).find((name) => !columns.groups.includes(name));
  if (stray !== undefined)
    throw new UsageError(
      `--bins ${stray}: there is no such group column; the groups are ${columns.groups.join(", ")}`,
    );
  return { test, threshold: chosen ? (on ?? null) : null };
}

const take = <A extends Int32Array | Float64Array>(values: A, rows: Int32Array): A => {
  const taken = values.slice(0, rows.length) as A;
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken;
};

const pick = (
  { texts, codes }: LabelColumn,
  rows: Int32Array,
): { readonly texts: readonly string[]; readonly codes: Int32Array } => ({
  texts,
  codes: take(codes, rows),
});

interface Outcome extends Classes {
  readonly truth: Int32Array;
  readonly predicted: Int32Array;
  readonly before: Int32Array | null;
  readonly scores: Pick<Predictions, "score" | "scores">;
  readonly threshold: Source["threshold"];
}

/** Truth and predictions as indices of classes. */
function outcomeOf(
  raw: RawTable,
  columns: TableColumns,
  { measured, choosing }: UsedRows,
  options: TableOptions,
): Outcome {
  const { path, truth, predicted, before, score } = raw;
  const models = [predicted, before].filter((column) => column !== null);
  const spelling = spellingOf([truth, ...models].flatMap(({ texts }) => texts));
  const occurring = (column: LabelColumn): readonly string[] => [
    ...new Set(
      [measured, choosing].flatMap((rows) => respell(pick(column, rows), spelling).values),
    ),
  ];
  const scored = [...raw.scores.keys()].map((name) => spelling.of(name) ?? name);
  const { classes, positive } = completed(
    classesOf(path, occurring(truth), models.flatMap(occurring), scored, spelling, options),
    options.threshold !== undefined,
  );
  const codes = (column: LabelColumn, rows = measured): Int32Array =>
    respell(pick(column, rows), spelling, classes).codes;
  const common = {
    classes,
    positive,
    truth: codes(truth),
    before: before && codes(before),
    scores: scoresOf(raw, measured, classes, scored, columns),
  };
  if (predicted) return { ...common, predicted: codes(predicted), threshold: null };
  const { threshold: asked } = options;
  if (positive === null)
    throw new UsageError(
      `${path}: --threshold is for two classes; the labels are ${classes.join(", ")}`,
    );
  const yes = classes.indexOf(positive);
  const value =
    typeof asked === "number"
      ? asked
      : chooseThreshold(
          asked!,
          Array.from(codes(truth, choosing), (code) => code === yes),
          take(score!.values, choosing),
          raw.weight ? take(raw.weight.values, choosing) : undefined,
        );
  return {
    ...common,
    predicted: Int32Array.from(measured, (row) => (score!.values[row]! >= value ? yes : 1 - yes)),
    threshold: {
      value,
      rule: typeof asked === "number" ? "given" : `best ${asked}`,
      split: typeof asked === "number" ? null : (options.splits?.threshold ?? "validation"),
      rows: choosing.length,
    },
  };
}

/** Of a single label, a threshold needs something to call the other rows. */
const completed = ({ classes, positive }: Classes, thresholded: boolean): Classes =>
  thresholded && classes.length === 1
    ? { classes: [...classes, `not ${classes[0]}`], positive }
    : { classes, positive };

function scoresOf(
  { path, score, scores }: RawTable,
  rows: Int32Array,
  classes: readonly string[],
  scored: readonly string[],
  columns: TableColumns,
): Outcome["scores"] {
  if (score) return { score: take(score.values, rows) };
  if (scores.size === 0) return {};
  const byClass = [...scores.values()];
  const order = classes.map((name) => scored.indexOf(name));
  const without = classes.filter((_, c) => order[c]! < 0);
  if (without.length > 0)
    throw new UsageError(
      `${path}: class ${without.join(", ")} has no column of scores; expected ${without.map((name) => `${columns.scores}${name}`).join(", ")}`,
    );
  const K = classes.length;
  const table = new Float32Array(rows.length * K); // [N, K]
  order.forEach((at, c) => {
    const { values } = byClass[at]!;
    for (let i = 0; i < rows.length; i++) table[i * K + c] = values[rows[i]!]!;
  });
  return { scores: table };
}

/** The sensitive attributes of the measured rows. A row without a value is left out of that attribute alone. */
function groupsOf(
  { path, places, groups }: RawTable,
  rows: Int32Array,
  bins: NonNullable<TableOptions["bins"]>,
): { readonly columns: Record<string, Column>; readonly leftOut: Source["leftOut"] } {
  const columns = [...groups].map(([name, column]): [string, Column] => [
    name,
    column instanceof NumberColumn
      ? banded(take(column.values, rows), bins[name]!)
      : respell(pick(column, rows), spellingOf(column.texts)),
  ]);
  for (const [name, { values }] of columns)
    if (values.length > MOST_GROUPS)
      throw new UsageError(
        `${path}: column "${name}" has ${values.length} different values, expected groups, ${MOST_GROUPS} at most; ${HOW_TO_BIN}`,
      );
  const leftOut = columns.flatMap(([name, { codes }]) => {
    const missing = codes.reduce((n, code) => n + (code < 0 ? 1 : 0), 0);
    if (missing === 0) return [];
    const first: string[] = [];
    for (let i = 0; first.length < 5 && i < codes.length; i++)
      if (codes[i]! < 0) first.push(places.of(rows[i]!));
    const what = groups.get(name) instanceof NumberColumn ? "in no band" : "missing";
    return [
      { column: name, reason: `${what}: left out of the groups by it alone`, rows: missing, first },
    ];
  });
  return { columns: Object.fromEntries(columns), leftOut };
}

/** Bands in their order, those alone that hold rows. */
function banded(values: Float64Array, bounds: readonly number[]): Column {
  const bandOf = bands(bounds);
  const texts = bounds.map((bound) => bandOf(bound)!);
  const at = new Map<string | null, number>(texts.map((name, index) => [name, index]));
  const codes = Int32Array.from(values, (value) =>
    Number.isFinite(value) ? (at.get(bandOf(value)) ?? -1) : -1,
  );
  return respell(
    { texts, codes },
    { of: (name) => name, sort: (names) => texts.filter((name) => names.includes(name)) },
  );
}
