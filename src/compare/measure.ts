/** @file The chosen candidate on test rows: every number of a cell, and its paired change. */
import { compare } from "../eval/compare.ts";
import type { EvaluateOptions } from "../eval/evaluate.ts";
import type { Predictions } from "../eval/predictions.ts";
import type { ChangeReport } from "../eval/report/comparison.ts";
import type { Report } from "../eval/report.ts";
import { ATTRIBUTE_METRICS, type DoneCell, type Measured } from "./result.ts";
import { type Skews, skewChange } from "./skew.ts";

/** A classifier's answers for the test rows, and whose rows come first in its ranking. */
export interface Tested {
  readonly predictions: Predictions;
  readonly skews: Skews;
  readonly report: () => Report;
}

type Numbers = Pick<DoneCell, "test" | "change">;
type GapMetric = Exclude<(typeof ATTRIBUTE_METRICS)[number], "max_skew">;

/** Everything measured of `after`, and what changed since `before`; null for what has no baseline. */
export function measure(after: Tested, before: Tested | null, options: EvaluateOptions): Numbers {
  const METHOD = "after";
  if (before === null) return { test: testOf(after.report(), after.skews), change: null };
  const { after: reports, change } = compare(
    before.predictions,
    { [METHOD]: after.predictions },
    options,
    before.report(),
  );
  return {
    test: testOf(reports[METHOD]!, after.skews),
    change: changeOf(change[METHOD]!, before.skews, after.skews),
  };
}

const GAPS = ATTRIBUTE_METRICS.filter((metric): metric is GapMetric => metric !== "max_skew");

/** Name of a metric in a report: of several classes, gaps of one-vs-rest rates are those of the worst class. */
const nameIn = (gaps: object, metric: GapMetric): string =>
  Object.hasOwn(gaps, metric) ? metric : `${metric}.worst`;

function testOf({ overall, attributes }: Report, skews: Skews): DoneCell["test"] {
  const rate = ({
    value,
    interval,
    numerator,
    denominator,
    ...rest
  }: Report["overall"]["accuracy"]): Measured => ({
    value,
    interval,
    ...(numerator !== null && denominator !== null && { numerator, denominator }),
    ...told(rest),
  });
  const gap = (of: Report["attributes"][string]["gaps"][string]): Measured => ({
    value: of.value,
    interval: of.interval,
    groups: of.groups,
    ...(of.class !== undefined && { class: of.class }),
    fair: of.fair && { expected: of.fair.expected, pValue: of.fair.pValue },
    ...told(of),
  });
  return {
    overall: {
      accuracy: rate(overall.accuracy),
      balanced_accuracy: rate(overall.balancedAccuracy),
    },
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { gaps }]) => [
        name,
        byMetric((metric) => gap(gaps[nameIn(gaps, metric)]!), skews[name]!),
      ]),
    ),
  };
}

function changeOf(
  { overall, attributes }: ChangeReport,
  before: Skews,
  after: Skews,
): NonNullable<DoneCell["change"]> {
  return {
    overall: { accuracy: overall["accuracy"]!, balanced_accuracy: overall["balancedAccuracy"]! },
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, { gaps }]) => [
        name,
        byMetric((metric) => gaps[nameIn(gaps, metric)]!, skewChange(before[name]!, after[name]!)),
      ]),
    ),
  };
}

const byMetric = <T>(of: (metric: GapMetric) => T, skew: T) =>
  ({
    ...Object.fromEntries(GAPS.map((metric) => [metric, of(metric)])),
    max_skew: skew,
  }) as Record<(typeof ATTRIBUTE_METRICS)[number], T>;

const told = ({ reason, note }: { reason?: string | undefined; note?: string | undefined }) => ({
  ...(reason !== undefined && { reason }),
  ...(note !== undefined && { note }),
});
