/** @file A study on a terminal: the short table, what reproduces, what it comes to. */
import pc from "picocolors";
import { findingText } from "../terminal/findings.ts";
import { tableText } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { reproductionLines, studyFindings } from "./findings.ts";
import type { StudyReport } from "./model.ts";
import { strategyTable } from "./tables.ts";

export function studyText(report: StudyReport, terminal: Terminal): string {
  const { bold } = pc.createColors(terminal.color);
  return [
    tableText(strategyTable(report, true), terminal),
    `${bold("What reproduces")}\n${findingText(reproductionLines(report), terminal)}`,
    `${bold("Findings")}\n${findingText(studyFindings(report), terminal)}`,
  ].join("\n\n");
}
