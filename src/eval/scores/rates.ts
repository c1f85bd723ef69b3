/** @file The score metrics of groups, as measured, with what they rest on. */
import type { RowsOf, SpreadOf } from "../groups/extent.ts";
import type { Column as Groups } from "../counts/cells.ts";
import type { Spread, Sureness } from "../uncertainty/gap-interval.ts";
import { definedSamples } from "../uncertainty/intervals.ts";
import { noteUndefined, type Resampling, setInterval } from "../uncertainty/pending.ts";
import type { Plan } from "../groups/plan.ts";
import type { Rate } from "../report/values.ts";
import {
  RESTS_ON,
  SCORE_NAMES,
  SCORE_RATES,
  type ScoreName,
  type ScoreRateDefinition,
} from "../metrics/scores.ts";
import type { Column } from "../counts/sheet.ts";
import { type Bin, binsOf, type Foretold } from "./bins.ts";
import { calibrationSpread } from "./calibration-error.ts";
import { type Footing, footingsOf, type Worth } from "./footing.ts";
import type { ScoreColumns, ScoreSheet } from "./sheet.ts";
import { type Estimated, resampledSpread } from "./spread.ts";
import type { ScoreTable } from "./table.ts";

/** Metrics of one group by name. */
export type Scores = Partial<Record<ScoreName, Rate>>;

export class ScoreRates {
  readonly #table: ScoreTable;
  readonly #sheet: ScoreSheet;
  readonly #plan: Plan;
  readonly #resampling: Resampling;
  readonly #group: Int32Array; // [M]
  /** Rows of every group, those without a score too. */
  readonly #all: readonly number[];
  readonly #footings: readonly Footing[];
  /** The calibration bins of every group, by what is foretold. */
  readonly #bins = new Map<Foretold, readonly (readonly Bin[])[]>();
  readonly #known = new Map<Column, Map<number, Sureness>>();

  /**
   * @param sheet of the table by the groups of the column, as measured
   * @param column the group of every row of the predictions
   */
  constructor(
    table: ScoreTable,
    sheet: ScoreSheet,
    { values, codes }: Groups,
    plan: Plan,
    resampling: Resampling,
  ) {
    this.#table = table;
    this.#sheet = sheet;
    this.#plan = plan;
    this.#resampling = resampling;
    this.#group = table.rows.map((row) => codes[row]!);
    const all = values.map(() => 0);
    for (const g of codes) if (g >= 0) all[g]! += 1;
    this.#all = all;
    this.#footings = footingsOf(table, this.#group, values.length);
  }

  /** Of metrics that have been read. */
  readonly spreadOf: SpreadOf = (column, g) =>
    this.#known.get(column)?.get(g)?.spread ?? (() => null);
  readonly rowsOf: RowsOf = (column, g) => this.#known.get(column)?.get(g)?.rows ?? 0;

  /** One class against the rest. */
  view(v: number, g: number): Scores {
    return this.#scores(this.#sheet.byView[v]!, g, [v]);
  }

  /** Binary: the positive class. Multi-class: over all classes. */
  whole(g: number): Scores {
    return this.#scores(this.#sheet.whole, g, [...this.#table.views.keys()]);
  }

