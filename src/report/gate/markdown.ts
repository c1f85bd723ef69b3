/** @file The verdict of a gate as Markdown, for a comment on a pull request or the summary of a job. */
import type { GateCheck, GateResult } from "../../eval/gate/result.ts";
import { gridMarkdown, plain } from "../markdown.ts";
import { basisOf, byVerdict, checkTable, pairingNotes, summaryOf } from "./table.ts";

/** GitHub takes comments of up to 65,536 characters. */
const MOST_CHECKS = 100;

/** A table of the first checks, and how many more there are. */
function table(checks: readonly GateCheck[], columns: Parameters<typeof checkTable>[2]): string {
  const rest = checks.length - MOST_CHECKS;
  const grid = gridMarkdown(checkTable("", checks.slice(0, MOST_CHECKS), columns));
  return rest > 0 ? `${grid}\n\nand ${rest} more.` : grid;
}

/** What does not pass at the top with its reason, what passes folded away. Every text from outside is escaped. */
export function gateMarkdown(result: GateResult): string {
  const { FAIL, INSUFFICIENT, PASS } = byVerdict(result.checks);
  const bad = [...FAIL, ...INSUFFICIENT];
  const passed = `${PASS.length} check${PASS.length === 1 ? " passes" : "s pass"}`;
  return `${[
    `## Fairness gate: ${result.verdict}`,
    `${summaryOf(result)} (${basisOf(result)}).`.replace(/^a/, "A"),
    bad.length > 0 ? table(bad, ["verdict", "check", "value", "limit", "reason"]) : "",
    ...pairingNotes(result.checks).map(plain),
    PASS.length > 0
      ? `<details>\n<summary>${passed}</summary>\n\n${table(PASS, ["check", "value", "limit"])}\n\n</details>`
      : "",
  ]
    .filter(Boolean)
    .join("\n\n")}\n`;
}
