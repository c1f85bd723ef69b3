/** @file Score metrics of every group of the resample at hand. */
import { SCORE_RATES, type ScoreName } from "../metrics/scores.ts";
import { Lazy, meanOfDefined, type Clock, type Column } from "../counts/sheet.ts";
import { sortByCode, sorted, type Sorted } from "./order.ts";
import { passConfidence, passView, VIEW_NAMES, type ViewValues } from "./pass.ts";
import { BINS } from "./bins.ts";
import type { ScoreTable } from "./table.ts";

/** One number per group of each metric that there is; NaN where undefined. */
export type ScoreColumns = Readonly<Partial<Record<ScoreName, Column>>>;

/** Columns keep their arrays: `arrange` and `update` refill them. */
export class ScoreSheet {
  /** Each class measured one against the rest. */
  readonly byView: readonly ScoreColumns[];
  /** Binary: of the positive class. Multi-class: the mean over the classes where defined. Both: of the confidence. */
  readonly whole: ScoreColumns;
  readonly #table: ScoreTable;
  #group: Int32Array;
  readonly #ranked: readonly Sorted[]; // of each view, the rows by group, then by descending score
  readonly #values: readonly ViewValues[];
  readonly #passed: number[]; // when each view was last worked out
  readonly #cells: Float64Array; // [G, BINS]
  readonly #clock: Clock = { now: 0 };
  #mass: Float64Array;

  /**
   * @param group of every row, or -1 for none, [M]
   * @param groups how many there are
   */
  constructor(table: ScoreTable, group: Int32Array, groups: number) {
    const numbers = (): Float64Array => new Float64Array(groups);
    this.#table = table;
    this.#group = group;
    this.#ranked = table.views.map(({ order }) => sorted(order, group, groups));
    this.#values = table.views.map(
      () => Object.fromEntries(VIEW_NAMES.map((name) => [name, numbers()])) as ViewValues,
    );
    this.#passed = table.views.map(() => -1);
    this.#cells = new Float64Array(groups * BINS);
    this.#mass = table.weight;

    const column = (name: ScoreName, fill: (values: Float64Array) => void): Column =>
      new Lazy(groups, this.#clock, (values) => {
        if (SCORE_RATES[name].probability && table.outside > 0) values.fill(Number.NaN);
        else fill(values);
      });
    this.byView = this.#values.map((_, v) =>
      Object.fromEntries(
        VIEW_NAMES.map((name) => [name, column(name, (values) => values.set(this.#view(v)[name]))]),
      ),
    );
    const means = VIEW_NAMES.filter((name) => SCORE_RATES[name].overClasses === "mean");
    this.whole = {
      ...(this.byView.length === 1
        ? this.byView[0]
        : this.byView.length > 1 &&
          Object.fromEntries(
            means.map((name) => [
              name,
              column(name, (values) => {
                const parts = this.#values.map((_, v) => this.#view(v)[name]);
                for (let g = 0; g < groups; g++) values[g] = meanOfDefined(parts, g);
              }),
            ]),
          )),
      eceConfidence: column("eceConfidence", (values) =>
        passConfidence(table.confidence, this.#group, this.#mass, this.#cells, values),
      ),
    };
  }

  #view(v: number): ViewValues {
    const values = this.#values[v]!;
    if (this.#passed[v] !== this.#clock.now)
      passView(this.#table.views[v]!, this.#ranked[v]!, this.#mass, values);
    this.#passed[v] = this.#clock.now;
    return values;
  }

  /** Gives rows other groups; every group must keep its number of rows. */
  arrange(group: Int32Array): void {
    this.#group = group;
    this.#table.views.forEach(({ order }, v) => {
      const { items, starts } = this.#ranked[v]!;
      sortByCode(order, group, starts.slice(), items);
    });
  }

  /** @param mass weight of every row, [M], not to be changed before the next update */
  update(mass: Float64Array): void {
    this.#mass = mass;
    this.#clock.now++;
  }
}
