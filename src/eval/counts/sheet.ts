/** @file Rates of every group of the resample at hand, worked out when first asked for. */
import type { Margins } from "./margins.ts";
import {
  RATE_NAMES,
  RATES,
  sumOf,
  type Confusion,
  type RateDefinition,
  type RateName,
} from "../metrics/rates.ts";

/** Numbers that follow the resample at hand. */
export interface Column {
  /** One number per group, [G]; NaN where undefined. Always the same array. */
  read(): Float64Array;
  /** `size` numbers that follow from these, worked out when first asked for. */
  derive(size: number, fill: (values: Float64Array) => void): Column;
}
export type Columns = Readonly<Record<RateName, Column>>;

/** Sums per group and class that change with every resample, and how often they did. */
export interface Clock {
  now: number;
}

/** A column worked out at most once per resample. */
export class Lazy implements Column {
  readonly #values: Float64Array;
  readonly #clock: Clock;
  readonly #fill: (values: Float64Array) => void;
  #at = -1;

  constructor(groups: number, clock: Clock, fill: (values: Float64Array) => void) {
    this.#values = new Float64Array(groups);
    this.#clock = clock;
    this.#fill = fill;
  }

  read(): Float64Array {
    if (this.#at !== this.#clock.now) {
      this.#at = this.#clock.now;
      this.#fill(this.#values);
    }
    return this.#values;
  }

  derive(size: number, fill: (values: Float64Array) => void): Column {
    return new Lazy(size, this.#clock, fill);
  }
}

const columns = (make: (name: RateName) => Column): Columns =>
  Object.fromEntries(RATE_NAMES.map((name) => [name, make(name)])) as Record<RateName, Column>;

export class RateSheet {
  /** Each class measured one against the rest: the positive one of a binary target, or all. */
  readonly byView: readonly Columns[];
  /** Binary: the rates of the positive class. Multi-class: accuracy over all classes, else the mean over classes. */
  readonly whole: Columns;
  readonly #clock: Clock = { now: 0 };

  /** @param margins refilled by the owner, who then calls `changed` */
  constructor(margins: Margins, views: readonly number[]) {
    this.byView = views.map((c) => this.#view(margins, c));
    this.whole = views.length === 1 ? this.byView[0]! : this.#whole(margins);
  }

  /** Forgets every rate: the margins hold another resample. */
  changed(): void {
    this.#clock.now++;
  }

  #view(margins: Margins, c: number): Columns {
    const { groups } = margins;
    const counts = Array.from({ length: groups }, (): Confusion => ({
      tp: 0,
      fp: 0,
      fn: 0,
      tn: 0,
    }));
    let at = -1;
    const confusions = (): readonly Confusion[] => {
      if (at !== this.#clock.now) {
        at = this.#clock.now;
        for (let g = 0; g < groups; g++) margins.confusion(g, c, counts[g]!);
      }
      return counts;
    };
    const view: Columns = columns((name) => {
      const definition: RateDefinition = RATES[name];
      if (definition.kind === "mean") {
        const [a, b] = definition.of;
        return new Lazy(groups, this.#clock, (values) => {
          const [left, right] = [view[a].read(), view[b].read()];
          for (let g = 0; g < groups; g++) values[g] = (left[g]! + right[g]!) / 2;
        });
      }
      if (definition.kind === "index")
        return new Lazy(groups, this.#clock, (values) => {
          const all = confusions();
          for (let g = 0; g < groups; g++) values[g] = definition.of(all[g]!);
        });
      const above = coefficients(definition.numerator);
      const below = coefficients(definition.denominator);
      return new Lazy(groups, this.#clock, (values) => {
        const all = confusions();
        for (let g = 0; g < groups; g++) {
          const denominator = dot(below, all[g]!);
          // FN/FP has a numerator of its own: without false positives it is undefined, not infinite
          values[g] = denominator === 0 ? Number.NaN : dot(above, all[g]!) / denominator;
        }
      });
    });
    return view;
  }

  #whole(margins: Margins): Columns {
    const { groups } = margins;
    const means = columns(
      (name) =>
        new Lazy(groups, this.#clock, (values) => {
          const parts = this.byView.map((view) => view[name].read());
          for (let g = 0; g < groups; g++) values[g] = meanOfDefined(parts, g);
        }),
    );
    return {
      ...means,
      accuracy: new Lazy(groups, this.#clock, (values) => {
        for (let g = 0; g < groups; g++) values[g] = margins.correct(g) / margins.total(g);
      }),
      balancedAccuracy: means.tpr, // mean recall, as scikit-learn's balanced_accuracy_score
    };
  }

  /** The classes as if they were groups: one number per class, of the one group there is. */
  byClass(): Columns {
    return columns(
      (name) =>
        new Lazy(this.byView.length, this.#clock, (values) => {
          this.byView.forEach((view, c) => (values[c] = view[name].read()[0]!));
        }),
    );
  }
}

/** How often each part counts: a sum without a loop over names. */
const coefficients = (parts: readonly (keyof Confusion)[]): Confusion => ({
  tp: sumOf(parts, { tp: 1, fp: 0, fn: 0, tn: 0 }),
  fp: sumOf(parts, { tp: 0, fp: 1, fn: 0, tn: 0 }),
  fn: sumOf(parts, { tp: 0, fp: 0, fn: 1, tn: 0 }),
  tn: sumOf(parts, { tp: 0, fp: 0, fn: 0, tn: 1 }),
});

const dot = (a: Confusion, b: Confusion): number =>
  a.tp * b.tp + a.fp * b.fp + a.fn * b.fn + a.tn * b.tn;

export function meanOfDefined(parts: readonly Float64Array[], g: number): number {
  let sum = 0;
  let defined = 0;
  for (let v = 0; v < parts.length; v++) {
    const value = parts[v]![g]!;
    if (value === value) {
      sum += value;
      defined++;
    }
  }
  return sum / defined;
}
