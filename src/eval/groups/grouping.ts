/** @file Measures one attribute: rates of its groups, gaps between them, and how sure both are. */
import { bindView, bindWhole, type BoundGap, type SpreadOf } from "./bound-gap.ts";
import { affordableCells } from "../uncertainty/bootstrap.ts";
import type { Cells } from "../counts/cells.ts";
import { gapInterval } from "../uncertainty/gap-interval.ts";
import { GroupRates } from "./group-rates.ts";
import { Ledger } from "../counts/ledger.ts";
import { addNote, Resampling, setInterval, type Uncertainty } from "../uncertainty/pending.ts";
import type { Plan } from "./plan.ts";
import type { Curves, Gap, Group } from "../report.ts";
import { cellSampler } from "../uncertainty/resample.ts";

export interface Measured {
  readonly groups: Record<string, Group>;
  readonly gaps: Record<string, Gap>;
  /** By group, where there are scores of a binary target. */
  readonly curves?: Record<string, Curves>;
}

export interface Grouping extends Measured {
  /** Each class against the rest, in the order of the views; empty when binary. */
  readonly perView: readonly Measured[];
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
  const { uncertainty } = plan;
  const ledger = new Ledger(cells, plan.views);
  const resampling = new Resampling(uncertainty.level);
  const rates = new GroupRates(cells, ledger, plan, resampling);
  const views = plan.views.map((c) => plan.classes[c]!);
  const waiting: { readonly gap: Gap; readonly bound: BoundGap }[] = [];

  const gapOf = (bound: BoundGap): Gap => {
    const gap = describe(bound, names, views);
    if (gap.value === null) return gap;
    const { given, better } = bound.metric;
    resampling.fair(gap, given, better, bound.read, bound.standard(rates.rowsOf));
    if (uncertainty.gaps === "percentile") resampling.interval(gap, bound.read);
    else waiting.push({ gap, bound });
    return gap;
  };
  const measured = (
    groupOf: (g: number) => Group,
    bound: ReadonlyMap<string, BoundGap>,
  ): Measured => ({
    groups: Object.fromEntries(names.map((name, g) => [name, groupOf(g)])),
    gaps: Object.fromEntries([...bound].map(([name, entry]) => [name, gapOf(entry)])),
  });

  const bound = ledger.sheet.byView.map(bindView);
  const perView = bound.map((gaps, v) => measured((g) => rates.view(v, g), gaps));
  const binary = perView.length === 1;
  const whole = binary
    ? perView[0]!
    : measured((g) => rates.whole(g), bindWhole(ledger.sheet, bound));
  const replicates = affordableCells(uncertainty.replicates, cells);
  resampling.settle(cellSampler(cells, ledger.update), { ...uncertainty, replicates }, stream);
  for (const { gap, bound: of } of waiting) {
    contrastInterval(gap, of, rates.spreadOf, uncertainty);
    if (replicates < uncertainty.replicates)
      addNote(
        gap,
        `fair model from ${replicates} draws, as rows are of ${cells.rows.length} kinds`,
      );
  }
  return { ...whole, perView: binary ? [] : perView };
}

/**
 * Gives a gap its interval, which holds the fair value unless the fair model is rejected: a gap of 0 cannot be told from
 * a maximum of noise otherwise.
 */
export function contrastInterval(
  gap: Gap,
  { made, metric }: BoundGap,
  spreadOf: SpreadOf,
  { level, replicates }: Uncertainty,
): void {
  if (replicates === 0) return;
  const interval = gapInterval(made(spreadOf), level);
  const rejected = gap.fair === null || gap.fair.pValue <= (1 - level) / 2;
  if (interval !== null && !rejected && metric.fairValue !== null)
    interval[metric.better === "lower" ? 0 : 1] = metric.fairValue;
  setInterval(gap, interval);
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
