/** @file A retrieval report as one offline HTML page. */
import type { RetrievalAttribute, RetrievalReport } from "../../eval/retrieval/report.ts";
import { topSharesChart } from "../charts/top-shares.ts";
import { count, decimal, interval, time, undefinedFor } from "../format.ts";
import { warnings } from "../html/sections.ts";
import { runSection } from "../html/run.ts";
import { pageHtml } from "../html/shell.ts";
import { folded, tableHtml } from "../html/table.ts";
import { type Markup, html } from "../html/template.ts";
import { levelText, retrievalCaveats, retrievalFindings } from "./findings.ts";
import type { RetrievalRun } from "./model.ts";
import { metricTable, shareTable, skewTable } from "./tables.ts";

const MOST_TILES = 8;
const MOST_CHARTS = 12;

/** The whole page. Every text in it is escaped: names of queries and groups come from users. */
export function retrievalHtml(report: RetrievalRun): string {
  const { title, run, result } = report;
  const { beyond, none } = retrievalFindings(result);
  const queries = Object.entries(result.queries);
  return pageHtml(
    title,
    html`<header>
        <h1>${title}</h1>
        <p class="subtitle">
          ${count(result.n)} rows · ${queries.length} ${queries.length === 1 ? "query" : "queries"}
          · ${time(run.finished)}
        </p>
        <ul class="tiles">
          ${tiles(result)}
        </ul>
      </header>
      ${warnings(beyond)} ${none !== null && html`<p>${none}</p>`}`,
    [
      ...queries.map(([query, { attributes, first }], i) => ({
        id: `query-${i + 1}`,
        title: query,
        body: html`${Object.entries(attributes).map(([name, of]) =>
          attributeBody(query, name, of, result),
        )}
        ${first !== undefined && html`<p class="hint">The first rows: ${first.join(", ")}.</p>`}`,
      })),
      {
        id: "caveats",
        title: "Caveats",
        body: html`<ul class="caveats">
          ${retrievalCaveats(result).map((text) => html`<li>${text}</li>`)}
        </ul>`,
      },
      runSection(run),
    ],
  );
}

/** The largest skew at the first k of each ranking. */
function tiles({ queries, ks }: RetrievalReport): Markup[] {
  const metric = `max_skew@${ks[0]}`;
  return Object.entries(queries)
    .flatMap(([query, { attributes }]) =>
      Object.entries(attributes).map(([name, { metrics }]) => ({
        label: `${query}: ${metric} by ${name}`,
        of: metrics[metric]!,
      })),
    )
    .slice(0, MOST_TILES)
    .map(
      ({ label, of }) =>
        html`<li class="tile ${(of.fair?.pHolm ?? 1) < 0.05 ? "worse" : ""}">
          <span class="label">${label}</span>
          <strong>${of.value === null ? "n/a" : decimal(of.value)}</strong>
          <span class="interval"
            >${of.value === null ? undefinedFor(of.reason) : interval(of.interval)}</span
          >
          <span class="about"
            >${of.value === null ? "" : of.groups.join(", ")}${
              of.fair?.expected == null ? "" : `; a random ranking: ${decimal(of.fair.expected)}`
            }</span
          >
        </li>`,
    );
}

/** Charts of the groups with the strongest evidence, in their order, and every number. */
function attributeBody(
  query: string,
  name: string,
  of: RetrievalAttribute,
  { ks, uncertainty }: RetrievalReport,
): Markup {
  const evidence = (group: string): number =>
    Math.min(...Object.values(of.groups[group]!.top).map(({ chance }) => chance.pValue));
  const groups = Object.keys(of.groups);
  const drawn = new Set(groups.toSorted((a, b) => evidence(a) - evidence(b)).slice(0, MOST_CHARTS));
  const rest = groups.length - drawn.size;
  return html`<h3>By ${name}</h3>
    <div class="charts small">
      ${groups.filter((group) => drawn.has(group)).map((group) => topSharesChart(of, group, ks, levelText(uncertainty)))}
    </div>
    ${rest > 0 && html`<p class="hint">${count(rest)} more groups are in the table.</p>`}
    ${tableHtml(shareTable(query, name, of, ks))} ${tableHtml(metricTable(query, name, of))}
    ${folded(`Skew of every group by ${name}`, [skewTable(query, name, of, ks)])}`;
}
