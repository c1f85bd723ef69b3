/** @file Gaps that wait for resamples: for what fair models show, then for their interval. */
import type { Gap } from "../report/values.ts";
import type { Resampling, Uncertainty } from "../uncertainty/pending.ts";
import type { BoundGap } from "./bound-gap.ts";
import type { RowsOf } from "./extent.ts";

/** A gap of a report, and what it is read off. */
interface Waiting {
  readonly gap: Gap;
  readonly bound: BoundGap;
}

interface WaitingGaps {
  /** As measured, by name. */
  readonly all: (bound: ReadonlyMap<string, BoundGap>) => Record<string, Gap>;
  /** Those that have no interval, once the resampling has settled. */
  readonly settled: (give: (waiting: Waiting) => void) => void;
}

/**
 * @param rowsOf of rates that have been read before the gaps are
 * @param names of the groups
 * @param views names of the classes measured against the rest
 */
export function waitingGaps(
  resampling: Resampling,
  rowsOf: RowsOf,
  { gaps: kind }: Uncertainty,
  names: readonly string[],
  views: readonly string[],
): WaitingGaps {
  const waiting: Waiting[] = [];
  const gapOf = (bound: BoundGap): Gap => {
    const gap = describe(bound, names, views);
    if (gap.value === null) return gap;
    const { given, better } = bound.metric;
    resampling.fair(gap, given, better, bound.read, bound.standard(rowsOf));
    if (kind === "percentile") resampling.interval(gap, bound.read);
    else waiting.push({ gap, bound });
    return gap;
  };
  return {
    all: (bound) => Object.fromEntries([...bound].map(([name, of]) => [name, gapOf(of)])),
    settled: (give) => waiting.forEach(give),
  };
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
