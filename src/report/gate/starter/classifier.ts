/** @file Rules to start from for a classifier. */
import { gapDefinition } from "../../../eval/metrics/gaps.ts";
import type { Report } from "../../../eval/report.ts";
import { some } from "../../format.ts";
import { comment, list, measured, yaml } from "./yaml.ts";

/** A limit on a gap, and why. */
interface Starter {
  readonly metric: string;
  readonly limit: string;
  readonly because?: string;
}
const BINARY: readonly Starter[] = [
  { metric: "eo.max", limit: "max: 0.10" },
  { metric: "di", limit: "min: 0.80", because: "the four-fifths rule" },
];
const SEVERAL_CLASSES: readonly Starter[] = [
  { metric: "eo.max.worst", limit: "max: 0.10", because: "of the class where it is worst" },
  { metric: "accuracy.gap", limit: "max: 0.10" },
];

function gapRule({ metric, limit, because }: Starter, report: Report | null): string {
  const { label, formula, fairValue } = gapDefinition(metric)!;
  const attributes = Object.entries(report?.attributes ?? {});
  const now = attributes.map(([name, { gaps }]) => `${yaml(name)} ${measured(gaps[metric]!)}`);
  return [
    comment([
      [`${label}: ${formula}`, because, `${fairValue} is fair`].filter(Boolean).join(", "),
      ...(now.length > 0 ? [`in the report: ${some(now, 8)}`] : []),
    ]),
    `  - metric: ${metric}\n`,
    now.length > 0 ? `    attributes: ${list(attributes.map(([name]) => name))}\n` : "",
    `    ${limit}\n`,
  ].join("");
}

const accuracyRule = (report: Report | null): string =>
  [
    comment([
      "the share of all rows that are right",
      ...(report ? [`in the report: ${measured(report.overall.accuracy)}`] : []),
    ]),
    "  - metric: accuracy\n    min: 0.80\n",
  ].join("");

/** Rules that are switched off, to be switched on where they are wanted. */
function others(report: Report | null, methods: readonly string[]): string[] {
  const [attribute = "race", { groups: of } = { groups: {} }] =
    Object.entries(report?.attributes ?? {})[0] ?? [];
  const groups = Object.keys(of);
  const classes = Object.keys(report?.perClass ?? {});
  return [
    comment([
      `A rate of every group of ${yaml(attribute)}, or of some${groups.length > 0 ? `: ${some(groups.map(yaml), 12)}` : ""}`,
      "- metric: tpr",
      `  attribute: ${yaml(attribute)}`,
      ...(groups.length > 0 ? [`  groups: ${list(groups.slice(0, 2))}`] : []),
      "  min: 0.70",
    ]),
    ...(classes.length > 0
      ? [
          comment([
            "One class against the rest",
            "- metric: eopp",
            `  classes: ${list(classes.slice(0, 2))}`,
            "  max: 0.10",
          ]),
        ]
      : []),
    ...(methods.length > 0
      ? [
          comment([
            `The model after debiasing: ${some(methods.map(yaml), 8)}`,
            `- metric: ${classes.length > 0 ? "eo.max.worst" : "eo.max"}`,
            `  method: ${yaml(methods[0]!)}`,
            "  max: 0.10",
          ]),
        ]
      : []),
  ];
}

/** @param report null for any of a binary target */
export function classifierRules(report: Report | null, methods: readonly string[]): string[] {
  const hasGaps = report === null || Object.keys(report.attributes).length > 0;
  const starters = report !== null && report.positive === null ? SEVERAL_CLASSES : BINARY;
  return [
    ...(hasGaps ? starters.map((starter) => gapRule(starter, report)) : []),
    accuracyRule(report),
    ...(hasGaps ? others(report, methods) : []),
  ];
}
