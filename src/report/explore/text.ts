/** @file An exploration on a terminal, and as Markdown: its tables, then what they come to. */
import type { ExploreResult } from "../../explore/result.ts";
import { count, time } from "../format.ts";
import { findingList, list, plain, runAgain, tableMarkdown } from "../markdown.ts";
import type { RunFacts } from "../model.ts";
import type { Table } from "../tables/table.ts";
import { runTable } from "../tables/run.ts";
import { bullet, findingText } from "../terminal/findings.ts";
import { tableText } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { exploreFindings, exploreNotes } from "./findings.ts";
import { type Part, partsOf } from "./parts.ts";

/** Rows of a table of clusters, of which the strongest come first, and of any other. */
const MOST_ROWS = { clusters: 12, other: 24 } as const;

/** Tables of all parts, named by their clusters where several parts have the like. */
function tablesOf(parts: readonly Part[]): Table[] {
  const isClusters = ({ id }: Part): boolean => id.startsWith("clusters-");
  const isNamed = parts.filter((part) => isClusters(part) && part.tables.length > 0).length > 1;
  return parts.flatMap((part) =>
    part.tables.map((table) =>
      isClusters(part)
        ? shortened(
            isNamed ? { ...table, title: `${table.title}: ${part.title}` } : table,
            MOST_ROWS.clusters,
          )
        : shortened(table, MOST_ROWS.other),
    ),
  );
}

const shortened = (table: Table, most: number): Table =>
  table.rows.length <= most
    ? table
    : {
        ...table,
        rows: table.rows.slice(0, most),
        notes: [`${count(table.rows.length - most)} more are in the report.`, ...table.notes],
      };

/** Tables that fit, findings, notes; what is folded on the page is left out. */
export const exploreText = (result: ExploreResult, terminal: Terminal): string =>
  [
    ...tablesOf(partsOf(result).filter(({ isDetail }) => isDetail !== true)).map((table) =>
      tableText(table, terminal),
    ),
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
