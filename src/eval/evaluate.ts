/** @file Predictions in, report out. */
import { UsageError } from "../run/errors.ts";
import { intersect, tally, type Cells, type Column } from "./counts/cells.ts";
import { measureClassGaps } from "./groups/class-gaps.ts";
import { measureCompat } from "./metrics/compat.ts";
import { correctGaps } from "./uncertainty/holm.ts";
import { measureGrouping, type Grouping, type Measured } from "./groups/grouping.ts";
import type { Uncertainty } from "./uncertainty/pending.ts";
import type { Plan } from "./groups/plan.ts";
import { checkPredictions, type Predictions } from "./predictions.ts";
import { mergeOthers, referenceForms } from "./groups/reference.ts";
import { REPORT_SCHEMA, type Attribute, type Report, type View } from "./report.ts";
import { addScores } from "./scores/measure.ts";
import { affordable } from "./scores/sampler.ts";
import { scoreTable } from "./scores/table.ts";
import { findSlices, type SliceOptions } from "./slices/find.ts";

export interface EvaluateOptions {
  /** The class whose rates are reported; required when there are two classes, not allowed with more. */
  readonly positive?: string | null | undefined;
  /** Attributes and intersections, such as `["race", "race*age_band"]`; every attribute by default. */
  readonly attributes?: readonly string[] | undefined;
  /** Attribute to the group that all others are also compared with, such as `{ race: "white" }`. */
  readonly reference?: Readonly<Record<string, string>> | undefined;
  /** Adds published formulas that are not what they are named after (`COMPAT`); never by default. */
  readonly compat?: boolean | undefined;
  /** Searches for the intersections with the worst rates; not by default. */
  readonly slices?: SliceOptions | boolean | undefined;
  /** Classes that `classGaps.excluding` leaves out. */
  readonly excludedClasses?: readonly string[] | undefined;
  /** Metrics of the scores, where there are any; false saves their time. */
  readonly scores?: boolean | undefined;
  /** Groups with fewer rows carry a note; 30 by default. */
  readonly minSupport?: number | undefined;
  /** 10,000 replicates, level 0.95 and seed 0 by default. */
  readonly uncertainty?: Partial<Uncertainty> | undefined;
}

/** The name of the one group of all rows. */
export const EVERYONE = "all";

/**
 * Rates, gaps and their intervals, overall, per group and per class.
 * @throws UsageError for predictions or options that name what is not there
 */
export function evaluate(predictions: Predictions, options: EvaluateOptions = {}): Report {
  checkPredictions(predictions);
  const { classes } = predictions;
  const plan = planOf(predictions, options);
  const table = options.scores === false ? null : scoreTable(predictions, plan);
  const withScores = (grouping: Grouping, column: Column, stream: string): Grouping =>
    table ? addScores(grouping, table, column, plan, stream) : grouping;
  const all = everyone(predictions.truth.length);
  const whole = cellsOf(predictions, all);
  const overall = withScores(measureGrouping(whole, [EVERYONE], plan, EVERYONE), all, EVERYONE);
  const measure = (column: Column, stream: string): Grouping =>
    measureGrouping(cellsOf(predictions, column), column.values, plan, stream);
  const measured = attributesOf(predictions, options).map(({ name, column }) => {
    const reference = options.reference?.[name];
    return {
      name,
      missing: column.codes.reduce((n, code) => n + (code < 0 ? 1 : 0), 0),
      grouping: withScores(measure(column, name), column, name),
      against: reference !== undefined && {
        reference,
        merged: measure(mergeOthers(name, column, reference), `${name} merged`),
      },
    };
  });
  const attributesBy = (of: (grouping: Grouping) => Measured): Record<string, Attribute> =>
    Object.fromEntries(
      measured.map(({ name, missing, grouping, against }) => {
        const { groups, gaps, curves } = of(grouping);
        const reference = against && {
          reference: referenceForms(
            against.reference,
            groups,
            of(against.merged).groups["others"]!,
          ),
        };
        return [name, { missing, groups, gaps, ...reference, ...(curves && { curves }) }];
      }),
    );
  const confusion = confusionOf(whole);
  const view = (v: number): View => ({
    overall: overall.perView[v]!.groups[EVERYONE]!,
    attributes: attributesBy(({ perView }) => perView[v]!),
  });
  const report: Report = {
    schema: REPORT_SCHEMA,
    n: predictions.truth.length,
    classes: [...classes],
    positive: plan.views.length === 1 ? classes[plan.views[0]!]! : null,
    confusion,
    uncertainty: {
      ...plan.uncertainty,
      ...(table && { scoreReplicates: affordable(plan.uncertainty, table) }),
      minSupport: plan.minSupport,
    },
    overall: overall.groups[EVERYONE]!,
    attributes: attributesBy((grouping) => grouping),
    perClass: Object.fromEntries(
      overall.perView.map((_, v) => [classes[plan.views[v]!]!, view(v)]),
    ),
    classGaps: measureClassGaps(whole, plan, options.excludedClasses ?? []),
    ...(options.slices && { slices: slicesOf(predictions, options, plan) }),
    ...(options.compat && { compat: measureCompat(classes, confusion) }),
  };
  for (const family of [report, ...Object.values(report.perClass)]) correctGaps(family);
  return report;
}

