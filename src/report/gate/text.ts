/** @file The verdict of a gate on a terminal. */
import pc from "picocolors";
import type { GateResult } from "../../eval/gate/result.ts";
import { tableText } from "../terminal/table.ts";
import { printable, type Terminal, wrap } from "../terminal/terminal.ts";
import { basisOf, checkTable, pairingNotes, subjectOf, summaryOf } from "./table.ts";

const COLORS = { PASS: "green", FAIL: "red", INSUFFICIENT: "yellow" } as const;

/** Every check, why those that do not pass do not, and the verdict last. */
export function gateText(result: GateResult, terminal: Terminal): string {
  const colors = pc.createColors(terminal.color);
  const { verdict, checks } = result;
  const table = checkTable(`Checks (${basisOf(result)})`, checks, [
    "check",
    "value",
    "limit",
    "verdict",
  ]);
  const lines = (text: string, paint: (line: string) => string = String): string[] =>
    wrap(printable(text, terminal), terminal.columns).map((line) => paint(line));
  const reasons = checks.flatMap((check) =>
    check.reason === null
      ? []
      : lines(
          `${check.verdict} ${subjectOf(check)}: ${check.reason}`,
          colors[COLORS[check.verdict]],
        ),
  );
  return [
    tableText({ ...table, notes: pairingNotes(checks) }, terminal),
    reasons.join("\n"),
    lines(`${verdict}: ${summaryOf(result)}`, (line) =>
      colors.bold(colors[COLORS[verdict]](line)),
    ).join("\n"),
  ]
    .filter(Boolean)
    .join("\n\n");
}
