/** @file A sweep as Markdown: the tables of the page, without its charts. */
import { time } from "../format.ts";
import { findingList, plain, runAgain, tableMarkdown } from "../markdown.ts";
import { runTable } from "../tables/run.ts";
import { sweepFindings } from "./findings.ts";
import { type SweepRun, gapName } from "./model.ts";
import { axisTable, sideTable, spectrumTable, strengthTable, varianceTable } from "./tables.ts";

/** The whole document. Every text in it is escaped. */
export function sweepMarkdown({ title, run, result }: SweepRun): string {
  return `${[
    `# ${plain(title)}`,
    time(run.finished),
    findingList(sweepFindings(result)),
    ...[sideTable, spectrumTable, varianceTable, axisTable].map((table) =>
      tableMarkdown(table(result)),
    ),
    ...result.fits.flatMap((fit) => [
      tableMarkdown(strengthTable(fit, result, "accuracy", ({ accuracy }) => accuracy)),
      tableMarkdown(strengthTable(fit, result, gapName(result), ({ gap }) => gap)),
    ]),
    tableMarkdown(runTable(run)),
    ...runAgain(run),
  ]
    .filter(Boolean)
    .join("\n\n")}\n`;
}