  #scores(columns: ScoreColumns, g: number, views: readonly number[]): Scores {
    return Object.fromEntries(
      SCORE_NAMES.flatMap((name) => {
        const column = columns[name];
        return column ? [[name, this.#rate(name, column, g, views)]] : [];
      }),
    );
  }

  #rate(name: ScoreName, column: Column, g: number, views: readonly number[]): Rate {
    const { overClasses, probability, range, restsOn, scale }: ScoreRateDefinition =
      SCORE_RATES[name];
    const all = this.#all[g]!;
    const scored = this.#footings[g]!.all.rows;
    const over = overClasses === "own" ? [] : views;
    const used = over.filter((v) => !Number.isNaN(this.#sheet.byView[v]![name]!.read()[g]));
    const { rows, effective } = this.#restsOn(restsOn, g, used.length > 0 ? used : over);
    const value = column.read()[g]!;
    const rate = { numerator: null, denominator: null, interval: null, support: rows };
    if (Number.isNaN(value)) {
      const { outside, rows: everyone } = this.#table;
      const first = this.#footings[g]!.positives[over[0]!]?.effective ?? 0;
      const lacks = `no ${RESTS_ON[restsOn].lacks(first)}`;
      const reason =
        scored === 0
          ? all === 0
            ? "no rows"
            : `none of its ${all} rows has a score`
          : probability && outside > 0
            ? `${outside} of ${everyone.length} rows have a score outside [0, 1]`
            : over.length > 1
              ? `undefined for every class: ${lacks}`
              : lacks;
      return { value: null, ...rate, reason };
    }
    const { minSupport, classes } = this.#plan;
    const left = over.filter((v) => !used.includes(v)).map((v) => classes[this.#plan.views[v]!]);
    const notes = [
      scored < all && `${all - scored} of ${all} rows have no score`,
      left.length > 0 && `mean without ${left.join(", ")}: undefined there`,
      // of a small group every metric is small, and its own note says so
      rows < minSupport && all >= minSupport && `rests on fewer than ${minSupport} rows`,
    ].filter((note) => note !== false);
    const measured: Rate = { value, ...rate, ...(notes.length > 0 && { note: notes.join("; ") }) };
    const spread =
      scale === "calibration"
        ? this.#calibration(measured, g, used)
        : this.#resampled(measured, { value, range, scale, effective }, () => column.read()[g]!);
    const known = this.#known.get(column) ?? new Map<number, Sureness>();
    this.#known.set(column, known.set(g, { spread, rows: effective }));
    return measured;
  }

  /** Of a mean over several classes, what the least of them rests on. */
  #restsOn(on: keyof typeof RESTS_ON, g: number, views: readonly number[]): Worth {
    const { all, positives, negatives } = this.#footings[g]!;
    const least = (of: (worth: Worth) => number): number =>
      Math.min(
        of(all),
        ...views.map((v) => RESTS_ON[on].of(of(all), of(positives[v]!), of(negatives[v]!))),
      );
    return { rows: least(({ rows }) => rows), effective: least(({ effective }) => effective) };
  }

  #resampled(measured: Rate, estimated: Estimated, read: () => number): Spread {
    let spread: Spread = () => null;
    this.#resampling.collect("data", read, (samples) => {
      const defined = definedSamples(samples);
      noteUndefined(measured, defined.length, samples.length);
      spread = resampledSpread(estimated, defined);
      setInterval(measured, spread(this.#plan.uncertainty.level));
    });
    return (level) => spread(level);
  }

  /** @param views of which it is the mean; none for that of the confidence */
  #calibration(measured: Rate, g: number, views: readonly number[]): Spread {
    const { level, replicates } = this.#plan.uncertainty;
    const { confidence, views: all } = this.#table;
    const of = views.length === 0 ? [confidence] : views.map((v) => all[v]!);
    const spreads = of.map((foretold) => calibrationSpread(this.#binsOf(foretold)[g]!));
    const spread: Spread = (at) => {
      const intervals = spreads.map((one) => one(at)!);
      const mean = (end: 0 | 1): number =>
        intervals.reduce((sum, interval) => sum + interval[end], 0) / intervals.length;
      return [mean(0), mean(1)]; // however the classes hang together
    };
    if (replicates > 0) setInterval(measured, spread(level));
    return spread;
  }

  #binsOf(foretold: Foretold): readonly (readonly Bin[])[] {
    const bins =
      this.#bins.get(foretold) ?? binsOf(foretold, this.#table, this.#group, this.#footings.length);
    this.#bins.set(foretold, bins);
    return bins;
  }
}
