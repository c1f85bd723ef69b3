/** @file Where each row stands in its file. */
import { Growing } from "./growing.ts";

/** Remembers only the rows whose line does not follow from the one before: after an empty line, or a text over several. */
export class Places {
  readonly #rows = new Growing((length) => new Int32Array(length));
  readonly #lines = new Growing((length) => new Int32Array(length));
  #count = 0;
  #next = Number.NaN;
  #hasLines = false;

  append(rows: number, lines: ArrayLike<number> | null): void {
    if (lines) {
      this.#hasLines = true;
      for (let i = 0; i < lines.length; i++) {
        if (lines[i] !== this.#next) {
          this.#rows.push(this.#count + i);
          this.#lines.push(lines[i]!);
        }
        this.#next = lines[i]! + 1;
      }
    }
    this.#count += rows;
  }

  get count(): number {
    return this.#count;
  }

  /** `data.csv:12`, or `data.parquet: row 12`. @param row from 0 */
  in(path: string, row: number): string {
    const place = this.of(row);
    return this.#hasLines ? `${path}:${place.slice("line ".length)}` : `${path}: ${place}`;
  }

  /** `line 12`, or `row 12` in a file that has no lines. @param row from 0 */
  of(row: number): string {
    if (!this.#hasLines) return `row ${row + 1}`;
    const rows = this.#rows.values;
    let [low, high] = [0, rows.length];
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if (rows[middle]! <= row) low = middle;
      else high = middle;
    }
    return `line ${this.#lines.values[low]! + row - rows[low]!}`;
  }
}
