/** @file Whether both sides say the same, so that their speed is compared for the same result. */
import { z } from "zod";
import { normalQuantile } from "../../src/eval/uncertainty/intervals.ts";
import type { Rate } from "../../src/eval/report/values.ts";
import type { Report } from "../../src/eval/report.ts";
import type { Claim } from "../lib/comparison.ts";

const METRICS = ["accuracy", "tpr", "fpr", "selectionRate"] as const;
type Metric = (typeof METRICS)[number];

const ByMetric = z.record(z.enum(METRICS), z.number());
const Values = z.object({
  groups: z.record(z.string(), ByMetric),
  difference: ByMetric,
  ratio: ByMetric,
});
export type Values = z.infer<typeof Values>;

/** What the Python side tells. */
export const Told = Values.extend({
  seconds: z.number(),
  /** Low and high ends of the intervals; absent without replicates. */
  ends: z.tuple([Values, Values]).optional(),
});
export type Told = z.infer<typeof Told>;

/** Our gaps and the metrics whose difference or ratio between groups they are. */
const GAPS: readonly (readonly [gap: string, kind: "difference" | "ratio", metric: Metric])[] = [
  ["accuracy.gap", "difference", "accuracy"],
  ["eopp", "difference", "tpr"],
  ["fpr.gap", "difference", "fpr"],
  ["dp.difference", "difference", "selectionRate"],
  ["di", "ratio", "selectionRate"],
];

interface Pair {
  readonly ours: Pick<Rate, "value" | "interval">;
  readonly theirs: (values: Values) => number;
}

function pairsOf(report: Report): Pair[] {
  const { groups, gaps } = report.attributes["race"]!;
  return [
    ...Object.entries(groups).flatMap(([name, group]) =>
      METRICS.map((metric) => ({
        ours: group[metric],
        theirs: ({ groups }: Values) => groups[name]![metric],
      })),
    ),
    ...GAPS.map(([gap, kind, metric]) => ({
      ours: gaps[gap]!,
      theirs: (values: Values) => values[kind][metric],
    })),
  ];
}

/** Every rate of every group and every gap: the same number but for rounding. */
export function sameValues(report: Report, told: Told): Claim {
  const differences = pairsOf(report).map(({ ours, theirs }) =>
    Math.abs((ours.value ?? Number.NaN) - theirs(told)),
  );
  const largest = Math.max(...differences);
  return {
    text: `${differences.length} rates and gaps are the same on both sides; the largest difference is ${largest.toPrecision(1)}`,
    holds: largest <= 1e-12,
  };
}

const LEVEL = 0.95;

/**
 * Ends of intervals: as near as `replicates` draws allow. The end of a percentile interval is a sample quantile, whose
 * standard error is sqrt(p (1 - p) / replicates) / density, here of a normal; none may be off by more than four of them.
 */
export function sameIntervals(report: Report, { ends }: Told, replicates: number): Claim {
  if (!ends) throw new Error("the intervals of the other side are missing");
  const z = normalQuantile((1 + LEVEL) / 2);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const tail = (1 - LEVEL) / 2;
  const noise = Math.sqrt((tail * (1 - tail)) / replicates) / density; // in standard deviations of the statistic
  const errors = pairsOf(report).flatMap(({ ours: { interval }, theirs }) => {
    if (interval === null) return [Number.NaN];
    const deviation = (interval[1] - interval[0]) / (2 * z);
    return ends.map((values, end) => Math.abs(interval[end]! - theirs(values)) / deviation / noise);
  });
  const largest = Math.max(...errors);
  return {
    text: `${errors.length} ends of intervals are the same but for the noise of ${replicates} replicates; the largest difference is ${largest.toFixed(1)} of its standard errors`,
    holds: largest <= 4,
  };
}
