/** @file Predictions as a CSV: id, truth, predicted, score_<class>..., weight, one column per attribute. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { parse } from "csv-parse";
import { stringify } from "csv-stringify/sync";
import { EquiclipError, messageOf, UsageError } from "../run/errors.ts";
import { writeFileAtomic } from "../run/files.ts";
import type { Column } from "./cells.ts";
import { nameOf, type Predictions } from "./predictions.ts";
import type { RowsFile } from "./report.ts";

const SCORE = "score_";

/** Which columns hold what. */
export interface PredictionColumns {
  readonly truth: string;
  readonly predicted: string;
  /** Rows are named by their number when the file has no such column. */
  readonly id: string;
  /** Every row weighs 1 when the file has no such column. */
  readonly weight: string;
}

export const PREDICTION_COLUMNS: PredictionColumns = {
  truth: "truth",
  predicted: "predicted",
  id: "id",
  weight: "weight",
};

/**
 * Writes predictions so that `readPredictions` gives them back; scores keep all their bits.
 * @returns what a report says of the file
 */
export async function writePredictions(path: string, predictions: Predictions): Promise<RowsFile> {
  const { classes, truth, predicted, scores, groups, weights } = predictions;
  const attributes = Object.entries(groups);
  const header = [
    "id",
    "truth",
    "predicted",
    ...(scores ? classes.map((name) => `${SCORE}${name}`) : []),
    ...(weights ? ["weight"] : []),
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
    ...(weights ? [`${weights[i]!}`] : []),
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
 * Reads predictions; every column that is not named in `columns` and holds no score is an attribute, and an empty cell
 * of it a missing value.
 * @param classes in the order of the result; by default that of the score columns, else sorted
 * @throws UsageError for a missing column or a cell that cannot be read, with its line
 */
export async function readPredictions(
  path: string,
  columns: PredictionColumns = PREDICTION_COLUMNS,
  classes?: readonly string[],
): Promise<Predictions> {
  let table: Table | undefined;
  const source = createReadStream(path);
  const parser = parse({ bom: true, info: true });
  source.on("error", (error) => parser.destroy(error)).pipe(parser);
  const records: AsyncIterable<{ record: string[]; info: { lines: number } }> = parser;
  try {
    for await (const { record, info } of records) {
      if (table) table.add(record, info.lines);
      else table = new Table(path, record, columns);
    }
  } catch (cause) {
    if (cause instanceof EquiclipError) throw cause;
    throw new UsageError(`cannot read predictions from ${path}: ${messageOf(cause)}`, { cause });
  } finally {
    source.destroy();
  }
  if (!table) throw new UsageError(`${path}: the file is empty; expected a header and rows`);
  return table.finish(classes);
}

/** A growing column of labels, coded as they come. */
class Labels {
  readonly #codeOf = new Map<string, number>();
  readonly codes: number[] = [];

  add(label: string): void {
    let code = this.#codeOf.get(label);
    if (code === undefined) {
      code = this.#codeOf.size;
      this.#codeOf.set(label, code);
    }
    this.codes.push(code);
  }

  get values(): string[] {
    return [...this.#codeOf.keys()];
  }

  /** The column recoded to `values`; what is not among them is missing. */
  column(values: readonly string[]): Column {
    const order = new Map(values.map((value, index) => [value, index]));
    const recoded = this.values.map((value) => order.get(value) ?? -1);
    return { values, codes: Int32Array.from(this.codes, (code) => recoded[code]!) };
  }
}

/** Rows read so far, by column. */
class Table {
  readonly #path: string;
  readonly #at: Readonly<Record<keyof PredictionColumns, number>>;
  readonly #names: PredictionColumns;
  readonly #scores: readonly { readonly name: string; readonly at: number }[];
  readonly #attributes: readonly { readonly name: string; readonly at: number }[];
  readonly #labels: readonly Labels[];
  readonly #truth = new Labels();
  readonly #predicted = new Labels();
  readonly #ids: string[] = [];
  readonly #weights: number[] = [];
  readonly #values: number[] = [];

  constructor(path: string, header: readonly string[], columns: PredictionColumns) {
    const at = (name: string): number => header.indexOf(name);
    const missing = [columns.truth, columns.predicted].filter((name) => at(name) < 0);
    if (missing.length > 0)
      throw new UsageError(
        `${path}:1: missing column ${missing.join(", ")}; the columns are ${header.join(", ")}`,
      );
    const twice = header.find((name, i) => at(name) !== i);
    if (twice !== undefined)
      throw new UsageError(`${path}:1: column "${twice}" occurs twice; rename one of them`);
    const reserved = Object.values(columns);
    const others = header
      .map((name, index) => ({ name, at: index }))
      .filter(({ name }) => !reserved.includes(name));
    this.#path = path;
    this.#names = columns;
    this.#at = {
      truth: at(columns.truth),
      predicted: at(columns.predicted),
      id: at(columns.id),
      weight: at(columns.weight),
    };
    this.#scores = others.filter(({ name }) => name.startsWith(SCORE));
    this.#attributes = others.filter(({ name }) => !name.startsWith(SCORE));
    this.#labels = this.#attributes.map(() => new Labels());
  }

  add(record: readonly string[], line: number): void {
    const { truth, predicted, id, weight } = this.#at;
    this.#truth.add(this.#filled(record, truth, this.#names.truth, line));
    this.#predicted.add(this.#filled(record, predicted, this.#names.predicted, line));
    this.#ids.push(id < 0 ? `${this.#ids.length + 1}` : record[id]!);
    if (weight >= 0) this.#weights.push(this.#number(record, weight, this.#names.weight, line));
    for (const { name, at } of this.#scores)
      this.#values.push(this.#number(record, at, name, line));
    this.#attributes.forEach(({ at }, i) => this.#labels[i]!.add(record[at]!));
  }

  #filled(record: readonly string[], at: number, name: string, line: number): string {
    const text = record[at]!;
    if (text === "")
      throw new UsageError(
        `${this.#path}:${line}: column "${name}": expected a label, received ""`,
      );
    return text;
  }

  #number(record: readonly string[], at: number, name: string, line: number): number {
    const text = this.#filled(record, at, name, line);
    const value = Number(text);
    if (!Number.isFinite(value))
      throw new UsageError(
        `${this.#path}:${line}: column "${name}": expected a number, received "${text}"`,
      );
    return value;
  }

  finish(wanted?: readonly string[]): Predictions {
    const found = [...new Set([...this.#truth.values, ...this.#predicted.values])].sort();
    const scored = this.#scores.map(({ name }) => name.slice(SCORE.length));
    const classes = wanted ?? (scored.length > 0 ? scored : found);
    const unknown = found.filter((label) => !classes.includes(label));
    if (unknown.length > 0)
      throw new UsageError(
        `${this.#path}: label "${unknown.join('", "')}" is not a class; the classes are ${classes.join(", ")}`,
      );
    const groups = this.#attributes.map(({ name }, i): [string, Column] => {
      const labels = this.#labels[i]!;
      return [name, labels.column(labels.values.filter((value) => value !== "").sort())];
    });
    return {
      ids: this.#ids,
      classes,
      truth: this.#truth.column(classes).codes,
      predicted: this.#predicted.column(classes).codes,
      ...(scored.length > 0 && { scores: this.#inOrder(scored, classes) }),
      groups: Object.fromEntries(groups),
      ...(this.#at.weight >= 0 && { weights: Float64Array.from(this.#weights) }),
    };
  }

  /** Scores [N, classes] in the order of the classes. */
  #inOrder(scored: readonly string[], classes: readonly string[]): Float32Array {
    const from = classes.map((name) => scored.indexOf(name));
    if (from.includes(-1) || scored.length !== classes.length)
      throw new UsageError(
        `${this.#path}: expected one score column per class (${classes.join(", ")}), received ${scored.map((name) => SCORE + name).join(", ")}`,
      );
    const K = classes.length;
    return Float32Array.from(this.#values, (_, i) => this.#values[i - (i % K) + from[i % K]!]!);
  }
}
