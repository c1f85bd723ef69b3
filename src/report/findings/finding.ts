/** @file One finding, and where its numbers stand in a report. */
import type { Attribute, Report, View } from "../../eval/report.ts";
import type { Gap, Rate } from "../../eval/report/values.ts";
import type { Tone } from "../tables/table.ts";
import { isRate } from "../words.ts";

/**
 * What a finding is about, in the order in which a reader needs it: rows that were lost; what chance does not explain
 * in errors, accuracy and selection, in slices, scores and intersections; what is not known; groups and metrics that
 * say nothing; and what stands beside a larger gap of its kind.
 */
export const KINDS = [
  "lost",
  "errors",
  "accuracy",
  "selection",
  "slice",
  "scores",
  "intersection",
  "open",
  "support",
  "detail",
] as const;

export interface Finding {
  readonly kind: (typeof KINDS)[number];
  /** Worse: evidence of unfairness. Unclear: neither for nor against it. Muted: a fact to know. None says fair. */
  readonly tone: Extract<Tone, "worse" | "unclear" | "muted">;
  readonly text: string;
  /** Orders findings of one kind: how far beyond chance, in points of a rate. */
  readonly size: number;
}

export const finding = (
  kind: Finding["kind"],
  tone: Finding["tone"],
  text: string,
  size = 0,
): Finding => ({ kind, tone, text, size });

/** The views that rates are read from: the report itself, or each class against the rest. */
export const viewsOf = (report: Report): readonly (readonly [label: string, view: View])[] =>
  report.positive === null ? Object.entries(report.perClass) : [["", report]];

/** The rate of one group that a gap is made of; null where the report has none. */
export function rateOf(report: Report, attribute: string, gap: Gap, group: string): Rate | null {
  const view = gap.class === undefined ? report : report.perClass[gap.class];
  const of = view?.attributes[attribute]?.groups[group];
  if (!of || gap.rate === null) return null;
  return (isRate(gap.rate) ? of[gap.rate] : of.scores?.[gap.rate]) ?? null;
}

/** Differences between the highest and the lowest rate of which a reader asks whether they are there. */
export const ASKED: readonly string[] = [
  "eopp",
  "fpr.gap",
  "dp.difference",
  "accuracy.gap",
  "ppv.gap",
  "npv.gap",
  "auc.gap",
  "calibration.gap",
];

/** A gap by its name; of a multi-class target, that of the worst class. */
export const gapNamed = ({ gaps }: Attribute, metric: string): Gap | undefined =>
  gaps[metric] ?? gaps[`${metric}.worst`];

/** Whether an attribute is an intersection of others that the report has. */
export const isIntersection = (report: Report, name: string): boolean =>
  name.split("*").length > 1 &&
  name.split("*").some((part) => Object.hasOwn(report.attributes, part));
