/** @file An exploration on a terminal, and as Markdown: its tables, then what they come to. */
import type { ExploreResult } from "../../explore/result.ts";
import { count, time } from "../format.ts";
import { findingList, list, plain, runAgain, tableMarkdown } from "../markdown.ts";
import type { RunFacts } from "../model.ts";
import { runTable } from "../tables/run.ts";
import { bullet, findingText } from "../terminal/findings.ts";
import { tableText } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { exploreFindings, exploreNotes } from "./findings.ts";
import { partsOf } from "./parts.ts";

/** Tables that fit, findings, notes; what is folded on the page is left out. */
export const exploreText = (result: ExploreResult, terminal: Terminal): string =>
  [
    ...partsOf(result)
      .filter(({ isDetail }) => isDetail !== true)
      .flatMap(({ tables }) => tables.map((table) => tableText(table, terminal))),
    findingText(exploreFindings(result).main, terminal),
    ...exploreNotes(result).map((note) => bullet("! ", note, terminal).join("\n")),
  ]
    .filter(Boolean)
    .join("\n\n");

/** The whole document. Every text in it is escaped. */
export function exploreMarkdown(title: string, result: ExploreResult, run: RunFacts): string {
  const { main, more } = exploreFindings(result);
  return `${[
    `# ${plain(title)}`,
    plain(`${count(result.source.rows)} rows of ${result.source.data}, ${time(run.finished)}`),
    findingList([...main, ...more]),
    list(exploreNotes(result)),
    ...partsOf(result).flatMap((part) => [
      `## ${plain(part.title)}`,
      ...[...part.tables, ...(part.more ?? [])].map(tableMarkdown),
      ...part.folded.flatMap(({ tables }) => tables.map(tableMarkdown)),
    ]),
    tableMarkdown(runTable(run)),
    ...runAgain(run),
  ]
    .filter(Boolean)
    .join("\n\n")}\n`;
}
