/** @file What a rule is about in a retrieval report. */
import { retrievalDefinition } from "../retrieval/metrics.ts";
import type { RetrievalAttribute, RetrievalReport } from "../retrieval/report.ts";
import { checkDirection } from "./direction.ts";
import { attributesOf, type Complain, lookUp, unknown } from "./lookup.ts";
import type { Rule } from "./rules.ts";
import type { Footing, Site } from "./site.ts";

type Found = Omit<Site, "method">;

/** A metric of every query and attribute, `skew@k` of every group; complains about what is not there. */
export function retrievalSites(
  report: RetrievalReport,
  rule: Rule,
  complain: Complain,
): readonly Found[] {
  if (rule.classes) complain(["classes"], "a retrieval report has no classes; leave classes out");
  const queries = rule.queries ?? Object.keys(report.queries);
  return queries.flatMap((query, i) => {
    const found = lookUp(report.queries, query, "query", ["queries", i], complain);
    if (!found) return [];
    const attributes =
      attributesOf(found.attributes, rule, complain) ?? Object.entries(found.attributes);
    return attributes.flatMap(([attribute, of]) =>
      sitesOf(attribute, of, rule, complain).map((site) => ({ ...site, query })),
    );
  });
}

function sitesOf(
  attribute: string,
  { groups, metrics }: RetrievalAttribute,
  rule: Rule,
  complain: Complain,
): Found[] {
  const { metric } = rule;
  const footing = (group: string): Footing => {
    const { rows } = groups[group]!;
    return { rate: "the prior", group, class: null, rows, defined: rows > 0 };
  };
  const ks = Object.keys(Object.values(groups)[0]!.top);
  const skews = ks.map((k) => `skew@${k}`);
  const site = { metric, attribute, class: null };
  if (skews.includes(metric)) {
    const k = metric.replace("skew@", "");
    return (rule.groups ?? Object.keys(groups)).flatMap((group, i): Found[] => {
      const found = lookUp(groups, group, `group of ${attribute}`, ["groups", i], complain);
      if (!found) return [];
      return [{ ...site, group, estimate: found.top[k]!.skew, footings: [footing(group)] }];
    });
  }
  const found = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
  if (!found) {
    complain(["metric"], unknown("metric", metric, [...skews, ...Object.keys(metrics)]));
    return [];
  }
  if (rule.groups)
    complain(["groups"], `${metric} is over all groups of an attribute; leave groups out`);
  const definition = retrievalDefinition(metric);
  if (definition && definition.better !== "neither") checkDirection(definition, rule, complain);
  return [{ ...site, group: null, estimate: found, footings: Object.keys(groups).map(footing) }];
}
