/** @file Reads a gap off the rates of the groups, again and again as they are resampled. */
import type { Made } from "../uncertainty/gap-interval.ts";
import {
  GAP_NAMES,
  GAPS,
  OVER_GROUPS,
  OVER_RATES,
  type AnyRate,
  type GapDefinition,
  type GapName,
} from "../metrics/gaps.ts";
import type { RateName } from "../metrics/rates.ts";
import { bindExtent, type Extent, type RowsOf, type SpreadOf } from "./extent.ts";
import { type Makers, makersAmong, makersOf } from "../uncertainty/makers.ts";
import type { Column, Columns, RateSheet } from "../counts/sheet.ts";

/** A gap of a rate sheet. All but `read` and `makers` tells of the moment when it was bound, the measured values. */
export interface BoundGap {
  readonly metric: GapDefinition;
  /** The value now; NaN when a group that had a rate when the gap was bound has none now. */
  readonly read: () => number;
  /** The groups that make it now. */
  readonly makers: () => Makers;
  /** Indices of the groups that make it, lowest rate first. */
  readonly between: readonly number[];
  readonly rate: AnyRate | null;
  readonly undefinedGroups: readonly number[];
  /** The groups that it is over, for each of its rates and views. */
  readonly over: readonly (readonly number[])[];
  /** How it comes out of the rates, as measured. */
  readonly made: (spreadOf: SpreadOf) => Made;
  /**
   * The gap in standard errors, to be tested by: each group's distance from the mean counts by its rows, else a group of
   * ten rows decides what a fair model may show, and hides the gap between groups of thousands.
   */
  readonly standard: (rowsOf: RowsOf) => () => number;
  /** Why it is undefined, or null. */
  readonly reason: string | null;
  /** Of a `.worst` gap, the index of the view that makes it. */
  readonly view?: number;
  /** Views left out of a `.macro` or `.worst` gap because it is undefined there. */
  readonly undefinedViews?: readonly number[];
}

/**
 * Binds gaps to rates that hold the measured values at this moment.
 * @param among the groups that count; all by default
 */
export function binder<R extends AnyRate>(
  rates: Readonly<Record<R, Column>>,
  among?: readonly number[],
): (metric: GapDefinition<R>) => BoundGap {
  const extents = new Map<R, Extent>();
  const extentOf = (name: R): Extent => {
    const extent = extents.get(name) ?? bindExtent(rates[name], among);
    extents.set(name, extent);
    return extent;
  };
  return (metric) => {
    const parts = metric.rates.map((name) => bindRate(metric, name, extentOf(name)));
    const over = OVER_RATES[metric.overRates];
    const values = parts.map((part) => part.read());
    const read = combined(
      over,
      parts.map((part) => part.read),
    );
    const widest = metric.better === "lower" ? OVER_RATES.max : OVER_RATES.min;
    const broken = parts.find((part) => part.reason !== null);
    const maker = broken ?? parts[values.indexOf(widest(values))]!;
    return {
      metric,
      read,
      makers: () => makersOf(parts, metric.overRates),
      between: broken ? [] : maker.between,
      rate: broken ? null : maker.rate,
      undefinedGroups: union(parts.map((part) => part.undefinedGroups)),
      over: parts.flatMap((part) => part.over),
      made: (spreadOf) =>
        parts.length === 1
          ? parts[0]!.made(spreadOf)
          : { kind: MADE[metric.overRates], of: parts.map((part) => part.made(spreadOf)) },
      standard: (rowsOf) =>
        combined(
          OVER_RATES[STANDARD[metric.overRates]],
          parts.map((part) => part.standard(rowsOf)),
        ),
      reason: broken?.reason ?? null,
    };
  };
}

/** How standardised gaps are put together: more is more unfair, whatever the gap's own direction. */
const STANDARD = { max: "max", min: "max", mean: "mean", sum: "sum" } as const;

/** One number of several that are read anew each time. */
function combined(over: (values: readonly number[]) => number, reads: readonly (() => number)[]) {
  if (reads.length === 1) return reads[0]!;
  const values = reads.map(() => 0);
  return (): number => {
    for (let i = 0; i < reads.length; i++) values[i] = reads[i]!();
    return over(values);
  };
}

const MADE = { max: "largest", min: "smallest", mean: "mean", sum: "sum" } as const;

