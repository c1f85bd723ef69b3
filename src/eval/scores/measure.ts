/** @file Score metrics of one attribute: of its groups, the gaps between them, and how sure both are. */
import type { BoundGap } from "../groups/bound-gap.ts";
import type { Column } from "../counts/cells.ts";
import type { Grouping, Measured } from "../groups/grouping.ts";
import type { Plan } from "../groups/plan.ts";
import { waitingGaps } from "../groups/waiting-gaps.ts";
import { Resampling } from "../uncertainty/pending.ts";
import type { Gap } from "../report/values.ts";
import { bindScores, bindScoreView } from "./bind.ts";
import { curvesOf } from "./curves.ts";
import { scoreGapInterval } from "./gap-interval.ts";
import { ScoreRates, type Scores } from "./rates.ts";
import { affordable, rowSampler } from "./sampler.ts";
import { ScoreSheet } from "./sheet.ts";
import type { ScoreTable } from "./table.ts";

/** Some of what a report says of an attribute. */
interface Found {
  readonly groups: readonly Scores[];
  readonly gaps: Readonly<Record<string, Gap>>;
}

/**
 * Adds what scores tell to what confusion cells tell.
 * @param column the group of every row of the predictions
 * @param stream names the attribute's random stream
 */
export function addScores(
  grouping: Grouping,
  table: ScoreTable,
  column: Column,
  plan: Plan,
  stream: string,
): Grouping {
  const { uncertainty } = plan;
  const groups = column.values.length;
  const group = table.rows.map((row) => column.codes[row]!);
  const sheet = new ScoreSheet(table, group, groups);
  const resampling = new Resampling(uncertainty.level);
  const rates = new ScoreRates(table, sheet, column, plan, resampling);
  const views = plan.views.map((c) => plan.classes[c]!);

  const gaps = waitingGaps(resampling, rates.rowsOf, uncertainty, column.values, views);
  const measured = (of: (g: number) => Scores, bound: ReadonlyMap<string, BoundGap>): Found => ({
    groups: column.values.map((_, g) => of(g)),
    gaps: gaps.all(bound),
  });

  const add = ({ groups: before, gaps: others }: Measured, found: Found): Measured => ({
    groups: Object.fromEntries(
      column.values.map((name, g) => [name, { ...before[name]!, scores: found.groups[g]! }]),
    ),
    gaps: { ...others, ...found.gaps },
  });

  const bound = sheet.byView.map(bindScoreView);
  const perView = grouping.perView.map((before, v) =>
    bound[v]
      ? add(
          before,
          measured((g) => rates.view(v, g), bound[v]),
        )
      : before,
  );
  const whole = add(
    grouping,
    measured((g) => rates.whole(g), bindScores(sheet, bound)),
  );
  const curves = bound.length === 1 && {
    curves: Object.fromEntries(
      curvesOf(table, group, groups, uncertainty.level).map((of, g) => [column.values[g]!, of]),
    ),
  };
  const replicates = affordable(uncertainty, table);
  const sampler = rowSampler(table, group, sheet);
  resampling.settle(sampler, { ...uncertainty, replicates }, stream, "scores");
  gaps.settled(({ gap, bound: of }) => scoreGapInterval(gap, of, rates.spreadOf, uncertainty));
  return { ...whole, ...curves, perView };
}
