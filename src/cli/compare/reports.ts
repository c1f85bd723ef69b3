/** @file The forms of a comparison beside each other, and on stdout the one for people. */
import { stringify } from "yaml";
import type { CompareResult } from "../../compare/result.ts";
import { summarise } from "../../compare/summary.ts";
import { cellsCsv, summaryCsv } from "../../report/compare/csv.ts";
import { compareMarkdown } from "../../report/compare/markdown.ts";
import type { CompareRun } from "../../report/compare/model.ts";
import { compareText } from "../../report/compare/text.ts";
import { terminalOf } from "../../report/terminal/terminal.ts";
import type { CompareConfig } from "../../run/config/compare.ts";
import { writeFileAtomic } from "../../run/files.ts";
import type { CompareFolder } from "./folder.ts";
import { commandLine, machineFacts, timeOf } from "../run-report.ts";

/** What the reports say of the run. @param started when this process began; cells that were there took their own time */
export const compareRun = (
  result: CompareResult,
  config: CompareConfig,
  started: Date,
): CompareRun => ({
  title: result.name,
  run: {
    summary: [
      { label: "embeddings", value: `${result.source.embeddings}, ${result.source.d} numbers` },
      { label: "data", value: result.source.data },
      { label: "seeds", value: result.seeds.join(", ") },
    ],
    ...timeOf(started),
    imagesPerSecond: null,
    versions: machineFacts(),
    command: commandLine(),
    config: stringify(config),
  },
  result,
});

export async function writeCompareReports(run: CompareRun, folder: CompareFolder): Promise<void> {
  // charts take half a second to load, and most commands draw none
  const { compareHtml } = await import("../../report/compare/page.ts");
  const { result } = run;
  await writeFileAtomic(folder.cellsCsv, cellsCsv(result));
  await writeFileAtomic(folder.summaryCsv, summaryCsv(result));
  await writeFileAtomic(folder.reportHtml, compareHtml(run));
  await writeFileAtomic(folder.reportMarkdown, compareMarkdown(run));
  await writeFileAtomic(folder.result, machineForm(result));
}

/** Every cell, and what they come to over seeds. */
const machineForm = (result: CompareResult): string =>
  `${JSON.stringify({ ...result, summary: summarise(result) })}\n`;

/** The tables, or with `json` the machine form alone. */
export function printComparison(result: CompareResult, folder: CompareFolder, json: boolean): void {
  process.stdout.write(
    json
      ? machineForm(result)
      : `${compareText(result, terminalOf(process.stdout))}\n\nreport: ${folder.reportHtml}\n`,
  );
}
