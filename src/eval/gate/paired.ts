/** @file Changes over the same rows, resampled together. */
import { bindWhole } from "../bound-gap.ts";
import { bindClasses } from "../class-gaps.ts";
import { pairedChanges } from "../compare.ts";
import { attributesOf, everyone, planOf } from "../evaluate.ts";
import { gapDefinition } from "../gaps.ts";
import type { MeasuredGaps } from "../paired-changes.ts";
import type { Estimate, Gap, Report, View } from "../report.ts";
import { judgedClassGaps } from "../select.ts";
import type { Joined } from "./join.ts";
import type { Address } from "./site.ts";

/** Gives the change at an address; undefined for what is not resampled in pairs. */
export type Paired = (address: Address) => Estimate | undefined;

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
      (pair) => ({ groups: { all: pair.rates(0) }, gaps: {} }),
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
    const { column } = attributesOf(after, { attributes: [attribute] })[0]!;
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

  const tables = new Map<string, Table>();
  const remembered = (key: string, make: () => Table): Table => {
    const table = tables.get(key) ?? make();
    tables.set(key, table);
    return table;
  };
  return ({ metric, attribute, group, class: ofClass }) => {
    // the same rows have the same base rate in every resample
    if (metric === "baseRate") return { value: 0, interval: [0, 0] };
    const of = JSON.stringify([attribute, ofClass]);
    if (attribute !== null) {
      const { groups, gaps } = remembered(of, () => byAttribute(attribute, ofClass));
      return group === null ? gaps[metric] : groups[group]?.[metric];
    }
    return gapDefinition(metric)
      ? remembered("classes", betweenClasses).gaps[metric]
      : remembered(of, () => overall(ofClass)).groups["all"]?.[metric];
  };
}
