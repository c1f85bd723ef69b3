/** @file The forms of a comparison beside each other, and on stdout the one for people. */
import type { CompareResult } from "../compare/result.ts";
import { cellsCsv, summaryCsv } from "../report/compare/csv.ts";
import { compareText } from "../report/compare/text.ts";
import { terminalOf } from "../report/terminal/terminal.ts";
import { writeFileAtomic } from "../run/files.ts";
import type { CompareFolder } from "./compare-folder.ts";

export async function writeCompareReports(
  result: CompareResult,
  folder: CompareFolder,
): Promise<void> {
  await writeFileAtomic(folder.result, `${JSON.stringify(result)}\n`);
  await writeFileAtomic(folder.cellsCsv, cellsCsv(result));
  await writeFileAtomic(folder.summaryCsv, summaryCsv(result));
}

/** The tables, or with `json` the machine form alone. */
export function printComparison(result: CompareResult, folder: CompareFolder, json: boolean): void {
  process.stdout.write(
    json
      ? `${JSON.stringify(result)}\n`
      : `${compareText(result, terminalOf(process.stdout))}\n\nresult: ${folder.result}\n`,
  );
}
