/** @file What families of metrics have in common: where they look, and what their numbers rest on. */
import { RATE_NAMES, type RateName } from "../../metrics/rates.ts";
import type { Group, Rate } from "../../report/values.ts";
import type { Report, View } from "../../report.ts";
import type { ScoreName } from "../../metrics/scores.ts";
import type { Complain } from "../lookup.ts";
import type { Rule } from "../rules.ts";
import type { Footing, Site } from "../site.ts";

/** The report as a whole, or one of its classes against the rest. */
export interface Scene {
  readonly report: Report;
  readonly class: string | null;
  readonly view: View;
}
export type Found = Omit<Site, "method">;

/** Metrics that are found in the same way. */
export interface Family {
  readonly title: string;
  /** Those that the report has. */
  readonly names: (scene: Scene) => readonly string[];
  readonly sites: (scene: Scene, rule: Rule, complain: Complain) => readonly Found[];
}

/** A group in the whole report, or in one class's view of it. */
export type GroupIn = (view: View) => Group | undefined;

export const groupIn =
  (attribute: string, group: string): GroupIn =>
  ({ attributes }) =>
    attributes[attribute]?.groups[group];

export const rateOf = (group: Group | undefined, name: string): Rate | undefined =>
  RATE_NAMES.includes(name as RateName)
    ? group?.[name as RateName]
    : group?.scores?.[name as ScoreName];

export const footing = (
  rate: Rate | undefined,
  name: string,
  group: string | null,
  ofClass: string | null,
): Footing => ({
  rate: name,
  group,
  class: ofClass,
  rows: rate?.support ?? 0,
  defined: typeof rate?.value === "number",
});

/**
 * What a rate of one group rests on. Of several classes all count, each against the rest; only accuracy is of all rows
 * at once.
 */
export function footingsOf(
  { report, class: ofClass, view }: Scene,
  rate: string,
  group: string | null,
  of: GroupIn,
): Footing[] {
  const parts = Object.entries(report.perClass).flatMap(([name, inner]) => {
    const found = rateOf(of(inner), rate);
    return found ? [footing(found, rate, group, name)] : [];
  });
  return ofClass === null && rate !== "accuracy" && parts.length > 0
    ? parts
    : [footing(rateOf(of(view), rate), rate, group, ofClass)];
}
