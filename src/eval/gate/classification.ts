/** @file What a rule is about in a report of a classifier. */
import { COMPAT } from "../compat.ts";
import { CLASS_GAPS, type ClassGapName, gapDefinition, type GapDefinition } from "../gaps.ts";
import { RATE_NAMES, type RateName } from "../rates.ts";
import type { Group, Rate, Report, View } from "../report.ts";
import { SCORE_NAMES, type ScoreName } from "../scores.ts";
import { judgedClassGaps } from "../select.ts";
import { attributesOf, type Complain, listed, lookUp, unknown } from "./lookup.ts";
import type { Rule } from "./rules.ts";
import type { Footing, Site } from "./site.ts";

/** The report as a whole, or one of its classes against the rest. */
interface Scene {
  readonly report: Report;
  readonly class: string | null;
  readonly view: View;
}
type Found = Omit<Site, "method">;

interface Family {
  readonly title: string;
  readonly names: (scene: Scene) => readonly string[];
  readonly sites: (scene: Scene, rule: Rule, complain: Complain) => readonly Found[];
}

/** Every kind of metric that such a report has. */
const FAMILIES: readonly Family[] = [
  {
    title: "gaps",
    names: ({ view }) => [
      ...new Set(Object.values(view.attributes).flatMap(({ gaps }) => Object.keys(gaps))),
    ],
    sites: gapSites,
  },
  {
    title: "gaps between classes",
    names: ({ report, class: ofClass }) =>
      ofClass === null ? Object.keys(judgedClassGaps(report)) : [],
    sites: classGapSites,
  },
  {
    title: "rates",
    names: ({ view }) => [...RATE_NAMES, ...Object.keys(view.overall.scores ?? {})],
    sites: rateSites,
  },
];

/** Complains about what is not there. */
export function sitesOf(report: Report, rule: Rule, complain: Complain): readonly Found[] {
  const scenes = scenesOf(report, rule, complain);
  const [first] = scenes;
  if (!first) return [];
  const family = FAMILIES.find(({ names }) => names(first).includes(rule.metric));
  if (!family) complain(["metric"], unknownMetric(first, rule.metric));
  return family ? scenes.flatMap((scene) => family.sites(scene, rule, complain)) : [];
}

function scenesOf(report: Report, { classes, queries }: Rule, complain: Complain): Scene[] {
  if (queries) complain(["queries"], "the report is of a classifier; leave queries out");
  if (!classes) return [{ report, class: null, view: report }];
  if (Object.keys(report.perClass).length === 0) {
    const only = `the report measures one class alone, ${report.positive}`;
    complain(["classes"], `${only}; leave classes out`);
    return [];
  }
  return classes.flatMap((name, i) => {
    const view = lookUp(report.perClass, name, "class", ["classes", i], complain);
    return view ? [{ report, class: name, view }] : [];
  });
}

function unknownMetric(scene: Scene, metric: string): string {
  if (Object.hasOwn(COMPAT, metric))
    return `${metric} is not what it is named after, so nothing is judged by it; expected ${COMPAT[metric as keyof typeof COMPAT].correct}`;
  const known = FAMILIES.map(({ title, names }) => ({ title, names: names(scene) }));
  const all = known.flatMap(({ names }) => names);
  const summaries = ["macro", "worst"].map((how) => `${metric}.${how}`);
  if (summaries.every((name) => all.includes(name)))
    return `${metric} is of one class against the rest, and there are ${scene.report.classes.length}; expected ${summaries.join(" or ")}, or classes with ${metric}`;
  const single = metric.replace(/\.(macro|worst)$/, "");
  if (single !== metric && all.includes(single))
    return `${metric} is over several classes, and here is one; expected ${single}`;
  if (gapDefinition(metric) && Object.keys(scene.view.attributes).length === 0)
    return "the report was made without attributes, so it has no gaps between groups";
  if (SCORE_NAMES.includes(metric.replace(/\.gap$/, "") as ScoreName))
    return `the report has no ${metric}: it was made without scores, or not with such ones`;
  const there = known.filter(({ names }) => names.length > 0);
  return `${unknown("metric", metric, all).replace(/ there are:.*/s, "")} there are the ${there.map(({ title, names }) => `${title} ${listed(names)}`).join("; the ")}`;
}

