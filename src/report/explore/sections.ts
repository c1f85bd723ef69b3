/** @file The parts of an exploration as sections of its page. */
import type { RunFacts } from "../model.ts";
import { findingList } from "../html/findings.ts";
import { runSection } from "../html/run.ts";
import type { Section } from "../html/section.ts";
import { folded, tableHtml } from "../html/table.ts";
import { html } from "../html/template.ts";
import type { ExploreResult } from "../../explore/result.ts";
import { count } from "../format.ts";
import { chartHtml } from "./charts/chart.ts";
import { exploreFindings, exploreNotes } from "./findings.ts";
import { type Part, partsOf } from "./parts.ts";

export function sectionsOf(result: ExploreResult, run: RunFacts): Section[] {
  const { main, more } = exploreFindings(result);
  return [
    {
      id: "findings",
      title: "Findings",
      body: html`${findingList(main)}
        ${
          more.length > 0 &&
          html`<details>
            <summary>${count(more.length)} findings of rows held out and changed</summary>
            ${findingList(more)}
          </details>`
        }
        <ul class="caveats">
          ${exploreNotes(result).map((note) => html`<li>${note}</li>`)}
        </ul>`,
    },
    ...partsOf(result).map(partSection),
    runSection(run),
  ];
}

const partSection = ({
  id,
  title,
  tables,
  more: rest = [],
  folded: more,
  charts,
}: Part): Section => ({
  id,
  title,
  body: html`${
    charts.length > 0 &&
    html`<div class="charts">${charts.map(({ chart }) => chartHtml(chart))}</div>`
  }
  ${[...tables, ...rest].map(tableHtml)} ${more.map((of) => folded(of.summary, of.tables))}`,
});
