/** @file A column of numbers: [N], NaN where there is none. */
import { Growing } from "./growing.ts";

const INFINITE = /^([+-]?)inf(inity)?$/i;

/** The number that a cell holds; NaN for an empty cell and for what is no number. */
function numberOf(cell: unknown): number {
  if (typeof cell === "number") return cell;
  if (typeof cell === "bigint" || typeof cell === "boolean") return Number(cell);
  if (typeof cell !== "string") return Number.NaN;
  const value = Number(cell);
  if (value === 0 && cell.trim() === "") return Number.NaN;
  if (value === value) return value;
  const [, sign] = INFINITE.exec(cell) ?? []; // as Python writes it
  return sign === undefined ? Number.NaN : sign === "-" ? -Infinity : Infinity;
}

const REMEMBERED = 100;

export class NumberColumn {
  readonly #values = new Growing((length) => new Float64Array(length));
  /** What stands where a number should, for the first such rows. */
  readonly #received = new Map<number, string>();

  append(cells: ArrayLike<unknown>): void {
    for (let i = 0; i < cells.length; i++) {
      const value = numberOf(cells[i]);
      if (!Number.isFinite(value)) this.#remember(cells[i]);
      this.#values.push(value);
    }
  }

  #remember(cell: unknown): void {
    if (cell === null || cell === undefined || cell === "") return;
    if (this.#received.size < REMEMBERED) this.#received.set(this.#values.length, String(cell));
  }

  get values(): Float64Array {
    return this.#values.values;
  }

  /** What a row without a finite number has in its place, as far as it is known. */
  received(row: number): string | undefined {
    return this.#received.get(row);
  }
}
