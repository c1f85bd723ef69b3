/** @file The forms of a study beside each other, and on stdout the one for people. */
import { stringify } from "yaml";
import { duration } from "../../report/format.ts";
import type { StudyReport } from "../../report/study/model.ts";
import { studyMarkdown } from "../../report/study/markdown.ts";
import { studyText } from "../../report/study/text.ts";
import { terminalOf } from "../../report/terminal/terminal.ts";
import { writeFileAtomic } from "../../run/files.ts";
import { studyDocument } from "../../study/document.ts";
import type { DoneRun, StudyResult } from "../../study/result.ts";
import { summarise } from "../../study/summary.ts";
import { commandLine, machineFacts, timeOf } from "../run-report.ts";
import type { StudyFolder, StudyOptions } from "./folder.ts";

/** @param started when this process began; runs that were there took their own time */
export const studyReport = (
  result: StudyResult,
  options: StudyOptions,
  started: Date,
): StudyReport => {
  const done = result.runs.flatMap((run) => (run.status === "done" ? [run] : []));
  return {
    title: `Study ${result.study}`,
    run: {
      summary: [
        { label: "data", value: `${result.data.source}, ${result.data.files} files` },
        { label: "scale", value: `${result.data.scale} of rows and epochs` },
        { label: "seeds", value: result.seeds.join(", ") },
        ...(result.clip.from === null ? [] : [{ label: "CLIP", value: result.clip.from }]),
        { label: "runs", value: `${done.length} of ${result.runs.length} done` },
        { label: "time of all runs", value: duration(secondsOf(done)) },
      ],
      ...timeOf(started),
      imagesPerSecond: null,
      versions: machineFacts(),
      command: commandLine(),
      config: stringify(options),
    },
    result,
    strategies: summarise(result),
  };
};

/** Of all runs; one that fills several rows of the table counts once. */
const secondsOf = (runs: readonly DoneRun[]): number =>
  [...new Map(runs.map(({ folder, seconds }) => [folder, seconds])).values()].reduce(
    (sum, seconds) => sum + seconds,
    0,
  );

/** Every run, and what they come to over seeds. */
const machineForm = ({ result, strategies }: StudyReport): string =>
  `${JSON.stringify(studyDocument(result, strategies))}\n`;

export async function writeStudyReports(report: StudyReport, folder: StudyFolder): Promise<void> {
  // charts take half a second to load, and most commands draw none
  const { studyHtml } = await import("../../report/study/page.ts");
  await writeFileAtomic(folder.reportHtml, studyHtml(report));
  await writeFileAtomic(folder.reportMarkdown, studyMarkdown(report));
  await writeFileAtomic(folder.result, machineForm(report));
}

/** The tables, or with `json` the machine form alone. */
export function printStudy(report: StudyReport, folder: StudyFolder, json: boolean): void {
  process.stdout.write(
    json
      ? machineForm(report)
      : `${studyText(report, terminalOf(process.stdout))}\n\nreport: ${folder.reportHtml}\n`,
  );
}
