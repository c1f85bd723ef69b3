/** @file Changes over the same rows, resampled together. */
import { bindWhole } from "../groups/bound-gap.ts";
import type { Column } from "../counts/cells.ts";
import { bindClasses } from "../groups/class-gaps.ts";
import { pairedChanges } from "../compare.ts";
import { attributesOf, EVERYONE, everyone, planOf } from "../evaluate.ts";
import { gapDefinition, isScoreGap } from "../metrics/gaps.ts";
import type { MeasuredGaps } from "../groups/paired-changes.ts";
import type { Estimate, Gap } from "../report/values.ts";
import type { Report, View } from "../report.ts";
import { SCORE_RATES } from "../metrics/scores.ts";
import { scoreChanges } from "../scores/changes.ts";
import { judgedClassGaps } from "../select.ts";
import type { Predictions } from "../predictions.ts";
import type { Joined } from "./join.ts";
import { type Site, supportOf } from "./site.ts";

/** Gives the change of a number; undefined for what is not resampled in pairs. */
export type Paired = (site: Site) => Estimate | undefined;

/** All changes by the groups of one attribute (or of all rows). */
interface Table {
  readonly groups: Readonly<Record<string, Readonly<Record<string, Estimate>>>>;
  readonly gaps: Readonly<Record<string, Estimate>>;
}

/**
 * Each table of rows is resampled once, when something in it is first asked for.
 * @param reports what was measured of the rows
 */
export function pairedOver(
  { after, before }: Joined,
  reports: Readonly<Record<"before" | "after", Report>>,
): Paired {
  const { positive, classGaps, uncertainty } = reports.after;
  const { level, replicates, seed } = uncertainty;
  const plan = planOf(after, { positive, uncertainty: { level, replicates, seed } });
  const { classes } = plan;
  const excluded = classGaps.excluding?.classes ?? [];
  const kept = [...classes.keys()].filter((c) => !excluded.includes(classes[c]!));
  const all = everyone(after.truth.length);
  const columnOf = (attribute: string): Column =>
    attributesOf(after, { attributes: [attribute] })[0]!.column;
  const viewsOf = (ofClass: string | null): readonly number[] =>
    ofClass === null ? plan.views : [classes.indexOf(ofClass)];

  const measured = (of: (report: Report) => Record<string, Gap>): MeasuredGaps => ({
    before: of(reports.before),
    after: of(reports.after),
  });
  const viewOf = (report: Report, ofClass: string | null): View =>
    ofClass === null ? report : report.perClass[ofClass]!;

  const overall = (ofClass: string | null): Table =>
    pairedChanges(before, after, all, { ...plan, views: viewsOf(ofClass) }).settle(
      (pair) => ({ groups: { [EVERYONE]: pair.rates(0) }, gaps: {} }),
      "baseline",
      "all",
      ofClass ?? "",
    );
  const betweenClasses = (): Table =>
    pairedChanges(before, after, all, { ...plan, views: [...classes.keys()] }).settle(
      (pair) => ({
        groups: {},
        gaps: pair.gaps(
          (sheet) => bindClasses(sheet.byClass(), kept),
          classes,
          measured(judgedClassGaps),
        ),
      }),
      "baseline",
      "classes",
    );
  const byAttribute = (attribute: string, ofClass: string | null): Table => {
    const column = columnOf(attribute);
    return pairedChanges(before, after, column, { ...plan, views: viewsOf(ofClass) }).settle(
      (pair) => ({
        groups: Object.fromEntries(column.values.map((group, g) => [group, pair.rates(g)])),
        gaps: pair.gaps(
          bindWhole,
          column.values,
          measured((report) => viewOf(report, ofClass).attributes[attribute]!.gaps),
        ),
      }),
      "baseline",
      attribute,
      ofClass ?? "",
    );
  };

  const ofScores = (attribute: string | null, ofClass: string | null): Table =>
    scoreChanges(
      before,
      after,
      attribute === null ? all : columnOf(attribute),
      plan,
      ofClass === null ? null : classes.indexOf(ofClass),
      measured((report) =>
        attribute === null ? {} : viewOf(report, ofClass).attributes[attribute]!.gaps,
      ),
      "baseline",
      attribute ?? "all",
    ) ?? { groups: {}, gaps: {} };

  const tables = new Map<string, Table>();
  const remembered = (key: string, make: () => Table): Table => {
    const table = tables.get(key) ?? make();
    tables.set(key, table);
    return table;
  };
  const changeOf = ({ metric, attribute, group, class: ofClass }: Site): Estimate | undefined => {
    const inScores = isOfScores(metric);
    if (!inScores && attribute === null && gapDefinition(metric))
      return remembered("classes", betweenClasses).gaps[metric];
    const { groups, gaps } = remembered(JSON.stringify([inScores, attribute, ofClass]), () =>
      inScores
        ? ofScores(attribute, ofClass)
        : attribute === null
          ? overall(ofClass)
          : byAttribute(attribute, ofClass),
    );
    return attribute !== null && group === null
      ? gaps[metric]
      : groups[group ?? EVERYONE]?.[metric];
  };

  const same = {
    predicted: alike(before.predicted, after.predicted),
    scores: alikeIn(before, after),
  };
  return (site) => {
    // the same rows have the same base rate, whatever the model
    if (site.metric === "baseRate") return { value: 0, interval: [0, 0] };
    const change = changeOf(site);
    return (
      change &&
      (same[isOfScores(site.metric) ? "scores" : "predicted"]
        ? change
        : widened(change, site, level))
    );
  };
}

const isOfScores = (metric: string): boolean =>
  isScoreGap(metric) || Object.hasOwn(SCORE_RATES, metric);

type Numbers = Int32Array | Float32Array | Float64Array;
const alike = (a: Numbers | undefined, b: Numbers | undefined): boolean =>
  a?.length === b?.length && (a?.every((x, i) => x === b![i]) ?? true);
const alikeIn = (a: Predictions, b: Predictions): boolean =>
  alike(a.scores, b.scores) && alike(a.score, b.score);

/**
 * Where two models differ in no row, no resample differs either; but of n rows that are judged alike one may conclude no
 * more than that they differ in less than 1 - (error/2)^(1/n) of all (Clopper and Pearson 1934). A gap has two ends.
 */
function widened({ value, interval, ...rest }: Estimate, site: Site, level: number): Estimate {
  if (value === null || interval === null || interval[0] < interval[1])
    return { value, interval, ...rest };
  const rows = supportOf(site)?.rows ?? 0;
  const unseen = (1 - ((1 - level) / 2) ** (1 / rows)) * (site.footings.length > 1 ? 2 : 1);
  return { value, interval: [value - unseen, value + unseen], ...rest };
}
