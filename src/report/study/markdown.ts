/** @file A study as Markdown: the findings and tables of the page, without its charts. */
import { count, time } from "../format.ts";
import { findingList, plain, runAgain, tableMarkdown } from "../markdown.ts";
import { runTable } from "../tables/run.ts";
import { correctionTable } from "./corrections.ts";
import { studyFindings } from "./findings.ts";
import { type StudyReport, strategyCount } from "./model.ts";
import { reproductionTable, runsTable } from "./runs.ts";
import { formulaTable, groupTable, strategyTable } from "./tables.ts";

/** The whole document. Every text in it is escaped. */
export function studyMarkdown(report: StudyReport): string {
  const { title, run, result } = report;
  const groups = ["race", "gender"].flatMap((attribute) => groupTable(report, attribute) ?? []);
  return `${[
    `# ${plain(title)}`,
    plain(
      `${strategyCount(result.strategies)}, seed${result.seeds.length === 1 ? "" : "s"} ${result.seeds.join(", ")}, ${count(result.data.files)} images of ${result.data.source}, scale ${result.data.scale}, ${time(run.finished)}`,
    ),
    findingList(studyFindings(report)),
    ...[
      strategyTable(report),
      ...groups,
      reproductionTable(report),
      correctionTable(report),
      formulaTable(report),
      runsTable(report),
      runTable(run),
    ].map(tableMarkdown),
    ...runAgain(run),
  ]
    .filter(Boolean)
    .join("\n\n")}\n`;
}
