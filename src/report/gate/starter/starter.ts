/** @file A commented set of rules to start from, made for a report if there is one. */
import type { ReportFile } from "../../../eval/report-file.ts";
import { classifierRules } from "./classifier.ts";
import { rankingRules } from "./rankings.ts";

const HEAD = `# The rules of a fairness gate, judged by: equiclip gate REPORT --rules THIS-FILE
# Exit codes: 0 PASS, 3 FAIL, 4 INSUFFICIENT evidence, 2 for a rule about something the report does not have.
# "equiclip metrics" lists what can be named.

# What is held against a limit. ci: the whole interval must keep to it to PASS, and lie beyond it to FAIL; anything
# between is INSUFFICIENT, for more rows would tell. Others: point (the value alone), upper, lower (that end alone).
bound: ci

# Rows that every rate needs in every group before anything is said of it; by default what the report calls small.
# min_support: 30

rules:
`;

const CHANGES = (
  metric: string,
  limit: string,
): string => `  # Changes since an earlier report, with --baseline OLD-REPORT. Reports made with row ids are compared row by row.
  # - metric: ${metric}
  #   ${limit}: 0.02
`;

function rulesOf(file: ReportFile | null): string[] {
  if (file && "queries" in file) return [...rankingRules(file), CHANGES("ndkl", "max_increase")];
  const [report, methods] =
    file && "before" in file ? [file.before, Object.keys(file.after)] : [file, []];
  return [...classifierRules(report, methods), CHANGES("accuracy", "max_decrease")];
}

/** YAML that passes the schema, and runs on the report it was made for (without one, on any of a binary target). */
export const starterRules = (file: ReportFile | null): string => HEAD + rulesOf(file).join("\n");
