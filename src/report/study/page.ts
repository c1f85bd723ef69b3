/** @file A study as one offline HTML page. */
import { count, time } from "../format.ts";
import { findingList } from "../html/findings.ts";
import { runSection } from "../html/run.ts";
import { pageHtml } from "../html/shell.ts";
import { folded, tableHtml } from "../html/table.ts";
import { html } from "../html/template.ts";
import { strategyChart } from "./chart.ts";
import { correctionTable } from "./corrections.ts";
import { studyFindings } from "./findings.ts";
import { type StudyReport, strategyCount } from "./model.ts";
import { reproductionTable, runsTable } from "./runs.ts";
import { formulaTable, groupTable, strategyTable } from "./tables.ts";

/** The whole page. Every text in it is escaped. */
export function studyHtml(report: StudyReport): string {
  const { title, run, result } = report;
  const { data, seeds } = result;
  const groups = ["race", "gender"].flatMap((attribute) => groupTable(report, attribute) ?? []);
  return pageHtml(
    title,
    html`<header>
      <h1>${title}</h1>
      <p class="subtitle">
        ${strategyCount(result.strategies)} · ${seeds.length} seed${seeds.length === 1 ? "" : "s"} ·
        ${count(data.files)}
        ${data.synthetic ? "drawn faces" : "images"}${data.scale < 1 ? ` at scale ${data.scale}` : ""}
        · ${time(run.finished)}
      </p>
    </header>`,
    [
      { id: "findings", title: "Findings", body: findingList(studyFindings(report)) },
      {
        id: "strategies",
        title: "Strategies",
        body: html`<div class="charts">
            ${strategyChart(report, "Gender bias: difference between the TPRs of the classes", { metric: "class.tpr_gap", target: "gender" })}
          </div>
          ${tableHtml(strategyTable(report))}
          <div class="charts">
            ${strategyChart(report, "Balanced accuracy", { metric: "balanced_accuracy" })}
            ${strategyChart(report, "eo.max by race", { metric: "eo.max", of: "race" })}
          </div>
          ${folded("Accuracy by group", groups)}`,
      },
      { id: "reproduced", title: "What reproduces", body: tableHtml(reproductionTable(report)) },
      {
        id: "flaws",
        title: "Flaws mended",
        body: html`${tableHtml(correctionTable(report))} ${tableHtml(formulaTable(report))}`,
      },
      { id: "runs", title: "Runs", body: tableHtml(runsTable(report)) },
      runSection(run),
    ],
  );
}
