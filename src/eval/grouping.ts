/** @file Measures one attribute: rates of its groups, gaps between them, and how sure both are. */
import { bindView, bindWhole, type BoundGap } from "./bound-gap.ts";
import type { CellIndex, Cells } from "./cells.ts";
import { wilson } from "./intervals.ts";
import { Margins } from "./margins.ts";
import { Resampling, type Uncertainty } from "./pending.ts";
import {
  needsOf,
  RATE_NAMES,
  RATES,
  sumOf,
  supportOf,
  type Confusion,
  type RateDefinition,
  type RateName,
} from "./rates.ts";
import type { Gap, Group, Rate } from "./report.ts";
import { cellSampler } from "./resample.ts";
import { RateSheet, type Column } from "./sheet.ts";

/** What is measured, the same for every attribute of a report. */
export interface Plan {
  readonly classes: readonly string[];
  /** Indices of the classes measured one against the rest: the positive one, or all. */
  readonly views: readonly number[];
  readonly minSupport: number;
  readonly uncertainty: Uncertainty;
}

export interface Measured {
  readonly groups: Record<string, Group>;
  readonly gaps: Record<string, Gap>;
}

export interface Grouping extends Measured {
  /** Each class against the rest, in the order of the views; empty when binary. */
  readonly perView: readonly Measured[];
}

/** The rates of a table of cells, kept up with the resample at hand. */
export class Ledger {
  readonly margins: Margins;
  readonly sheet: RateSheet;
  readonly #model: number;

  /** @param model which column of the cells' predictions is followed */
  constructor(cells: Cells, views: readonly number[], model = 0) {
    this.margins = new Margins(cells.groups, cells.classes);
    this.sheet = new RateSheet(this.margins, views);
    this.#model = model;
    this.update(
      cells,
      cells.rows.map((rows, m) => rows * cells.weight[m]!),
    );
  }

