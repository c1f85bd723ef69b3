/** @file A comparison as Markdown: the findings and tables of the page, without its charts. */
import { count, time } from "../format.ts";
import { findingList, list, plain, runAgain, tableMarkdown } from "../markdown.ts";
import { runTable } from "../tables/run.ts";
import { compareFindings } from "./findings.ts";
import { type CompareRun, taskTitle, viewsOf } from "./model.ts";
import { compareNotes, methodCaveats } from "./notes.ts";
import { attributeTable, embeddingTable, methodTable, verdictTable } from "./tables.ts";

/** The whole document. Every text in it is escaped. */
export function compareMarkdown({ title, run, result }: CompareRun): string {
  const { source, seeds } = result;
  const views = viewsOf(result);
  return `${[
    `# ${plain(title)}`,
    plain(
      `${views[0]?.methods.length ?? 0} methods, ${seeds.length} seed${seeds.length === 1 ? "" : "s"}, ${count(source.rows)} rows of ${source.embeddings}, ${time(run.finished)}`,
    ),
    ...views.flatMap((view) => [
      `## ${plain(taskTitle(view))}`,
      findingList(compareFindings(view)),
      tableMarkdown(verdictTable(view)),
      ...view.task.attributes.map((attribute) => tableMarkdown(attributeTable(view, attribute))),
      tableMarkdown(embeddingTable(view)),
    ]),
    "## To know",
    list([...compareNotes(result), ...methodCaveats(result)]),
    tableMarkdown(methodTable(result)),
    tableMarkdown(runTable(run)),
    ...runAgain(run),
  ]
    .filter(Boolean)
    .join("\n\n")}\n`;
}
