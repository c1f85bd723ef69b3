/** @file A commented set of rules to start from, made for a report if there is one. */
import { gapDefinition, type GapDefinition } from "../../eval/gaps.ts";
import type { Gap, Report, ReportFile } from "../../eval/report.ts";
import { decimal, interval, some } from "../format.ts";

const HEAD = `# The rules of a fairness gate, judged by: equiclip gate REPORT --rules THIS-FILE
# Exit codes: 0 PASS, 3 FAIL, 4 INSUFFICIENT evidence, 2 for a rule about something the report does not have.
# "equiclip metrics" lists what can be named.

# What is held against a limit. ci: the whole interval must keep to it to PASS, and lie beyond it to FAIL; anything
# between is INSUFFICIENT, for more rows would tell. Others: point (the value alone), upper, lower (that end alone).
bound: ci

# Rows that every rate needs in every group before anything is said of it; by default what the report calls small.
# min_support: 30
`;

const CHANGES = `  # Changes since an earlier report, with --baseline OLD-REPORT. Reports made with row ids are compared row by row.
  # - metric: accuracy
  #   max_decrease: 0.02
`;

/** What the rules are about, in the order of importance. */
interface Starter {
  readonly metric: string;
  readonly limit: "max" | "min";
  readonly at: string;
  readonly because?: string;
}
const BINARY: readonly Starter[] = [
  { metric: "eo.max", limit: "max", at: "0.10" },
  { metric: "di", limit: "min", at: "0.80", because: "the four-fifths rule" },
];
const MULTI_CLASS: readonly Starter[] = [
  { metric: "eo.max.worst", limit: "max", at: "0.10", because: "of the class where it is worst" },
  { metric: "accuracy.gap", limit: "max", at: "0.10" },
];

/** A name as YAML, in a list or alone, and in one line of a comment. */
const yaml = (name: string): string =>
  /^[a-z_][\w.*-]*$/i.test(name) && !/^(true|false|null|y|yes|n|no|on|off)$/i.test(name)
    ? name
    : JSON.stringify(name);
const list = (names: readonly string[]): string => `[${names.map(yaml).join(", ")}]`;

const comment = (lines: readonly string[]): string => lines.map((line) => `  # ${line}\n`).join("");

function describe({ metric, because }: Starter): string {
  const { label, formula, fairValue }: GapDefinition = gapDefinition(metric)!;
  return [
    `${label}: ${formula}`,
    ...(because === undefined ? [] : [because]),
    ...(fairValue === null ? [] : [`${fairValue} is fair`]),
  ].join(", ");
}

const measured = (name: string, { value, interval: ends }: Gap): string =>
  `${yaml(name)} ${value === null ? "undefined" : `${decimal(value)} ${interval(ends)}`.trim()}`;

function gapRule(starter: Starter, report: Report | null): string {
  const { metric, limit, at } = starter;
  const now = Object.entries(report?.attributes ?? {}).map(([name, { gaps }]) =>
    measured(name, gaps[metric]!),
  );
  const attributes = Object.keys(report?.attributes ?? {});
  return [
    comment([describe(starter), ...(now.length > 0 ? [`in the report: ${some(now, 8)}`] : [])]),
    `  - metric: ${metric}\n`,
    attributes.length > 0 ? `    attributes: ${list(attributes)}\n` : "",
    `    ${limit}: ${at}\n`,
  ].join("");
}

/** Rules switched off, to be switched on where they are wanted. */
function optional(report: Report | null, methods: readonly string[]): string[] {
  const [attribute = "race"] = Object.keys(report?.attributes ?? {});
  const groups = Object.keys(report?.attributes[attribute]?.groups ?? {});
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

/** YAML that passes the schema, and runs on the report it was made for (without one, on any of a binary target). */
export function starterRules(file: ReportFile | null): string {
  const report = file && "before" in file ? file.before : file;
  const methods = file && "after" in file ? Object.keys(file.after) : [];
  const hasAttributes = report === null || Object.keys(report.attributes).length > 0;
  const starters = report !== null && report.positive === null ? MULTI_CLASS : BINARY;
  const accuracy = report?.overall.accuracy;
  const rules = [
    ...(hasAttributes ? starters.map((starter) => gapRule(starter, report)) : []),
    `${comment([
      "the share of all rows that are right",
      ...(accuracy?.value == null
        ? []
        : [`in the report: ${decimal(accuracy.value)} ${interval(accuracy.interval)}`]),
    ])}  - metric: accuracy\n    min: 0.80\n`,
    ...(hasAttributes ? optional(report, methods) : []),
    CHANGES,
  ];
  return `${HEAD}\nrules:\n${rules.join("\n")}`;
}
