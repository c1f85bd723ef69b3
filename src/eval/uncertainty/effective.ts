/** @file How many independent rows a share of rows is worth, when rows weigh differently or hang together. */
import type { Cells } from "../counts/cells.ts";
import { Margins } from "../counts/margins.ts";
import { type Confusion, type Part, sumOf } from "../metrics/rates.ts";

/** A share of the rows of one group. */
export interface Share {
  readonly value: number;
  readonly numerator: readonly Part[];
  readonly denominator: readonly Part[];
}

/** Counts of one group in one unit, and how many units have them. */
interface Held extends Confusion {
  readonly units: number;
}

/** Every row right or wrong, whatever its class: `tp` of the right ones, `fn` of the others. */
export const ANY_CLASS = -1;

/**
 * The n to put into a binomial interval. With weights that of Kish, (sum w)^2 / sum w^2 (1965). With clusters the n
 * whose binomial variance is that of the ratio of cluster totals, linearised (Korn and Graubard 1998); of a share of 0 or 1,
 * which has no variance, Kish's over clusters. Never more than without clusters.
 */
export class EffectiveRows {
  readonly #cells: Cells;
  readonly #squares: Margins;
  readonly #held = new Map<number, readonly (readonly Held[])[]>(); // class -> [G] -> units

  constructor(cells: Cells) {
    this.#cells = cells;
    this.#squares = new Margins(cells.groups, cells.classes);
    const squares = cells.rows.map((rows, m) => rows * cells.weight[m]! ** 2);
    this.#squares.fill(cells, cells.predicted[0]!, squares);
  }

  /** @param c the positive class, or ANY_CLASS */
  of({ value, numerator, denominator }: Share, group: number, c: number, total: number): number {
    const squared = { tp: 0, fp: 0, fn: 0, tn: 0 };
    const kish =
      total ** 2 /
      (c === ANY_CLASS
        ? this.#squares.total(group)
        : sumOf(denominator, this.#squares.confusion(group, c, squared)));
    if (!this.#cells.units) return kish;
    let [variance, squares] = [0, 0];
    for (const held of this.#heldBy(c)[group]!) {
      const below = sumOf(denominator, held);
      variance += held.units * (sumOf(numerator, held) - value * below) ** 2;
      squares += held.units * below ** 2;
    }
    const worth =
      variance > 0 ? (value * (1 - value) * total ** 2) / variance : total ** 2 / squares;
    return Math.min(kish, worth);
  }

  #heldBy(c: number): readonly (readonly Held[])[] {
    const known = this.#held.get(c);
    if (known) return known;
    const { units, group, truth, predicted, weight, groups } = this.#cells;
    const held = Array.from({ length: groups }, (): Held[] => []);
    for (let t = 0; t < units!.count.length; t++)
      // cells ascend by group, so the parts of one group stand together
      for (let i = units!.start[t]!, g = -1; i < units!.start[t + 1]!; i++) {
        const m = units!.cell[i]!;
        if (group[m] !== g) {
          g = group[m]!;
          held[g]!.push({ units: units!.count[t]!, tp: 0, fp: 0, fn: 0, tn: 0 });
        }
        held[g]!.at(-1)![partOf(truth[m]!, predicted[0]![m]!, c)] += units!.rows[i]! * weight[m]!;
      }
    this.#held.set(c, held);
    return held;
  }
}

function partOf(truth: number, predicted: number, c: number): Part {
  if (c === ANY_CLASS) return truth === predicted ? "tp" : "fn";
  if (truth === c) return predicted === c ? "tp" : "fn";
  return predicted === c ? "fp" : "tn";
}