function bindRate(
  metric: GapDefinition,
  rate: AnyRate,
  { column, ends, defined, undefinedGroups, rates, standard }: Extent,
): Omit<BoundGap, "metric"> {
  const all = defined.length + undefinedGroups.length;
  const needed = metric.overGroups === "least" ? 1 : 2;
  const over = OVER_GROUPS[metric.overGroups];
  const read = (): number => {
    if (defined.length < needed) return Number.NaN;
    const now = ends.read();
    return over(now[0]!, now[1]!);
  };
  const reason =
    defined.length < needed
      ? `${rate} is defined in ${defined.length} of ${all} group${all === 1 ? "" : "s"}, ${needed} needed`
      : Number.isNaN(read())
        ? `${rate} is 0 in every group, so there is no ratio`
        : null;
  return {
    read,
    makers: () => makersAmong(column, defined, metric.overGroups),
    between: needed === 1 ? defined.slice(0, 1) : [defined[0]!, defined.at(-1)!],
    rate,
    undefinedGroups,
    over: [defined.toSorted((a, b) => a - b)],
    made: (spreadOf) => ({ kind: metric.overGroups, rates: rates(spreadOf) }),
    standard: (rowsOf) => {
      const of = standard(rowsOf);
      return metric.overGroups === "least"
        ? () => -of.read()[0]!
        : () => of.read()[1]! - of.read()[0]!;
    },
    reason,
  };
}

/** One gap over all views: their mean (`macro`) or the worst. Views where it is undefined are left out and named. */
export function combineViews(views: readonly BoundGap[], how: "macro" | "worst"): BoundGap {
  const { metric } = views[0]!;
  const defined = views.filter((view) => view.reason === null);
  const summary = how === "macro" ? "mean" : metric.better === "lower" ? "max" : "min";
  const over = OVER_RATES[summary];
  const read =
    defined.length === 0
      ? () => Number.NaN
      : combined(
          over,
          defined.map((view) => view.read),
        );
  const value = read();
  const worst = how === "worst" ? defined.find((view) => view.read() === value) : undefined;
  return {
    metric,
    read,
    makers: () => makersOf(defined, summary),
    between: worst?.between ?? [],
    rate: worst?.rate ?? null,
    undefinedGroups: union(views.map((view) => view.undefinedGroups)),
    over: views.flatMap((view) => (view.reason === null ? view.over : [[]])),
    made: (spreadOf) => ({
      kind: how === "macro" ? how : metric.better === "lower" ? "largest" : "smallest",
      of: defined.map((view) => view.made(spreadOf)),
    }),
    standard: (rowsOf) =>
      combined(
        how === "macro" ? OVER_RATES.mean : OVER_RATES.max,
        defined.map((view) => view.standard(rowsOf)),
      ),
    reason: defined.length === 0 ? `undefined for every class: ${views[0]?.reason}` : null,
    ...(worst && { view: views.indexOf(worst) }),
    undefinedViews: views.flatMap((view, v) => (view.reason === null ? [] : [v])),
  };
}

/** Every gap of one view, by name. */
export function bindView(rates: Columns): Map<GapName, BoundGap> {
  const bind = binder(rates);
  return new Map(GAP_NAMES.map((name) => [name, bind(GAPS[name])]));
}

/**
 * Gaps over all views, by name: those of the one view; or accuracy's own, and `<name>.macro` and `<name>.worst` of
 * the others.
 */
export function bindWhole(
  sheet: RateSheet,
  views: readonly ReadonlyMap<GapName, BoundGap>[] = sheet.byView.map(bindView),
): ReadonlyMap<string, BoundGap> {
  if (views.length === 1) return views[0]!;
  const bind = binder(sheet.whole);
  const entries = GAP_NAMES.flatMap((name): [string, BoundGap][] => {
    const metric: GapDefinition<RateName> = GAPS[name];
    if (metric.rates.every((rate) => rate === "accuracy")) return [[name, bind(metric)]];
    const bound = views.map((view) => view.get(name)!);
    return [
      [`${name}.macro`, combineViews(bound, "macro")],
      [`${name}.worst`, combineViews(bound, "worst")],
    ];
  });
  return new Map(entries);
}

const union = (lists: readonly (readonly number[])[]): number[] =>
  [...new Set(lists.flat())].toSorted((a, b) => a - b);
