/** @file The score metrics of groups, as measured, with what they rest on. */
import type { RowsOf, SpreadOf } from "../bound-gap.ts";
import type { Column as Groups } from "../cells.ts";
import type { Sureness } from "../gap-interval.ts";
import type { Plan } from "../plan.ts";
import type { Resampling } from "../pending.ts";
import type { Rate } from "../report.ts";
import {
  RESTS_ON,
  SCORE_NAMES,
  SCORE_RATES,
  type ScoreName,
  type ScoreRateDefinition,
} from "../scores.ts";
import type { Column } from "../sheet.ts";
import type { ScoreColumns, ScoreSheet } from "./sheet.ts";
import type { ScoreTable } from "./table.ts";

/** Metrics of one group by name. */
export type Scores = Partial<Record<ScoreName, Rate>>;

/** Rows of one group, whatever their weight: all, those that have a score, and of these the positives of each view. */
interface Counts {
  all: number;
  scored: number;
  readonly positives: number[];
}

export class ScoreRates {
  readonly #table: ScoreTable;
  readonly #sheet: ScoreSheet;
  readonly #plan: Plan;
  readonly #resampling: Resampling;
  readonly #counts: readonly Counts[];
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
    this.#counts = values.map(() => ({
      all: 0,
      scored: 0,
      positives: table.views.map(() => 0),
    }));
    for (const g of codes) if (g >= 0) this.#counts[g]!.all++;
    table.rows.forEach((row, r) => {
      const g = codes[row]!;
      if (g < 0) return;
      const counts = this.#counts[g]!;
      counts.scored++;
      table.views.forEach(({ positive }, v) => (counts.positives[v]! += positive[r]!));
    });
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
    const { restsOn, overClasses, probability }: ScoreRateDefinition = SCORE_RATES[name];
    const { all, scored, positives } = this.#counts[g]!;
    const { outside, rows } = this.#table;
    const over = overClasses === "own" ? [] : views;
    const used = over.filter((v) => !Number.isNaN(this.#sheet.byView[v]![name]!.read()[g]));
    const rest = RESTS_ON[restsOn];
    const counted = used.length > 0 ? used : over;
    const support = Math.min(
      scored,
      ...counted.map((v) => rest.support(positives[v]!, scored - positives[v]!)),
    );
    const value = column.read()[g]!;
    const rate = { numerator: null, denominator: null, interval: null, support };
    if (Number.isNaN(value)) {
      const lacks = `no ${rest.lacks(positives[over[0]!] ?? scored)}`;
      const reason =
        scored === 0
          ? all === 0
            ? "no rows"
            : `none of its ${all} rows has a score`
          : probability && outside > 0
            ? `${outside} of ${rows.length} rows have a score outside [0, 1]`
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
      support < minSupport && all >= minSupport && `rests on fewer than ${minSupport} rows`,
    ].filter((note) => note !== false);
    const measured: Rate = { value, ...rate, ...(notes.length > 0 && { note: notes.join("; ") }) };
    const spread = this.#resampling.interval(measured, () => column.read()[g]!);
    const known = this.#known.get(column) ?? new Map<number, Sureness>();
    this.#known.set(column, known.set(g, { spread, rows: support }));
    return measured;
  }
}
