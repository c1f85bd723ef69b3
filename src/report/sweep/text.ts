/** @file A sweep on a terminal. */
import type { SweepResult } from "../../debias/sweep/result.ts";
import { findingText } from "../terminal/findings.ts";
import { tableText } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { sweepFindings } from "./findings.ts";
import { axisTable, sideTable, spectrumTable } from "./tables.ts";

export const sweepText = (result: SweepResult, terminal: Terminal): string =>
  [
    ...[spectrumTable, axisTable, sideTable].map((table) => tableText(table(result), terminal)),
    findingText(sweepFindings(result), terminal),
  ].join("\n\n");
