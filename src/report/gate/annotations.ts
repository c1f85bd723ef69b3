/** @file The verdict of a gate as GitHub's annotations: commands on stdout that mark a run, and lines of the rules. */
import type { GateCheck, GateResult } from "../../eval/gate/result.ts";
import { byVerdict, subjectOf } from "./table.ts";

/** Where rules are, for annotations beside them. */
export interface RulesPlace {
  readonly file: string;
  /** Of a rule of the list, from 1. */
  readonly line: (rule: number) => number;
}

/** As in @actions/core, `src/command.ts`. */
const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");

/** GitHub shows ten of a kind a step, and drops the others without a word. */
const MOST = 10;

function commands(
  kind: "error" | "warning",
  checks: readonly GateCheck[],
  { file, line }: RulesPlace,
): string[] {
  const shown = checks.length > MOST ? checks.slice(0, MOST - 1) : checks;
  const rest = checks.length - shown.length;
  return [
    ...shown.map(
      (check) =>
        `::${kind} file=${property(file)},line=${line(check.rule)},title=${property(`Fairness gate: ${check.verdict}`)}::${data(`${subjectOf(check)}: ${check.reason}`)}`,
    ),
    ...(rest > 0
      ? [
          `::${kind} title=${property(`Fairness gate: ${checks[0]!.verdict}`)}::${data(`and ${rest} more`)}`,
        ]
      : []),
  ];
}

/** An error for each FAIL, a warning for each INSUFFICIENT; one command a line. */
export function gateAnnotations({ checks }: GateResult, rules: RulesPlace): string {
  const { FAIL, INSUFFICIENT } = byVerdict(checks);
  const lines = [...commands("error", FAIL, rules), ...commands("warning", INSUFFICIENT, rules)];
  return lines.map((line) => `${line}\n`).join("");
}
