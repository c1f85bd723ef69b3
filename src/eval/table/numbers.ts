/** @file A column of numbers: [N], NaN where there is none. */
import { Growing } from "./growing.ts";

const INFINITE = /^([+-]?)inf(inity)?$/i;

/** The number that a cell holds; NaN for an empty cell and for what is no number. */
function numberOf(cell: unknown): number {
  if (typeof cell === "number") return cell;
  if (typeof cell === "bigint" || typeof cell === "boolean") return Number(cell);
  if (typeof cell !== "string" || cell.trim() === "") return Number.NaN;
  const value = Number(cell);
  if (value === value) return value;
  const [, sign] = INFINITE.exec(cell) ?? []; // as Python writes it
  return sign === undefined ? Number.NaN : sign === "-" ? -Infinity : Infinity;
}

export class NumberColumn {
  readonly #values = new Growing((length) => new Float64Array(length));

  append(cells: ArrayLike<unknown>): void {
    for (let i = 0; i < cells.length; i++) this.#values.push(numberOf(cells[i]));
  }

  get values(): Float64Array {
    return this.#values.values;
  }
}
