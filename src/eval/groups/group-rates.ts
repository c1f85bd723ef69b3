/** @file The rates of groups, as measured, with what they rest on and how sure they are. */
import type { RowsOf, SpreadOf } from "./extent.ts";
import type { Cells } from "../counts/cells.ts";
import { ANY_CLASS, EffectiveRows } from "../uncertainty/effective.ts";
import type { Spread, Sureness } from "../uncertainty/gap-interval.ts";
import { wilson } from "../uncertainty/intervals.ts";
import type { Ledger } from "../counts/ledger.ts";
import { Margins } from "../counts/margins.ts";
import { sumInterval } from "../uncertainty/mover.ts";
import { type Resampling, setInterval } from "../uncertainty/pending.ts";
import type { Plan } from "./plan.ts";
import {
  needsOf,
  RATE_NAMES,
  RATES,
  sumOf,
  supportOf,
  type Confusion,
  type Part,
  type RateDefinition,
  type RateName,
} from "../metrics/rates.ts";
import type { Group, Rate } from "../report/values.ts";
import type { Column } from "../counts/sheet.ts";

/** The counts of a share, and the class they are of. */
interface Counted {
  readonly numerator: readonly Part[];
  readonly denominator: readonly Part[];
  readonly counts: Confusion;
  readonly class: number;
}

/** Reads the rates of every group of a table of cells. */
export class GroupRates {
  readonly #ledger: Ledger;
  readonly #plan: Plan;
  readonly #resampling: Resampling;
  readonly #effective: EffectiveRows;
  /** Rows, whatever their weight. */
  readonly #rows: Margins;
  readonly #known = new Map<Column, Map<number, Sureness>>();

  constructor(cells: Cells, ledger: Ledger, plan: Plan, resampling: Resampling) {
    this.#ledger = ledger;
    this.#plan = plan;
    this.#resampling = resampling;
    this.#effective = new EffectiveRows(cells);
    this.#rows = new Margins(cells.groups, cells.classes);
    this.#rows.fill(cells, cells.predicted[0]!, cells.rows);
  }

  /** Of rates that have been read. */
  readonly spreadOf: SpreadOf = (column, g) =>
    this.#known.get(column)?.get(g)?.spread ?? (() => null);
  readonly rowsOf: RowsOf = (column, g) => this.#known.get(column)?.get(g)?.rows ?? 0;

