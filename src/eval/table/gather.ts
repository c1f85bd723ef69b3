/** @file Reads the columns of predictions. */
import { UsageError } from "../../run/errors.ts";
import type { Progress } from "../../run/progress.ts";
import type { Source } from "../report/source.ts";
import { chooseColumns, type TableColumns } from "./columns.ts";
import { spellingOf, type LabelColumn, type Spelling } from "./labels.ts";
import type { NumberColumn } from "./numbers.ts";
import type { Places } from "./places.ts";
import { openTable, type TableReader, type TextColumn } from "./reader.ts";

/** A table of N rows as it was read: nothing checked, nothing left out. */
export interface RawTable {
  readonly path: string;
  readonly format: Source["format"];
  readonly rows: number;
  readonly places: Places;
  /** Of true and predicted labels together. */
  readonly spelling: Spelling;
  readonly truth: LabelColumn;
  readonly predicted: LabelColumn | null;
  readonly before: LabelColumn | null;
  readonly split: LabelColumn | null;
  readonly cluster: LabelColumn | null;
  readonly score: NumberColumn | null;
  /** By class, as its column is named. */
  readonly scores: ReadonlyMap<string, NumberColumn>;
  readonly weight: NumberColumn | null;
  /** Numbers where bands are made of them. */
  readonly groups: ReadonlyMap<string, LabelColumn | NumberColumn>;
  readonly id: TextColumn | null;
}

/** Of labels as they are written, of which several may be one. */
const MOST = 1000;
const CLASSES = "; expected the labels of a class, not numbers or names of rows";

/** Columns of sensitive attributes: labels, or numbers where bands are made of them. */
export const groupColumns = (
  reader: TableReader,
  names: readonly string[],
  binned: readonly string[],
): RawTable["groups"] =>
  new Map(
    names.map((name) => [
      name,
      binned.includes(name) ? reader.numbers(name) : reader.labels(name, MOST, `; ${HOW_TO_BIN}`),
    ]),
  );

/** What to do with a group column of too many values, in words. */
export const HOW_TO_BIN =
  "make bands of its numbers, such as --bins age=0,18,30,60, or leave it out of --groups";

/** @param binned names of the group columns of which bands are made */
export async function gather(
  path: string,
  columns: TableColumns,
  binned: readonly string[],
  progress: Progress,
): Promise<RawTable> {
  const { reader, format } = await openTable(path);
  const optional = <C>(name: string | undefined, make: (name: string) => C): C | null =>
    name === undefined ? null : make(name);
  const classLabels = (name: string): LabelColumn => reader.labels(name, MOST, CLASSES);
  const numbers = (name: string): NumberColumn => reader.numbers(name);

  const scores = new Map<string, NumberColumn>();
  const filled = {
    truth: classLabels(columns.truth),
    predicted: optional(columns.predicted, classLabels),
    before: optional(columns.before, classLabels),
    split: optional(columns.split, (name) => reader.labels(name, MOST)),
    cluster: optional(columns.cluster, (name) => reader.labels(name)),
    score: optional(columns.score, numbers),
    weight: optional(columns.weight, numbers),
    groups: groupColumns(reader, columns.groups, binned),
    id: optional(columns.id, (name) => reader.texts(name)),
  };
  const rows = await reader.fill(
    format,
    (names) => {
      for (const label of chooseColumns(path, columns, names))
        scores.set(label, numbers(`${columns.scores}${label}`));
    },
    progress,
  );
  if (rows === 0) throw new UsageError(`${path}: no rows; expected at least one`);
  const { truth, predicted, before } = filled;
  const texts = [truth, predicted, before].flatMap((column) => column?.texts ?? []);
  return {
    path,
    format,
    rows,
    places: reader.places,
    spelling: spellingOf(texts),
    scores,
    ...filled,
  };
}
