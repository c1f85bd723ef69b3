/** @file Predictions as a CSV: id, truth, predicted, score_<class>... or score, weight, cluster, one column per attribute. */
import { createHash, type Hash } from "node:crypto";
import { basename } from "node:path";
import { stringify } from "csv-stringify/sync";
import { UsageError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import type { Column } from "./counts/cells.ts";
import { nameOf, type Predictions } from "./predictions.ts";
import type { RowsFile } from "./report/source.ts";
import { AS_WRITTEN, respell, type LabelColumn } from "./table/labels.ts";
import type { NumberColumn } from "./table/numbers.ts";
import { openTable, type TextColumn } from "./table/reader.ts";

const SCORE = "score_";

/** Which columns hold what. */
export interface PredictionColumns {
  readonly truth: string;
  readonly predicted: string;
  /** Rows are named by their number when the file has no such column. */
  readonly id: string;
  /** Every row weighs 1 when the file has no such column. */
  readonly weight: string;
  /** One score a row. */
  readonly score?: string;
  readonly cluster?: string;
}

export const PREDICTION_COLUMNS: PredictionColumns = {
  truth: "truth",
  predicted: "predicted",
  id: "id",
  weight: "weight",
  score: "score",
  cluster: "cluster",
};

/**
 * Writes predictions so that `readPredictions` gives them back; scores keep all their bits.
 * @returns what a report says of the file
 */
export async function writePredictions(path: string, predictions: Predictions): Promise<RowsFile> {
  const { classes, truth, predicted, scores, score, groups, weights, clusters } = predictions;
  const attributes = Object.entries(groups);
  const header = [
    "id",
    "truth",
    "predicted",
    ...(scores ? classes.map((name) => `${SCORE}${name}`) : []),
    ...(score ? ["score"] : []),
    ...(weights ? ["weight"] : []),
    ...(clusters ? ["cluster"] : []),
    ...attributes.map(([name]) => name),
  ];
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(`${path}: two columns would be called "${twice}"; rename the attribute`);
  const row = (i: number): string[] => [
    nameOf(predictions, i),
    classes[truth[i]!]!,
    classes[predicted[i]!]!,
    // nine digits tell every 32-bit number apart
    ...(scores ? classes.map((_, c) => `${+scores[i * classes.length + c]!.toPrecision(9)}`) : []),
    ...(score ? [`${score[i]!}`] : []),
    ...(weights ? [`${weights[i]!}`] : []),
    ...(clusters ? [`${clusters[i]!}`] : []),
    ...attributes.map(([, { values, codes }]) => values[codes[i]!] ?? ""),
  ];
  const hash = createHash("sha256");
  await writeFileAtomic(path, hashed(lines(header, row, truth.length), hash));
  return { file: basename(path), sha256: hash.digest("hex") };
}

function* hashed(parts: Iterable<Uint8Array>, hash: Hash): Generator<Uint8Array> {
  for (const part of parts) {
    hash.update(part);
    yield part;
  }
}

function* lines(
  header: readonly string[],
  row: (i: number) => string[],
  rows: number,
): Generator<Uint8Array> {
  yield Buffer.from(stringify([header]));
  const CHUNK = 4096; // rows; bounds memory whatever the size of the table
  for (let start = 0; start < rows; start += CHUNK) {
    const end = Math.min(rows, start + CHUNK);
    yield Buffer.from(stringify(Array.from({ length: end - start }, (_, i) => row(start + i))));
  }
}

/**
 * Reads predictions; every column that is not named in `columns` and holds no score of a class is an attribute, and an
 * empty cell of it a missing value. Labels stay as they are written; `readPredictionTable` reads those of other programs.
 * @param classes in the order of the result; by default that of the score columns, else sorted
 * @throws UsageError for a missing column or a cell that cannot be read, with its line
 */
export async function readPredictions(
  path: string,
  columns: PredictionColumns = PREDICTION_COLUMNS,
  classes?: readonly string[],
): Promise<Predictions> {
  const { reader, format } = await openTable(path);
  const truth = reader.labels(columns.truth);
  const predicted = reader.labels(columns.predicted);
  const there: {
    ids?: TextColumn;
    weights?: NumberColumn;
    score?: NumberColumn;
    clusters?: LabelColumn;
  } = {};
  const scores: (readonly [label: string, column: NumberColumn])[] = [];
  const groups: (readonly [name: string, column: LabelColumn])[] = [];
  const rows = await reader.fill(format, (names) => {
    checkNames(path, columns, names);
    for (const name of names) {
      if (name === columns.id) there.ids = reader.texts(name);
      else if (name === columns.weight) there.weights = reader.numbers(name);
      else if (name === columns.score) there.score = reader.numbers(name);
      else if (name === columns.cluster) there.clusters = reader.labels(name);
      else if (name.startsWith(SCORE))
        scores.push([name.slice(SCORE.length), reader.numbers(name)]);
      else if (name !== columns.truth && name !== columns.predicted)
        groups.push([name, reader.labels(name)]);
    }
  });

  const labelled = (name: string, column: LabelColumn): LabelColumn => {
    const empty = column.codes.indexOf(-1);
    if (empty >= 0) throw reader.refusal(name, empty, "expected a label, the cell is empty");
    return column;
  };
  const numbers = (name: string, column: NumberColumn): Float64Array => {
    const bad = column.values.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) return column.values;
    throw reader.refusal(name, bad, `expected a number, received "${column.received(bad) ?? ""}"`);
  };
  const models = [labelled(columns.truth, truth), labelled(columns.predicted, predicted)];
  const names =
    classes ??
    (scores.length > 0
      ? scores.map(([label]) => label)
      : [...new Set(models.flatMap(({ texts }) => texts))].toSorted());
  const unknown = models.flatMap(({ texts }) => texts).filter((label) => !names.includes(label));
  if (unknown.length > 0)
    throw new UsageError(
      `${path}: label "${[...new Set(unknown)].join('", "')}" is not a class; the classes are ${names.join(", ")}`,
    );
  const { ids, weights, score, clusters } = there;
  return {
    ids: Array.from({ length: rows }, (_, row) => (ids ? (ids.texts[row] ?? "") : `${row + 1}`)),
    classes: names,
    truth: asWritten(truth, names).codes,
    predicted: asWritten(predicted, names).codes,
    ...(scores.length > 0 && {
      scores: interleave(
        path,
        names,
        scores.map(([label, column]) => [label, numbers(`${SCORE}${label}`, column)]),
      ),
    }),
    ...(score && { score: numbers(columns.score!, score) }),
    groups: Object.fromEntries(groups.map(([name, column]) => [name, asWritten(column)])),
    ...(weights && { weights: numbers(columns.weight, weights) }),
    ...(clusters && { clusters: labelled(columns.cluster!, clusters).codes }),
  };
}

function checkNames(path: string, columns: PredictionColumns, names: readonly string[]): void {
  const missing = [columns.truth, columns.predicted].filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new UsageError(
      `${path}:1: missing column ${missing.join(", ")}; the columns are ${names.join(", ")}`,
    );
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UsageError(`${path}:1: column "${twice}" occurs twice; rename one of them`);
}

const asWritten = (column: LabelColumn, values?: readonly string[]): Column =>
  respell(column, AS_WRITTEN, values);

/** Scores [N, classes] in the order of the classes, of columns in any order. */
function interleave(
  path: string,
  classes: readonly string[],
  columns: readonly (readonly [label: string, values: Float64Array])[],
): Float32Array {
  const ordered = classes.map((name) => columns.find(([label]) => label === name)?.[1]);
  if (ordered.includes(undefined) || columns.length !== classes.length)
    throw new UsageError(
      `${path}: expected one score column per class (${classes.join(", ")}), received ${columns.map(([label]) => SCORE + label).join(", ")}`,
    );
  const K = classes.length;
  const scores = new Float32Array(columns[0]![1].length * K);
  ordered.forEach((values, c) => values!.forEach((value, row) => (scores[row * K + c] = value)));
  return scores;
}
