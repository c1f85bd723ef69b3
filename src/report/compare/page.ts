/** @file A comparison as one offline HTML page. */
import { leakageChart } from "../charts/leakage.ts";
import { methodChangesChart } from "../charts/method-changes.ts";
import { paretoChart } from "../charts/pareto.ts";
import { count, time } from "../format.ts";
import { findingList } from "../html/findings.ts";
import type { Section } from "../html/section.ts";
import { runSection } from "../html/run.ts";
import { pageHtml } from "../html/shell.ts";
import { folded, tableHtml } from "../html/table.ts";
import { html } from "../html/template.ts";
import { compareFindings } from "./findings.ts";
import { type CompareRun, type TaskView, taskTitle, viewsOf } from "./model.ts";
import { compareNotes, methodCaveats } from "./notes.ts";
import { attributeTable, embeddingTable, methodTable, verdictTable } from "./tables.ts";
import { choiceTable } from "./validation.ts";

/** The whole page. Every text in it is escaped: names of methods, tasks and labels come from users. */
export function compareHtml({ title, run, result }: CompareRun): string {
  const views = viewsOf(result);
  const { seeds, source } = result;
  return pageHtml(
    title,
    html`<header>
      <h1>${title}</h1>
      <p class="subtitle">
        ${views[0]?.methods.length ?? 0} methods · ${seeds.length}
        seed${seeds.length === 1 ? "" : "s"} · ${count(source.rows)} rows of ${source.embeddings} ·
        ${time(run.finished)}
      </p>
    </header>`,
    [
      findingsSection(views),
      ...views.map(taskSection),
      {
        id: "methods",
        title: "Methods",
        body: html`${tableHtml(methodTable(result))}
          <ul class="caveats">
            ${[...compareNotes(result), ...methodCaveats(result)].map((text) => html`<li>${text}</li>`)}
          </ul>`,
      },
      runSection(run),
    ],
  );
}

const findingsSection = (views: readonly TaskView[]): Section => ({
  id: "findings",
  title: "Findings",
  body: html`${views.map(
    (view) =>
      html`${views.length > 1 && html`<h3>${taskTitle(view)}</h3>`}
      ${findingList(compareFindings(view))}`,
  )}`,
});

function taskSection(view: TaskView, index: number): Section {
  const { attributes, concepts } = view.task;
  return {
    id: `task-${index + 1}`,
    title: taskTitle(view),
    body: html`<div class="charts">
        ${attributes.map((attribute) => [paretoChart(view, attribute), methodChangesChart(view, "eo.max", attribute)])}
      </div>
      ${tableHtml(verdictTable(view))}
      <div class="charts">
        ${methodChangesChart(view, "accuracy", null)}
        ${concepts.map((concept) => leakageChart(view, concept))}
      </div>
      ${tableHtml(embeddingTable(view))}
      ${folded(
        "Other numbers of each attribute",
        attributes.map((attribute) => attributeTable(view, attribute)),
      )}
      ${folded("What was chosen on validation", [choiceTable(view)])}`,
  };
}
