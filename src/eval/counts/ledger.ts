/** @file The rates of a table of cells, kept up with the resample at hand. */
import type { CellIndex, Cells } from "./cells.ts";
import { Margins } from "./margins.ts";
import { RateSheet } from "./sheet.ts";

export class Ledger {
  readonly margins: Margins;
  readonly sheet: RateSheet;
  readonly #model: number;

  /** @param model which column of the cells' predictions is followed */
  constructor(cells: Cells, views: readonly number[], model = 0) {
    this.margins = new Margins(cells.groups, cells.classes);
    this.sheet = new RateSheet(this.margins, views);
    this.#model = model;
    this.update(
      cells,
      cells.rows.map((rows, m) => rows * cells.weight[m]!),
    );
  }

  /** @param mass weight of every cell, [M] */
  readonly update = (cells: CellIndex, mass: Float64Array): void => {
    this.margins.fill(cells, cells.predicted[this.#model]!, mass);
    this.sheet.changed();
  };
}