function gapSites(scene: Scene, rule: Rule, complain: Complain): Found[] {
  const { metric } = rule;
  const definition = gapDefinition(metric);
  if (!definition) {
    complain(
      ["metric"],
      `this version does not know what ${metric} rests on; measure again with it`,
    );
    return [];
  }
  checkDirection(definition, rule, complain);
  if (rule.groups)
    complain(["groups"], `${metric} is between all groups of an attribute; leave groups out`);
  const attributes =
    attributesOf(scene.view.attributes, rule, complain) ?? Object.entries(scene.view.attributes);
  return attributes.flatMap(([attribute, { groups, gaps }]) => {
    const gap = lookUp(gaps, metric, `gap by ${attribute}`, ["metric"], complain);
    if (!gap) return [];
    const footings = Object.keys(groups).flatMap((group) =>
      definition.rates.flatMap((rate) =>
        footingsOf(scene, rate, group, ({ attributes: all }) => all[attribute]?.groups[group]),
      ),
    );
    return [{ metric, attribute, group: null, class: scene.class, estimate: gap, footings }];
  });
}

function classGapSites(scene: Scene, rule: Rule, complain: Complain): Found[] {
  const { metric } = rule;
  const { report } = scene;
  const definition: GapDefinition<RateName> = CLASS_GAPS[metric as ClassGapName];
  checkDirection(definition, rule, complain);
  for (const key of ["attribute", "attributes", "groups"] as const)
    if (rule[key] !== undefined)
      complain(
        [key],
        `${metric} is between the target's classes, not between groups; leave ${key} out`,
      );
  const excluded = report.classGaps.excluding?.classes ?? [];
  const footings = report.classes
    .filter((name) => !excluded.includes(name))
    .flatMap((name) =>
      definition.rates.map((rate) => footing(classRate(report, name, rate), rate, null, name)),
    );
  const estimate = judgedClassGaps(report)[metric]!;
  return [{ metric, attribute: null, group: null, class: null, estimate, footings }];
}

/** Of two classes only one is measured; the other's rates are these of it. */
const OF_THE_OTHER: Partial<Record<RateName, RateName>> = { tpr: "tnr", fpr: "fnr" };

const classRate = (report: Report, name: string, rate: RateName): Rate | undefined =>
  Object.hasOwn(report.perClass, name)
    ? report.perClass[name]!.overall[rate]
    : report.overall[name === report.positive ? rate : (OF_THE_OTHER[rate] ?? rate)];

function rateSites(scene: Scene, rule: Rule, complain: Complain): Found[] {
  const { metric } = rule;
  const site = (
    attribute: string | null,
    group: string | null,
    of: (view: View) => Group | undefined,
  ): Found[] => {
    const rate = rateOf(of(scene.view), metric);
    if (!rate) return [];
    const footings = footingsOf(scene, metric, group, of);
    return [{ metric, attribute, group, class: scene.class, estimate: rate, footings }];
  };
  const attributes = attributesOf(scene.view.attributes, rule, complain);
  if (!attributes) return site(null, null, ({ overall }) => overall);
  return attributes.flatMap(([attribute, { groups }]) => {
    const named = rule.groups ?? Object.keys(groups);
    return named.flatMap((group, i) =>
      lookUp(groups, group, `group of ${attribute}`, ["groups", i], complain)
        ? site(attribute, group, ({ attributes: all }) => all[attribute]?.groups[group])
        : [],
    );
  });
}

const rateOf = (group: Group | undefined, name: string): Rate | undefined =>
  RATE_NAMES.includes(name as RateName)
    ? group?.[name as RateName]
    : group?.scores?.[name as ScoreName];

const footing = (
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
 * What a rate of one group rests on. Of several classes it is a mean over them, which needs all of them; only accuracy
 * is of all rows at once.
 * @param of the group in the whole report or in one class's view of it
 */
function footingsOf(
  { report, class: ofClass, view }: Scene,
  rate: string,
  group: string | null,
  of: (view: View) => Group | undefined,
): Footing[] {
  const part = rate === "balancedAccuracy" && ofClass === null ? "tpr" : rate; // the mean recall
  const parts = Object.entries(report.perClass).flatMap(([name, inner]) => {
    const found = rateOf(of(inner), part);
    return found ? [footing(found, part, group, name)] : [];
  });
  return ofClass === null && rate !== "accuracy" && parts.length > 0
    ? parts
    : [footing(rateOf(of(view), rate), rate, group, ofClass)];
}

/** A limit on the good side alone would let through everything that is unfair. */
export function checkDirection(
  { better }: Pick<GapDefinition, "better">,
  rule: Rule,
  complain: Complain,
): void {
  const wrong =
    better === "lower" ? (["min", "max_decrease"] as const) : (["max", "max_increase"] as const);
  const right =
    better === "lower" ? (["max", "max_increase"] as const) : (["min", "max_decrease"] as const);
  if (right.some((key) => rule[key] !== undefined)) return;
  wrong.forEach((key, i) => {
    if (rule[key] !== undefined)
      complain(
        [key],
        `${rule.metric} is fairer when it is ${better}, so ${key} alone would pass what is unfair; expected ${right[i]}`,
      );
  });
}
