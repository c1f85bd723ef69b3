/** @file Rules to start from for rankings. */
import { retrievalDefinition } from "../../../eval/retrieval/metrics.ts";
import type { RetrievalReport } from "../../../eval/retrieval/report.ts";
import { some } from "../../format.ts";
import { comment, list, measured, yaml } from "./yaml.ts";

function rule({ queries }: RetrievalReport, metric: string, limit: string): string {
  const { label, formula, fairValue } = retrievalDefinition(metric)!;
  const now = Object.entries(queries)
    .slice(0, 1)
    .map(([query, { attributes }]) => {
      const of = Object.entries(attributes).map(
        ([name, { metrics }]) => `${yaml(name)} ${measured(metrics[metric]!)}`,
      );
      return `in the report, query ${yaml(query)}: ${some(of, 8)}`;
    });
  return [
    comment([`${label}: ${formula}, ${fairValue} is fair`, ...now]),
    `  - metric: ${metric}\n    ${limit}\n`,
  ].join("");
}

/** Of every query and attribute of the report. */
export function rankingRules(report: RetrievalReport): string[] {
  const queries = Object.keys(report.queries);
  const k = report.ks[0];
  return [
    ...(k === undefined ? [] : [rule(report, `max_skew@${k}`, "max: 0.50")]),
    rule(report, "ndkl", "max: 0.10"),
    comment([
      `Of some queries: ${some(queries.map(yaml), 12)}`,
      "- metric: ndkl",
      `  queries: ${list(queries.slice(0, 2))}`,
      "  max: 0.05",
    ]),
  ];
}
