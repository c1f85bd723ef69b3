/** @file Scores in words: how well they rank within each group, and whether they mean what they say. */
import { normalQuantile } from "../../eval/intervals.ts";
import type { Attribute, Rate, Report } from "../../eval/report.ts";
import type { ScoreName } from "../../eval/scores.ts";
import { type Finding, finding, isIntersection, viewsOf } from "./finding.ts";
import { named, ofClass, valueText, writer } from "../words.ts";

interface Scored {
  readonly group: string;
  readonly value: number;
  readonly interval: readonly [number, number];
  /** The interval made wider, so that all groups' hold together (Bonferroni, by the normal approximation). */
  readonly wide: readonly [number, number];
}

/** The groups of some size that have the metric and its interval. */
function scored(report: Report, { groups }: Attribute, name: ScoreName): Scored[] {
  const { level, minSupport } = report.uncertainty;
  const found = Object.entries(groups).flatMap(([group, { scores }]) => {
    const rate: Rate | undefined = scores?.[name];
    return rate?.value != null && rate.interval && rate.support >= minSupport
      ? [{ group, value: rate.value, interval: rate.interval }]
      : [];
  });
  const all = found.length;
  const wider =
    normalQuantile(1 - (1 - level) / (2 * Math.max(1, all))) / normalQuantile((1 + level) / 2);
  return found.map((of) => ({
    ...of,
    wide: [
      of.value - wider * (of.value - of.interval[0]),
      of.value + wider * (of.interval[1] - of.value),
    ] as const,
  }));
}

const least = (groups: readonly Scored[]): Scored | undefined =>
  groups.toSorted((a, b) => a.value - b.value)[0];
const most = (groups: readonly Scored[]): Scored | undefined =>
  groups.toSorted((a, b) => b.value - a.value)[0];

type About = readonly [name: string, attribute: Attribute, kind: "scores" | "intersection"];

function ranking(report: Report, [name, attribute, kind]: About, of: string): Finding[] {
  const groups = scored(report, attribute, "auc");
  const [low, high] = [least(groups), most(groups)];
  if (!low || !high || low.wide[1] >= high.wide[0]) return [];
  const write = writer(low.value, high.value);
  const text = `The scores${of} tell rows apart least well for ${named(low.group)} by ${named(name)}: AUC ${valueText(low, write)}, against ${valueText(high, write)} for ${named(high.group)}.`;
  return [finding(kind, "worse", text, high.value - low.value)];
}

/** The group whose scores are furthest from what comes true, where that is beyond chance. */
function calibration(report: Report, [name, attribute, kind]: About, of: string): Finding[] {
  const off = most(
    scored(report, attribute, "calibrationBias")
      .filter(({ wide }) => wide[0] > 0 || wide[1] < 0)
      .map((group) => ({ ...group, value: Math.abs(group.value) })),
  );
  if (!off) return [];
  const group = attribute.groups[off.group];
  const [mean, bias] = [group?.scores?.meanScore?.value, group?.scores?.calibrationBias];
  if (mean == null || bias?.value == null) return [];
  const write = writer(mean, mean - bias.value);
  const text = `Scores${of} are too ${bias.value > 0 ? "high" : "low"} for ${named(off.group)} by ${named(name)}: ${write(mean)} on average, where ${write(mean - bias.value)} of the rows are positive (calibration bias ${valueText(bias, write)}).`;
  return [finding(kind, "worse", text, off.value)];
}

export const scores = (report: Report): Finding[] =>
  viewsOf(report).flatMap(([label, { attributes }]) =>
    Object.entries(attributes).flatMap(([name, attribute]) => {
      const kind = isIntersection(report, name) ? ("intersection" as const) : ("scores" as const);
      const about = [name, attribute, kind] as const;
      const of = ofClass(label);
      return [...calibration(report, about, of), ...ranking(report, about, of)];
    }),
  );
