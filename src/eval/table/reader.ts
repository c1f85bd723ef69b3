/** @file Fills typed columns from a table: 4 bytes a row for a label, 8 for a number, no object and no text. */
import { stat } from "node:fs/promises";
import { UsageError } from "../../run/errors.ts";
import { silent, type Progress } from "../../run/progress.ts";
import type { Source } from "../report/source.ts";
import type { Select } from "../../run/table/batch.ts";
import { formatOf, FORMATS } from "../../run/table/formats.ts";
import { LabelColumn } from "./labels.ts";
import { NumberColumn } from "./numbers.ts";
import { Places } from "./places.ts";

/** Texts as they are, such as names of rows; null where missing. */
export class TextColumn {
  readonly texts: (string | null)[] = [];

  append(cells: ArrayLike<unknown>): void {
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i];
      this.texts.push(cell === null || cell === undefined || cell === "" ? null : String(cell));
    }
  }
}

type AnyColumn = LabelColumn | NumberColumn | TextColumn;

const MIB = 2 ** 20;

/** Columns are asked for by name, at the latest when their names are known, then filled together. */
export class TableReader {
  readonly path: string;
  readonly places = new Places();
  readonly #columns: { readonly name: string; readonly column: AnyColumn }[] = [];

  constructor(path: string) {
    this.path = path;
  }

  #add<C extends AnyColumn>(name: string, column: C): C {
    this.#columns.push({ name, column });
    return column;
  }

  /** @param most different labels; a column with more is refused, with this advice */
  labels(name: string, most = Number.POSITIVE_INFINITY, advice = ""): LabelColumn {
    const refuse = (row: number, problem: string): Error => this.refusal(name, row, problem);
    return this.#add(name, new LabelColumn({ most, advice, refuse }));
  }
  numbers(name: string): NumberColumn {
    return this.#add(name, new NumberColumn());
  }
  texts(name: string): TextColumn {
    return this.#add(name, new TextColumn());
  }

  /** The error for a cell. */
  refusal(column: string, row: number, problem: string): UsageError {
    return new UsageError(`${this.places.in(this.path, row)}: column "${column}": ${problem}`);
  }

  /**
   * @param select is told the names of the columns that are there, and may ask for more of them
   * @returns rows read
   * @throws UsageError when `select` does, and for a file that cannot be read
   */
  async fill(
    format: Source["format"],
    select: (names: readonly string[]) => void,
    progress: Progress = silent,
  ): Promise<number> {
    let wanted: readonly string[] = [];
    const choose: Select = (names) => {
      select(names);
      return (wanted = [...new Set(this.#columns.map(({ name }) => name))]);
    };
    const { size } = await stat(this.path);
    progress.start(`reading ${this.path}, MiB`, Math.ceil(size / MIB));
    try {
      for await (const { rows, columns, lines, done } of FORMATS[format](this.path, choose)) {
        this.places.append(rows, lines);
        for (const { name, column } of this.#columns) column.append(columns[wanted.indexOf(name)]!);
        progress.update(Math.floor((done * size) / MIB));
      }
    } finally {
      progress.stop();
    }
    return this.places.count;
  }
}

/** A reader of a file, and the format that its name says. @throws UsageError */
export async function openTable(
  path: string,
): Promise<{ readonly reader: TableReader; readonly format: Source["format"] }> {
  return { reader: new TableReader(path), format: await formatOf(path) };
}
