/** @file A retrieval report as Markdown: the tables of the page, without its charts. */
import { count, time } from "../format.ts";
import { list, plain, runAgain, tableMarkdown } from "../markdown.ts";
import { runTable } from "../tables/run.ts";
import { retrievalCaveats, retrievalFindings } from "./findings.ts";
import type { RetrievalRun } from "./model.ts";
import { metricTable, shareTable, skewTable } from "./tables.ts";

/** The whole document. Every text in it is escaped. */
export function retrievalMarkdown({ title, run, result }: RetrievalRun): string {
  const { beyond, none } = retrievalFindings(result);
  const tables = Object.entries(result.queries).flatMap(([query, { attributes }]) =>
    Object.entries(attributes).flatMap(([name, of]) => [
      shareTable(query, name, of, result.ks),
      metricTable(query, name, of),
      skewTable(query, name, of, result.ks),
    ]),
  );
  return `${[
    `# ${plain(title)}`,
    `${count(result.n)} rows, ${time(run.finished)}`,
    list(none === null ? beyond : [none]),
    ...tables.map(tableMarkdown),
    "### Caveats",
    list(retrievalCaveats(result)),
    tableMarkdown(runTable(run)),
    ...runAgain(run),
  ].join("\n\n")}\n`;
}
