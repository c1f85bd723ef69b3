/** @file Totals per group and class: all that one-vs-rest rates need of the cells. */
import type { CellIndex } from "./cells.ts";
import type { Confusion } from "../metrics/rates.ts";

/** Refilled in place for every resample, so a replicate allocates nothing. */
export class Margins {
  readonly groups: number;
  readonly classes: number;
  readonly #total: Float64Array; // [G]
  readonly #hit: Float64Array; // [G, K] truth = predicted = class
  readonly #truth: Float64Array; // [G, K]
  readonly #predicted: Float64Array; // [G, K]
  #rounding = 0;

  constructor(groups: number, classes: number) {
    this.groups = groups;
    this.classes = classes;
    this.#total = new Float64Array(groups);
    this.#hit = new Float64Array(groups * classes);
    this.#truth = new Float64Array(groups * classes);
    this.#predicted = new Float64Array(groups * classes);
  }

  /** @param mass weight of each cell, [M]: rows times weight of a row */
  fill(cells: CellIndex, predicted: Int32Array, mass: Float64Array): void {
    const K = this.classes;
    const { group, truth } = cells;
    const [total, hit, trues, predicteds] = [this.#total, this.#hit, this.#truth, this.#predicted];
    for (const sums of [total, hit, trues, predicteds]) sums.fill(0);
    for (let m = 0; m < mass.length; m++) {
      const x = mass[m]!;
      if (x === 0) continue;
      const g = group[m]!;
      const t = truth[m]!;
      const p = predicted[m]!;
      total[g]! += x;
      trues[g * K + t]! += x;
      predicteds[g * K + p]! += x;
      if (t === p) hit[g * K + t]! += x;
    }
    this.#rounding = mass.length * Number.EPSILON;
  }

  total(group: number): number {
    return this.#total[group]!;
  }

  /** Weight of the rows whose predicted class is the true one. */
  correct(group: number): number {
    let sum = 0;
    for (let c = 0; c < this.classes; c++) sum += this.#hit[group * this.classes + c]!;
    return sum;
  }

  /** Writes the counts of class `c` against the rest into `out`. */
  confusion(group: number, c: number, out: Confusion): Confusion {
    const at = group * this.classes + c;
    const total = this.#total[group]!;
    const tiny = total * this.#rounding; // an empty cell of fractional weights must be 0, not 1e-17
    const tp = this.#hit[at]!;
    const fn = this.#truth[at]! - tp;
    const fp = this.#predicted[at]! - tp;
    const tn = total - tp - fn - fp;
    out.tp = tp;
    out.fn = fn > tiny ? fn : 0;
    out.fp = fp > tiny ? fp : 0;
    out.tn = tn > tiny ? tn : 0;
    return out;
  }
}