  /** @param mass weight of every cell, [M] */
  readonly update = (cells: CellIndex, mass: Float64Array): void => {
    this.margins.fill(cells, cells.predicted[this.#model]!, mass);
    this.sheet.changed();
  };
}

/**
 * @param names of the groups, as many as `cells.groups`
 * @param stream names the attribute's random stream
 */
export function measureGrouping(
  cells: Cells,
  names: readonly string[],
  plan: Plan,
  stream: string,
): Grouping {
  const ledger = new Ledger(cells, plan.views);
  const { margins, sheet } = ledger;
  const { level } = plan.uncertainty;
  const resampling = new Resampling(level);

  // squared weights give the effective number of rows behind each share
  const squares = new Margins(cells.groups, cells.classes);
  squares.fill(
    cells,
    cells.predicted[0]!,
    cells.rows.map((rows, m) => rows * cells.weight[m]! ** 2),
  );
  const counts = new Margins(cells.groups, cells.classes); // rows, whatever their weight
  counts.fill(cells, cells.predicted[0]!, cells.rows);
  const few = `fewer than ${plan.minSupport} rows`;
  const isSmall = (g: number): boolean => counts.total(g) < plan.minSupport;

  const resampled = (
    column: Column,
    g: number,
    support: number,
    reason: string,
    note?: string,
  ): Rate => {
    const value = column.read()[g]!;
    const rate: Rate = { value, numerator: null, denominator: null, interval: null, support };
    if (Number.isNaN(value)) return { ...rate, value: null, reason };
    if (note !== undefined) rate.note = note;
    resampling.interval(rate, () => column.read()[g]!);
    return rate;
  };
  const group = (g: number, rates: (name: RateName) => Rate): Group => ({
    count: counts.total(g),
    ...(isSmall(g) && { note: few }),
    ...fromNames(RATE_NAMES, rates),
  });

  const viewGroup = (v: number, g: number): Group => {
    const confusion = margins.confusion(g, plan.views[v]!, newConfusion());
    const squared = squares.confusion(g, plan.views[v]!, newConfusion());
    const rows = counts.confusion(g, plan.views[v]!, newConfusion());
    return group(g, (name) => {
      const definition: RateDefinition = RATES[name];
      const reason = `no ${needsOf(name)}`;
      const support = supportOf(name, rows);
      if (definition.kind !== "share") return resampled(sheet.byView[v]![name], g, support, reason);
      const { numerator, denominator } = definition;
      const below = sumOf(denominator, confusion);
      const squaresBelow = sumOf(denominator, squared);
      const rate = {
        ...share(sumOf(numerator, confusion), below, squaresBelow, level, reason),
        support,
      };
      // of a small group every rate is small, and its own note says so
      const noted = rate.value !== null && !isSmall(g) && support < plan.minSupport;
      return noted ? { ...rate, note: `${few} in its denominator` } : rate;
    });
  };
  const wholeGroup = (g: number): Group =>
    group(g, (name) => {
      if (name === "accuracy")
        return {
          ...share(margins.correct(g), margins.total(g), squares.total(g), level, "no rows"),
          support: counts.total(g),
        };
      const part = name === "balancedAccuracy" ? "tpr" : name;
      const isDefined = (v: number): boolean => !Number.isNaN(sheet.byView[v]![part].read()[g]);
      const left = plan.views.filter((_, v) => !isDefined(v));
      const supports = plan.views
        .filter((_, v) => isDefined(v))
        .map((c) => supportOf(part, counts.confusion(g, c, newConfusion())));
      const support = supports.length === 0 ? 0 : Math.min(...supports);
      const note = `mean without ${left.map((c) => plan.classes[c]).join(", ")}: undefined there`;
      const reason = `undefined for every class: no ${needsOf(part)}`;
      return resampled(sheet.whole[name], g, support, reason, left.length > 0 ? note : undefined);
    });

  const gap = (bound: BoundGap): Gap => {
    const entry = describe(
      bound,
      names,
      plan.views.map((c) => plan.classes[c]!),
    );
    if (entry.value !== null) {
      resampling.interval(entry, bound.read);
      resampling.fair(entry, bound.metric.given, bound.metric.better, bound.read);
    }
    return entry;
  };
  const measured = (
    groupOf: (g: number) => Group,
    bound: ReadonlyMap<string, BoundGap>,
  ): Measured => ({
    groups: Object.fromEntries(names.map((name, g) => [name, groupOf(g)])),
    gaps: Object.fromEntries([...bound].map(([name, entry]) => [name, gap(entry)])),
  });

  const bound = sheet.byView.map(bindView);
  const perView = bound.map((gaps, v) => measured((g) => viewGroup(v, g), gaps));
  const binary = perView.length === 1;
  const whole = binary ? perView[0]! : measured(wholeGroup, bindWhole(sheet, bound));
  resampling.settle(cellSampler(cells, ledger.update), plan.uncertainty, stream);
  return { ...whole, perView: binary ? [] : perView };
}

const newConfusion = (): Confusion => ({ tp: 0, fp: 0, fn: 0, tn: 0 });

const fromNames = <K extends string, V>(names: readonly K[], make: (name: K) => V): Record<K, V> =>
  Object.fromEntries(names.map((name) => [name, make(name)])) as Record<K, V>;

/** @param squares sum of the squared weights of the rows in the denominator */
function share(
  numerator: number,
  denominator: number,
  squares: number,
  level: number,
  reason: string,
): Omit<Rate, "support"> {
  if (denominator === 0) return { value: null, numerator, denominator, interval: null, reason };
  const value = numerator / denominator;
  const interval = wilson(value, (denominator * denominator) / squares, level);
  return { value, numerator, denominator, interval };
}

/**
 * A gap as measured, before it has an interval.
 * @param names of the groups
 * @param views names of the classes measured against the rest
 */
export function describe(bound: BoundGap, names: readonly string[], views: readonly string[]): Gap {
  const left = bound.undefinedViews ?? [];
  return {
    value: bound.reason === null ? bound.read() : null,
    groups: bound.between.map((g) => names[g]!),
    rate: bound.rate,
    ...(bound.view !== undefined && { class: views[bound.view]! }),
    interval: null,
    fair: null,
    undefinedGroups: bound.undefinedGroups.map((g) => names[g]!),
    ...(left.length > 0 && { undefinedClasses: left.map((v) => views[v]!) }),
    ...(bound.reason !== null && { reason: bound.reason }),
  };
}
