/** @file What a rule is about in a report of a classifier. */
import { COMPAT } from "../../metrics/compat.ts";
import { gapDefinition } from "../../metrics/gaps.ts";
import type { Report } from "../../report.ts";
import { SCORE_NAMES, type ScoreName } from "../../metrics/scores.ts";
import { type Complain, listed, lookUp, unknown } from "../lookup.ts";
import type { Rule } from "../rules.ts";
import { against } from "./against.ts";
import { classGaps } from "./class-gaps.ts";
import type { Family, Found, Scene } from "./family.ts";
import { gaps } from "./gaps.ts";
import { rates } from "./rates.ts";

/** Every kind of metric that such a report has. */
const FAMILIES: readonly Family[] = [gaps, classGaps, rates, against];

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
