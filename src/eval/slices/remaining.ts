/** @file Sums of slices over the rows that no slice picked so far accounts for. */
import type { Outcomes } from "./outcomes.ts";
import type { Candidate, Conjunction } from "./search.ts";
import { logWorse, type Sums, without } from "./sums.ts";

/** Which cells a conjunction holds. */
export function membership({ codes }: Outcomes, { attributes, values }: Conjunction) {
  const columns = attributes.map((attribute) => codes[attribute]!);
  return (m: number): boolean => columns.every((column, i) => column[m] === values[i]);
}

/** Candidates with the same attributes. */
interface Family {
  readonly columns: readonly Int32Array[];
  readonly sizes: readonly number[];
  /** Place of each candidate's sums, by its values as a mixed-radix number. */
  readonly places: ReadonlyMap<number, number>;
  /** Place of the sums of all rows that have a value of every attribute. */
  readonly all: number;
}

const AT = 3; // numbers of a place: rows, weight, bad

export class Remaining {
  readonly #outcomes: Outcomes;
  readonly #whole: Sums | null;
  readonly #families: readonly Family[];
  readonly #placeOf = new Map<Candidate, { readonly own: number; readonly all: number }>();
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
    let places = 0;
    const families = new Map<string, Candidate[]>();
    for (const { attributes } of candidates) families.set(attributes.join(), []);
    for (const candidate of candidates) families.get(candidate.attributes.join())!.push(candidate);
    this.#families = [...families.values()].map((members) => {
      const { attributes } = members[0]!;
      const sizes = attributes.map((attribute) => outcomes.sizes[attribute]!);
      const all = places++;
      return {
        columns: attributes.map((attribute) => outcomes.codes[attribute]!),
        sizes,
        all,
        places: new Map(
          members.map((member) => {
            const own = places++;
            this.#placeOf.set(member, { own, all });
            return [member.values.reduce((key, value, i) => key * sizes[i]! + value, 0), own];
          }),
        ),
      };
    });
    this.#sums = new Float64Array(places * AT);
    this.#add(cells, 1);
  }

  /** What is left of a slice. */
  of(slice: Candidate): Sums {
    return this.#read(this.#placeOf.get(slice)!.own, slice.slice);
  }

  /** As `logWorse`, of what is left of the slice and of all other rows. */
  logP(slice: Candidate): number {
    const { own, all } = this.#placeOf.get(slice)!;
    const part = this.#read(own, slice.slice);
    const like = this.#whole ?? slice.rest;
    const rest = without(this.#read(all, like), part);
    return logWorse(part, { ...rest, spread: rest.weight * (like.spread / like.weight) });
  }

  /** Leaves out the rows of a slice. */
  remove(slice: Conjunction): void {
    const isIn = membership(this.#outcomes, slice);
    this.#add(this.#cells.filter(isIn), -1);
    this.#cells = this.#cells.filter((m) => !isIn(m));
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
    const { rows, weight, bad } = this.#outcomes;
    const sums = this.#sums;
    for (const { columns, sizes, places, all } of this.#families)
      for (const m of cells) {
        let key = 0;
        for (let i = 0; i < columns.length; i++) {
          const code = columns[i]![m]!;
          key = code < 0 ? Number.NaN : key * sizes[i]! + code;
        }
        if (key !== key) continue;
        const n = sign * rows[m]!;
        const total = n * weight[m]!;
        for (const place of [all, places.get(key)]) {
          if (place === undefined) continue;
          sums[place * AT]! += n;
          sums[place * AT + 1]! += total;
          sums[place * AT + 2]! += total * bad[m]!;
        }
      }
  }
}
