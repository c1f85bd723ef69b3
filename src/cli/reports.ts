/** @file Writes the forms of a report beside each other, and prints the one for people. */
import { reportMarkdown } from "../report/markdown.ts";
import type { RunReport } from "../report/model.ts";
import { reportText } from "../report/terminal/print.ts";
import { terminalOf } from "../report/terminal/terminal.ts";
import { writeFileAtomic } from "../run/files.ts";
import type { RunFolder } from "../run/folder.ts";
import type { Assessment } from "../train/assess.ts";
import { writePredictions } from "../eval/predictions-csv.ts";

/** Where the three forms go. */
export interface ReportPaths {
  readonly reportJson: string;
  readonly reportHtml: string;
  readonly reportMarkdown: string;
}

export async function writeReports(report: RunReport, paths: ReportPaths): Promise<void> {
  // charts take half a second to load, and most commands draw none
  const { reportHtml } = await import("../report/html/page.ts");
  await writeFileAtomic(paths.reportJson, `${JSON.stringify(report.evaluation.result, null, 2)}\n`);
  await writeFileAtomic(paths.reportHtml, reportHtml(report));
  await writeFileAtomic(paths.reportMarkdown, reportMarkdown(report));
}

/** The tables on stdout, or with `json` the machine form alone. */
export function printReport(report: RunReport, paths: ReportPaths, json: boolean): void {
  process.stdout.write(
    json
      ? `${JSON.stringify(report.evaluation.result)}\n`
      : `${reportText(report, terminalOf(process.stdout))}\n\nreport: ${paths.reportHtml}\n`,
  );
}

/**
 * Writes the predictions that a report was made from: one table as the model was, one after each change.
 * @returns the report, which says where they are
 */
export async function writeAllPredictions(
  { result, before, after }: Assessment,
  folder: Pick<RunFolder, "predictions" | "predictionsAfter">,
): Promise<Assessment["result"]> {
  const rowsFile = await writePredictions(folder.predictions, before);
  if (!("before" in result)) return { ...result, rowsFile };
  const reports = { ...result.after };
  for (const [method, predictions] of Object.entries(after))
    reports[method] = {
      ...reports[method]!,
      rowsFile: await writePredictions(folder.predictionsAfter(method), predictions),
    };
  return { ...result, before: { ...result.before, rowsFile }, after: reports };
}