  /** One class against the rest. @param v index of the view */
  view(v: number, g: number): Group {
    const { margins, sheet } = this.#ledger;
    const c = this.#plan.views[v]!;
    const counts = margins.confusion(g, c, newConfusion());
    const rows = this.#rows.confusion(g, c, newConfusion());
    return this.#group(g, (name) => {
      const definition: RateDefinition = RATES[name];
      const column = sheet.byView[v]![name];
      const support = supportOf(name, rows);
      const reason = `no ${needsOf(name)}`;
      const rate =
        definition.kind === "share"
          ? this.#share(column, g, { ...definition, counts, class: c }, support, reason)
          : definition.kind === "index"
            ? this.#index(column, g, support, reason)
            : this.#derived(column, g, this.#surenessOf(definition, v, g, counts), support, reason);
      // of a small group every rate is small, and its own note says so
      const noted = rate.value !== null && !this.#isSmall(g) && support < this.#plan.minSupport;
      return noted ? { ...rate, note: `${this.#few} in its denominator` } : rate;
    });
  }

  /** All classes of a multi-class target. */
  whole(g: number): Group {
    const { margins, sheet } = this.#ledger;
    const { views, classes } = this.#plan;
    const correct = margins.correct(g);
    const accuracy: Counted = {
      numerator: ["tp"],
      denominator: ["tp", "fn"],
      counts: { tp: correct, fn: margins.total(g) - correct, fp: 0, tn: 0 },
      class: ANY_CLASS,
    };
    return this.#group(g, (name) => {
      if (name === "accuracy")
        return this.#share(sheet.whole.accuracy, g, accuracy, this.#rows.total(g), "no rows");
      const part = name === "balancedAccuracy" ? "tpr" : name;
      const isDefined = (v: number): boolean => !Number.isNaN(sheet.byView[v]![part].read()[g]);
      const [used, left] = [
        views.filter((_, v) => isDefined(v)),
        views.filter((_, v) => !isDefined(v)),
      ];
      const supports = used.map((c) => supportOf(part, this.#rows.confusion(g, c, newConfusion())));
      const support = supports.length === 0 ? 0 : Math.min(...supports);
      const note = `mean without ${left.map((c) => classes[c]).join(", ")}: undefined there`;
      const reason = `undefined for every class: no ${needsOf(part)}`;
      const noted = left.length > 0 ? note : undefined;
      return this.#resampled(sheet.whole[name], g, support, reason, noted);
    });
  }

  get #few(): string {
    return `fewer than ${this.#plan.minSupport} rows`;
  }

  #isSmall(g: number): boolean {
    return this.#rows.total(g) < this.#plan.minSupport;
  }

  #group(g: number, rate: (name: RateName) => Rate): Group {
    return {
      count: this.#rows.total(g),
      ...(this.#isSmall(g) && { note: this.#few }),
      ...(Object.fromEntries(RATE_NAMES.map((name) => [name, rate(name)])) as Record<
        RateName,
        Rate
      >),
    };
  }

  #share(column: Column, g: number, counted: Counted, support: number, reason: string): Rate {
    const { counts } = counted;
    const [numerator, denominator] = [
      sumOf(counted.numerator, counts),
      sumOf(counted.denominator, counts),
    ];
    const rate = { numerator, denominator, support };
    if (denominator === 0) return { value: null, ...rate, interval: null, reason };
    const { spread } = this.#know(column, g, this.#wilson(g, counted));
    const value = numerator / denominator;
    return { value, ...rate, interval: spread(this.#plan.uncertainty.level) };
  }

  #wilson(g: number, { numerator, denominator, counts, class: c }: Counted): Sureness {
    const total = sumOf(denominator, counts);
    if (total === 0) return { spread: () => null, rows: 0 };
    const value = sumOf(numerator, counts) / total;
    const rows = this.#effective.of({ value, numerator, denominator }, g, c, total);
    return { spread: (level) => wilson(value, rows, level), rows };
  }

  /** Of a rate that follows from shares: a function of one, or a mean of several. */
  #surenessOf(
    definition: Extract<RateDefinition, { kind: "ratio" | "mean" }>,
    v: number,
    g: number,
    counts: Confusion,
  ): Sureness {
    if (definition.kind === "ratio") {
      const { spread, rows } = this.#wilson(g, {
        ...definition.share,
        counts,
        class: this.#plan.views[v]!,
      });
      const { ofShare } = definition;
      return {
        spread: (level) => {
          const interval = spread(level);
          return interval && [ofShare(interval[0]), ofShare(interval[1])];
        },
        rows,
      };
    }
    const columns = definition.of.map((name) => this.#ledger.sheet.byView[v]![name]);
    const values = columns.map((column) => column.read()[g]!);
    const spread: Spread = (level) => {
      const parts = columns.map((column) => this.spreadOf(column, g)(level));
      if (parts.includes(null)) return null;
      return sumInterval(
        parts.map((interval, i) => [1 / parts.length, { value: values[i]!, interval: interval! }]),
      );
    };
    // the variance of a mean of shares of n_1, n_2, ... rows
    const variance = columns.reduce((sum, column) => sum + 1 / this.rowsOf(column, g), 0);
    return { spread, rows: columns.length ** 2 / variance };
  }

  #derived(column: Column, g: number, sure: Sureness, support: number, reason: string): Rate {
    const value = column.read()[g]!;
    const rate: Rate = { value, numerator: null, denominator: null, interval: null, support };
    if (Number.isNaN(value)) return { ...rate, value: null, reason };
    setInterval(rate, this.#know(column, g, sure).spread(this.#plan.uncertainty.level));
    return rate;
  }

  /** Without an error no resample has one: that would say 0 for sure, whatever the rows. */
  #index(column: Column, g: number, support: number, reason: string): Rate {
    if (column.read()[g] !== 0) return this.#resampled(column, g, support, reason);
    const note = "no errors, and so no interval";
    return { value: 0, numerator: null, denominator: null, interval: null, support, note };
  }

  #resampled(column: Column, g: number, support: number, reason: string, note?: string): Rate {
    const value = column.read()[g]!;
    const rate: Rate = { value, numerator: null, denominator: null, interval: null, support };
    if (Number.isNaN(value)) return { ...rate, value: null, reason };
    if (note !== undefined) rate.note = note;
    const spread = this.#resampling.interval(rate, () => column.read()[g]!);
    this.#know(column, g, { spread, rows: support });
    return rate;
  }

  #know(column: Column, g: number, sure: Sureness): Sureness {
    const known = this.#known.get(column) ?? new Map<number, Sureness>();
    this.#known.set(column, known.set(g, sure));
    return sure;
  }
}

const newConfusion = (): Confusion => ({ tp: 0, fp: 0, fn: 0, tn: 0 });
