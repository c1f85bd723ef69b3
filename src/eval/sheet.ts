/** @file Rates of every group, for one positive class, for each class against the rest, or over all classes. */
import type { Margins } from "./margins.ts";
import { RATE_NAMES, RATES, type Confusion, type RateName } from "./rates.ts";

/** By rate, its value in every group, [G]; NaN where it is undefined. */
export type GroupRates = Readonly<Record<RateName, Float64Array>>;

/** Undefined rates for so many groups. */
export const newRates = (groups: number): GroupRates =>
  Object.fromEntries(
    RATE_NAMES.map((name) => [name, new Float64Array(groups).fill(Number.NaN)]),
  ) as Record<RateName, Float64Array>;

/**
 * The rates of one resample. `update` writes into the same arrays every time, so what reads them can hold on to them.
 */
export class RateSheet {
  /** The classes measured one against the rest: the positive one of a binary target, or all. */
  readonly views: readonly number[];
  /** [views] */
  readonly byView: readonly GroupRates[];
  /** Binary: the rates of the positive class. Multi-class: accuracy over all classes, else the mean over classes. */
  readonly whole: GroupRates;
  readonly #names: readonly RateName[];
  readonly #confusion: Confusion = { tp: 0, fp: 0, fn: 0, tn: 0 };

  constructor(groups: number, views: readonly number[], names: readonly RateName[] = RATE_NAMES) {
    this.views = views;
    this.byView = views.map(() => newRates(groups));
    this.whole = views.length === 1 ? this.byView[0]! : newRates(groups);
    this.#names = names;
  }

  update(margins: Margins): void {
    this.views.forEach((c, v) => {
      const rates = this.byView[v]!;
      for (let g = 0; g < margins.groups; g++) {
        const confusion = margins.confusion(g, c, this.#confusion);
        for (const name of this.#names)
          rates[name][g] = RATES[name].numerator(confusion) / RATES[name].denominator(confusion);
      }
    });
    if (this.views.length > 1) this.#updateWhole(margins);
  }

  #updateWhole(margins: Margins): void {
    for (let g = 0; g < margins.groups; g++) {
      for (const name of this.#names) this.whole[name][g] = this.#mean(name, g);
      this.whole.accuracy[g] = margins.correct(g) / margins.total(g);
      // mean recall, as scikit-learn's balanced_accuracy_score
      this.whole.balancedAccuracy[g] = this.#mean("tpr", g);
    }
  }

  /** Mean over the classes where the rate is defined. */
  #mean(name: RateName, group: number): number {
    let sum = 0;
    let defined = 0;
    for (const rates of this.byView) {
      const value = rates[name][group]!;
      if (value === value) {
        sum += value;
        defined++;
      }
    }
    return sum / defined;
  }
}