/** Slices are made of single columns, whatever intersections of them are measured too. */
function slicesOf(predictions: Predictions, { attributes, slices }: EvaluateOptions, plan: Plan) {
  const names = attributes?.flatMap((name) => name.split("*")) ?? Object.keys(predictions.groups);
  return findSlices(predictions, [...new Set(names)], plan, slices === true ? {} : slices || {});
}

/** What options mean for these predictions. */
export function planOf(predictions: Predictions, options: EvaluateOptions): Plan {
  const { classes } = predictions;
  const { excludedClasses = [], minSupport = 30 } = options;
  const positive = options.positive ?? undefined;
  for (const name of positive === undefined ? excludedClasses : [positive, ...excludedClasses])
    if (!classes.includes(name))
      throw new UsageError(`"${name}" is not a class; the classes are ${classes.join(", ")}`);
  if (classes.length === 2 && positive === undefined)
    throw new UsageError(`name the positive class of a binary target: ${classes.join(" or ")}`);
  if (classes.length > 2 && positive !== undefined)
    throw new UsageError(
      `positive "${positive}": ${classes.length} classes are each measured against the rest; leave it out`,
    );
  return {
    classes,
    views: positive === undefined ? [...classes.keys()] : [classes.indexOf(positive)],
    minSupport,
    uncertainty: {
      level: 0.95,
      replicates: 10_000,
      seed: 0,
      gaps: "contrast",
      ...options.uncertainty,
    },
  };
}

/** The attributes and intersections to measure. */
export function attributesOf(
  { groups }: Pick<Predictions, "groups">,
  { attributes, reference }: Pick<EvaluateOptions, "attributes" | "reference">,
): { readonly name: string; readonly column: Column }[] {
  const column = (name: string, whole: string): Column => {
    if (Object.hasOwn(groups, name)) return groups[name]!;
    const known = Object.keys(groups).join(", ") || "none";
    throw new UsageError(`attribute ${whole}: there is no column "${name}"; there are: ${known}`);
  };
  const names = attributes ?? Object.keys(groups);
  const stray = Object.keys(reference ?? {}).find((name) => !names.includes(name));
  if (stray !== undefined)
    throw new UsageError(
      `reference of ${stray}: it is not measured; the attributes are ${names.join(", ") || "none"}`,
    );
  return names.map((name) => ({
    name,
    column: Object.hasOwn(groups, name)
      ? groups[name]!
      : intersect(name.split("*").map((part) => column(part, name))),
  }));
}

/** One group that holds every row. */
export const everyone = (rows: number): Column => ({
  values: [EVERYONE],
  codes: new Int32Array(rows),
});

const cellsOf = (
  { truth, predicted, classes, weights, clusters }: Predictions,
  column: Column,
): Cells => tally(column, truth, [predicted], classes.length, weights, clusters);

function confusionOf(cells: Cells): number[][] {
  const table = Array.from({ length: cells.classes }, () => Array<number>(cells.classes).fill(0));
  cells.rows.forEach((rows, m) => {
    table[cells.truth[m]!]![cells.predicted[0]![m]!]! += rows * cells.weight[m]!;
  });
  return table;
}
