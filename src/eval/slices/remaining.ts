/** @file Sums of slices over the rows that no slice picked so far accounts for. */
import type { Outcomes } from "./outcomes.ts";
import type { Candidate, Conjunction } from "./search.ts";
import { logWorse, type Sums, without } from "./sums.ts";

/** Slices of the same attributes. */
interface Family {
  readonly columns: readonly Int32Array[];
  readonly sizes: readonly number[];
  /** For each attribute, from the number of the values before it and its own to that of all of them; -1 for no slice. */
  readonly steps: readonly Int32Array[];
  /** Where its sums begin: those of all rows that have a value of every attribute, then those of each slice. */
  readonly place: number;
}

/** Which place a slice's sums have, and those of all rows that it is compared with. */
interface Place {
  readonly own: number;
  readonly all: number;
}

const AT = 3; // numbers of a place: rows, weight, bad

export class Remaining {
  readonly #outcomes: Outcomes;
  readonly #whole: Sums | null;
  readonly #families: readonly Family[];
  readonly #places = new Map<Candidate, Place>();
  readonly #sums: Float64Array;
  #cells: Int32Array;

  /**
   * @param cells among which slices are compared
   * @param whole sums of the slice that these cells are; null for all cells
   */
  constructor(
    outcomes: Outcomes,
    cells: Int32Array,
    whole: Sums | null,
    candidates: readonly Candidate[],
  ) {
    this.#outcomes = outcomes;
    this.#whole = whole;
    this.#cells = cells;
    const families = new Map<string, Candidate[]>();
    for (const { attributes } of candidates) families.set(attributes.join(), []);
    for (const candidate of candidates) families.get(candidate.attributes.join())!.push(candidate);
    let place = 0;
    this.#families = [...families.values()].map((members) => {
      const family = this.#familyOf(members, place);
      place += 1 + members.length;
      return family;
    });
    this.#sums = new Float64Array(place * AT);
    this.#add(cells, 1);
  }

  /** What is left of a slice. */
  of(slice: Candidate): Sums {
    return this.#read(this.#places.get(slice)!.own, slice.slice);
  }

  /** As `logWorse`, of what is left of the slice and of all other rows. */
  logP(slice: Candidate): number {
    const { own, all } = this.#places.get(slice)!;
    const part = this.#read(own, slice.slice);
    const like = this.#whole ?? slice.rest;
    const rest = without(this.#read(all, like), part);
    return logWorse(part, { ...rest, spread: rest.weight * (like.spread / like.weight) });
  }

  /** Leaves out the rows of a slice. */
  remove(slice: Conjunction): void {
    const [inside, outside] = split(this.#outcomes, this.#cells, slice);
    this.#add(inside, -1);
    this.#cells = outside;
  }

  #familyOf(members: readonly Candidate[], place: number): Family {
    const { attributes } = members[0]!;
    const sizes = attributes.map((attribute) => this.#outcomes.sizes[attribute]!);
    const numbers = new Int32Array(members.length);
    let count = 1;
    const steps = sizes.map((size, i) => {
      const step = new Int32Array(count * size).fill(-1);
      count = 0;
      members.forEach(({ values }, j) => {
        const key = numbers[j]! * size + values[i]!;
        if (step[key]! < 0) step[key] = count++;
        numbers[j] = step[key]!;
      });
      return step;
    });
    members.forEach((member, j) =>
      this.#places.set(member, { own: place + 1 + numbers[j]!, all: place }),
    );
    const columns = attributes.map((attribute) => this.#outcomes.codes[attribute]!);
    return { columns, sizes, steps, place };
  }

  /** @param like a set whose rows are about as far from independent; its spread is scaled */
  #read(place: number, like: Sums): Sums {
    const [rows, weight, bad] = this.#sums.subarray(place * AT, place * AT + AT);
    if (rows === 0) return { rows: 0, weight: 0, bad: 0, spread: 0 }; // whatever rounding left
    return {
      rows: rows!,
      weight: weight!,
      bad: bad!,
      spread: weight! * (like.spread / like.weight),
    };
  }

  #add(cells: Int32Array, sign: number): void {
    for (const family of this.#families) this.#addTo(family, cells, sign);
  }

  #addTo({ columns, sizes, steps, place }: Family, cells: Int32Array, sign: number): void {
    const { rows, weight, bad } = this.#outcomes;
    for (let j = 0; j < cells.length; j++) {
      const m = cells[j]!;
      let number = 0;
      let known = true;
      for (let i = 0; i < columns.length; i++) {
        const code = columns[i]![m]!;
        if (code < 0) known = false;
        else if (number >= 0) number = steps[i]![number * sizes[i]! + code]!;
      }
      if (!known) continue;
      const n = sign * rows[m]!;
      const w = n * weight[m]!;
      this.#count(place, n, w, bad[m]!);
      if (number >= 0) this.#count(place + 1 + number, n, w, bad[m]!);
    }
  }

  #count(place: number, rows: number, weight: number, bad: number): void {
    const sums = this.#sums;
    sums[place * AT]! += rows;
    sums[place * AT + 1]! += weight;
    sums[place * AT + 2]! += weight * bad;
  }
}

/** The cells that a conjunction holds, and the others. */
export function split(
  { codes }: Outcomes,
  cells: Int32Array,
  { attributes, values }: Conjunction,
): readonly [inside: Int32Array, outside: Int32Array] {
  const isIn = new Uint8Array(cells.length).fill(1);
  attributes.forEach((attribute, i) => {
    const [column, value] = [codes[attribute]!, values[i]!];
    for (let j = 0; j < cells.length; j++) if (column[cells[j]!] !== value) isIn[j] = 0;
  });
  return [cells.filter((_, j) => isIn[j] === 1), cells.filter((_, j) => isIn[j] === 0)];
}
