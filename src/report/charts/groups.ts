/** @file Which groups have a colour where a chart draws a line each: few, for a reader cannot tell many apart. */
import type { Attribute } from "../../eval/report.ts";
import type { Rate } from "../../eval/report/values.ts";
import type { ScoreName } from "../../eval/metrics/scores.ts";
import { count } from "../format.ts";

const COLORS = [
  "var(--c1)",
  "var(--c2)",
  "var(--c3)",
  "var(--c4)",
  "var(--c5)",
  "var(--c6)",
] as const;

export interface Colored {
  readonly group: string;
  readonly color: string;
  /** The second half of the colours, told from the first by more than colour. */
  readonly dashed: boolean;
}

export interface ColoredGroups {
  readonly groups: readonly Colored[];
  /** Groups that have curves and no colour. */
  readonly others: readonly string[];
  readonly note: string | null;
}

/**
 * Up to six groups that have a curve; of more, those whose score metric is worst, and the best one.
 * @param worse 1 where a higher value is worse, -1 where a lower one is
 * @param minSupport groups of fewer rows are taken last: they are extreme by chance
 */
export function coloredGroups(
  attribute: Attribute,
  having: readonly string[],
  metric: { readonly name: ScoreName; readonly label: string; readonly worse: 1 | -1 },
  minSupport: number,
): ColoredGroups {
  const scored = having.map((group) => {
    const rate: Rate | undefined = attribute.groups[group]?.scores?.[metric.name];
    const small = (rate?.support ?? 0) < minSupport || rate?.value == null;
    return { group, small, badness: metric.worse * (rate?.value ?? 0) };
  });
  const order = scored.toSorted(
    (a, b) => Number(a.small) - Number(b.small) || b.badness - a.badness,
  );
  const large = order.filter(({ small }) => !small);
  const best = large.at(-1);
  const kept =
    having.length <= COLORS.length
      ? having
      : [...new Set([...order.slice(0, COLORS.length - 1), best ?? order.at(-1)!])].map(
          ({ group }) => group,
        );
  const groups = having.filter((group) => kept.includes(group));
  const others = having.filter((group) => !kept.includes(group));
  return {
    groups: groups.map((group, i) => ({
      group,
      color: COLORS[i % COLORS.length]!,
      dashed: i >= COLORS.length / 2,
    })),
    others,
    note:
      others.length === 0
        ? null
        : `${count(groups.length)} of ${count(having.length)} groups: the ${groups.length - 1} with the worst ${metric.label} and the one with the best, of those with at least ${count(minSupport)} rows where there are so many.`,
  };
}
