/** @file Measures one attribute: rates of its groups, gaps between them, and how sure both are. */
import { bindView, bindWhole, type BoundGap } from "./bound-gap.ts";
import type { SpreadOf } from "./extent.ts";
import { affordableCells } from "../uncertainty/bootstrap.ts";
import type { Cells } from "../counts/cells.ts";
import { gapInterval } from "../uncertainty/gap-interval.ts";
import { GroupRates } from "./group-rates.ts";
import { Ledger } from "../counts/ledger.ts";
import { addNote, Resampling, setInterval, type Uncertainty } from "../uncertainty/pending.ts";
import type { Plan } from "./plan.ts";
import { waitingGaps } from "./waiting-gaps.ts";
import type { Curves } from "../report.ts";
import type { Gap, Group } from "../report/values.ts";
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
  const gaps = waitingGaps(resampling, rates.rowsOf, uncertainty, names, views);
  const measured = (
    groupOf: (g: number) => Group,
    bound: ReadonlyMap<string, BoundGap>,
  ): Measured => ({
    groups: Object.fromEntries(names.map((name, g) => [name, groupOf(g)])),
    gaps: gaps.all(bound),
  });

  const bound = ledger.sheet.byView.map(bindView);
  const perView = bound.map((of, v) => measured((g) => rates.view(v, g), of));
  const binary = perView.length === 1;
  const whole = binary
    ? perView[0]!
    : measured((g) => rates.whole(g), bindWhole(ledger.sheet, bound));
  const replicates = affordableCells(uncertainty.replicates, cells);
  resampling.settle(cellSampler(cells, ledger.update), { ...uncertainty, replicates }, stream);
  gaps.settled(({ gap, bound: of }) => {
    contrastInterval(gap, of, rates.spreadOf, uncertainty);
    if (replicates < uncertainty.replicates)
      addNote(
        gap,
        `fair model from ${replicates} draws, as rows are of ${cells.rows.length} kinds`,
      );
  });
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
