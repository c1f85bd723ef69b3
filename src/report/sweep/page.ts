/** @file A sweep as one offline HTML page. */
import type { SweepTrial } from "../../debias/sweep/sweep.ts";
import type { SweepFit, SweepResult } from "../../debias/sweep/result.ts";
import { signalChart, varianceChart } from "../charts/spectrum.ts";
import { strengthsChart } from "../charts/strengths.ts";
import { tradeOffChart } from "../charts/trade-off.ts";
import { time } from "../format.ts";
import { findingList } from "../html/findings.ts";
import { runSection } from "../html/run.ts";
import { pageHtml } from "../html/shell.ts";
import { folded, tableHtml } from "../html/table.ts";
import { type Markup, html } from "../html/template.ts";
import { sweepFindings } from "./findings.ts";
import { CORRECTED, PUBLISHED, type SweepRun, fitOf, fitTitle, gapName } from "./model.ts";
import { axisTable, sideTable, spectrumTable, varianceTable } from "./tables.ts";

/** The whole page. Every text in it is escaped. */
export function sweepHtml({ title, run, result }: SweepRun): string {
  const others = result.fits.filter(
    (fit) => fit !== fitOf(result, PUBLISHED) && fit !== fitOf(result, CORRECTED),
  );
  return pageHtml(
    title,
    html`<header>
      <h1>${title}</h1>
      <p class="subtitle">
        ${result.target} by ${gapName(result)} · ${result.rows.validation} validation rows ·
        ${time(run.finished)}
      </p>
    </header>`,
    [
      { id: "findings", title: "Findings", body: findingList(sweepFindings(result)) },
      {
        id: "sides",
        title: "Published and corrected",
        body: html`${tableHtml(sideTable(result))}
          <div class="charts">${tradeOffChart(result)} ${signalChart(result)}</div>
          ${tableHtml(axisTable(result))}`,
      },
      {
        id: "strengths",
        title: "Alpha and k",
        body: html`<p class="hint">On validation, softmax over texts.</p>
          ${[PUBLISHED, CORRECTED].map((of) => strengthCharts(result, fitOf(result, of)))}
          <details>
            <summary>Other ways to centre</summary>
            ${others.map((fit) => strengthCharts(result, fit))}
          </details>`,
      },
      {
        id: "variance",
        title: "Explained variance",
        body: html`<div class="charts small">${result.fits.map(varianceChart)}</div>
          ${folded("Numbers", [spectrumTable(result), varianceTable(result)])}`,
      },
      runSection(run),
    ],
  );
}

/** Accuracy and gap of one fit, in the ranges of all. */
function strengthCharts(result: SweepResult, fit: SweepFit): Markup {
  const { setting } = result.chosen;
  const chosen =
    fit.centring === setting.centring && fit.modality === setting.modality ? setting : null;
  const chart = (title: string, of: (trial: SweepTrial) => number | null): Markup => {
    const all = result.fits.flatMap(({ trials }) => trials.flatMap((trial) => of(trial) ?? []));
    return strengthsChart(title, fit.trials, of, [Math.min(...all), Math.max(...all)], chosen);
  };
  return html`<h3>${fitTitle(fit)}</h3>
    <div class="charts">
      ${chart("accuracy", ({ accuracy }) => accuracy)} ${chart(gapName(result), ({ gap }) => gap)}
    </div>`;
}
