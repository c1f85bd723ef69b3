/** @file Reads a table into typed columns: 4 bytes a row for a label, 8 for a number, no object and no text. */
import { stat } from "node:fs/promises";
import { UsageError } from "../../run/errors.ts";
import type { Progress } from "../../run/progress.ts";
import type { Source } from "../report.ts";
import { chooseColumns, type TableColumns } from "./columns.ts";
import { FORMATS } from "./formats.ts";
import { LabelColumn } from "./labels.ts";
import { NumberColumn } from "./numbers.ts";
import { Places } from "./places.ts";

/** A table of N rows as it was read: nothing checked, nothing left out. */
export interface RawTable {
  readonly path: string;
  readonly rows: number;
  readonly places: Places;
  readonly truth: LabelColumn;
  readonly predicted: LabelColumn | null;
  readonly before: LabelColumn | null;
  readonly split: LabelColumn | null;
  readonly cluster: LabelColumn | null;
  readonly score: NumberColumn | null;
  /** Of each class that has a column. */
  readonly scores: ReadonlyMap<string, NumberColumn>;
  readonly weight: NumberColumn | null;
  /** Numbers where bands are made of them. */
  readonly groups: ReadonlyMap<string, LabelColumn | NumberColumn>;
  /** Kept as texts; null where missing. */
  readonly id: TextColumn | null;
}

export class TextColumn {
  readonly texts: (string | null)[] = [];
  append(cells: ArrayLike<unknown>): void {
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i];
      this.texts.push(cell === null || cell === undefined || cell === "" ? null : String(cell));
    }
  }
}

const MOST_CLASSES = 1000;
const MOST_SPLITS = 1000;
/** Raw texts, of which several may be one value. */
const MOST_GROUPS = 1000;

/** What to do with a group column of too many values, in words. */
export const HOW_TO_BIN =
  "make bands of its numbers, such as --bins age=0,18,30,60, or leave it out of --groups";

/** @param binned names of the group columns of which bands are made */
export async function gather(
  path: string,
  format: Source["format"],
  columns: TableColumns,
  binned: readonly string[],
  progress: Progress,
): Promise<RawTable> {
  const places = new Places();
  const readers: { readonly name: string; append(cells: ArrayLike<unknown>): void }[] = [];
  const read = <C extends { append(cells: ArrayLike<unknown>): void }>(
    name: string,
    column: C,
  ): C => {
    readers.push({ name, append: (cells) => column.append(cells) });
    return column;
  };
  const labels = (name: string, most: number, advice = ""): LabelColumn =>
    read(
      name,
      new LabelColumn(most, (row, problem) => {
        const told = `${places.in(path, row)}: column "${name}": ${problem}`;
        return new UsageError(problem.startsWith("more than") ? told + advice : told);
      }),
    );
  const optional = <C>(name: string | undefined, make: (name: string) => C): C | null =>
    name === undefined ? null : make(name);
  const numbers = (name: string): NumberColumn => read(name, new NumberColumn());
  const classLabels = (name: string): LabelColumn =>
    labels(name, MOST_CLASSES, "; expected the labels of a class, not numbers or names of rows");

  const scores = new Map<string, NumberColumn>();
  const raw = {
    path,
    places,
    truth: classLabels(columns.truth),
    predicted: optional(columns.predicted, classLabels),
    before: optional(columns.before, classLabels),
    split: optional(columns.split, (name) => labels(name, MOST_SPLITS)),
    cluster: optional(columns.cluster, (name) => labels(name, Number.POSITIVE_INFINITY)),
    score: optional(columns.score, numbers),
    scores,
    weight: optional(columns.weight, numbers),
    groups: new Map(
      columns.groups.map((name) => [
        name,
        binned.includes(name) ? numbers(name) : labels(name, MOST_GROUPS, `; ${HOW_TO_BIN}`),
      ]),
    ),
    id: optional(columns.id, (name) => read(name, new TextColumn())),
  };

  let wanted: readonly string[] = [];
  const select = (names: readonly string[]): readonly string[] => {
    const chosen = chooseColumns(path, columns, names);
    for (const label of chosen.scored) scores.set(label, numbers(`${columns.scores}${label}`));
    return (wanted = chosen.wanted);
  };
  const { size } = await stat(path);
  const MIB = 2 ** 20;
  progress.start(`reading ${path}, MiB`, Math.ceil(size / MIB));
  try {
    for await (const batch of FORMATS[format](path, select)) {
      places.append(batch.rows, batch.lines);
      for (const { name, append } of readers) append(batch.columns[wanted.indexOf(name)]!);
      progress.update(Math.floor((batch.done * size) / MIB));
    }
  } finally {
    progress.stop();
  }
  if (places.count === 0) throw new UsageError(`${path}: no rows; expected at least one`);
  return { ...raw, rows: places.count };
}
