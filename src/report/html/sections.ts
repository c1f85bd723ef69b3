/** @file The body of the page, one function a section, in the order in which it is read. */
import type { Report } from "../../eval/report.ts";
import { beforeAfterChart } from "../charts/before-after.ts";
import { confusionChart } from "../charts/confusion.ts";
import { constraintChart } from "../charts/constraint.ts";
import { labelCountsChart } from "../charts/label-counts.ts";
import { lossChart } from "../charts/losses.ts";
import { findings } from "../findings.ts";
import { count } from "../format.ts";
import {
  type DataPlan,
  type Evaluation,
  type Fact,
  type RunReport,
  type Trajectory,
  subject,
  comparison,
} from "../model.ts";
import {
  changeTable,
  compared,
  isHeadline,
  isKey,
  methodTitle,
  sideBySideTable,
} from "../tables/comparison.ts";
import { constraintTable } from "../tables/constraints.ts";
import { cellTable, rejectedTable, splitTable } from "../tables/data.ts";
import { classGapTables, viewTables } from "../tables/evaluation.ts";
import { leakageTable } from "../tables/leakage.ts";
import { networkTable } from "../tables/network.ts";
import { outputTable } from "../tables/outputs.ts";
import { promptSetTable } from "../tables/prompt-sets.ts";
import { runFacts } from "../tables/run.ts";
import { trajectoryTable } from "../tables/trajectory.ts";
import { columnTable, leftOutTables, sourceFacts } from "../tables/source.ts";
import { groupSection, intersectionSection, scoreSection, sliceSection } from "./evaluation.ts";
import { networkDiagram } from "../charts/network.ts";
import { findingSection } from "./findings.ts";
import { runSection } from "./run.ts";
import type { Section } from "./section.ts";
import { folded, tableHtml } from "./table.ts";
import { type Markup, html } from "./template.ts";

/** What to know before the numbers; nothing when nothing is serious. */
export const warnings = (serious: readonly string[]): Markup | null =>
  serious.length === 0
    ? null
    : html`<ul class="warnings" role="note">
        ${serious.map((text) => html`<li>${text}</li>`)}
      </ul>`;

const caveatSection = (texts: readonly string[]): Section => ({
  id: "caveats",
  title: "Caveats",
  body: html`<ul class="caveats">
    ${texts.map((text) => html`<li>${text}</li>`)}
  </ul>`,
});

const trainingSection = (trajectory: Trajectory, evaluation: Evaluation): Section => ({
  id: "training",
  title: "Training",
  body: html`<div class="charts">
      ${lossChart(trajectory)}
      ${trajectory.constraints.map((rule, i) => constraintChart(trajectory, rule, i))}
    </div>
    ${trajectory.constraints.length > 0 && tableHtml(constraintTable(trajectory, evaluation))}
    ${folded(`All ${trajectory.epochs.length} epochs`, [trajectoryTable(trajectory)])}`,
});

function confusionSection(evaluation: Evaluation): Section {
  const of = comparison(evaluation);
  const report = of?.before ?? subject(evaluation);
  const after = Object.entries(of?.after ?? {});
  return {
    id: "confusion",
    title: "Confusion",
    body: html`<p class="hint">
        Rows are true classes. Counts, and the share of the true class below.
      </p>
      <div class="charts ${report.classes.length > 3 ? "" : "small"}">
        ${confusionChart(after.length > 0 ? "Before" : "All rows", report.classes, report.confusion)}
        ${after.map(([method, { classes, confusion }]) => confusionChart(`After ${method}`, classes, confusion))}
      </div>`,
  };
}

function debiasingSection(evaluation: Evaluation): Section | null {
  const of = comparison(evaluation);
  const summary = sideBySideTable(evaluation);
  if (!of || !summary) return null;
  const leakage = leakageTable(evaluation);
  const rows = Object.keys(of.after).map((method) => {
    const all = compared(of, method);
    return {
      method,
      title: methodTitle(method, evaluation),
      all,
      key: all.filter(isKey),
      headline: all.filter(isHeadline),
    };
  });
  return {
    id: "debiasing",
    title: "Before and after",
    body: html`${tableHtml(summary)} ${leakage && tableHtml(leakage)}
      <div class="charts">
        ${rows.map(({ title, headline }) => beforeAfterChart(title, headline))}
      </div>
      ${rows.map(({ method, title, all, key }) => {
        const rest = all.filter((row) => !isKey(row));
        const report = of.after[method];
        return folded(`Everything after ${title}`, [
          changeTable(`Accuracy and gaps, ${title}`, key),
          ...(rest.length > 0 ? [changeTable(`Other changes, ${title}`, rest)] : []),
          ...(report ? [...viewTables(report), ...classGapTables(report.classGaps)] : []),
        ]);
      })}`,
  };
}

function promptSection(report: RunReport): Section | null {
  const table = promptSetTable(report);
  return table && { id: "prompts", title: table.title, body: html`${tableHtml(table)}` };
}

function outputSection(report: RunReport): Section | null {
  const table = outputTable(report);
  return table && { id: "outputs", title: table.title, body: html`${tableHtml(table)}` };
}

function networkSection({ network = null }: RunReport): Section | null {
  return (
    network && {
      id: "network",
      title: "Network",
      body: html`${networkDiagram(network)} ${folded("All layers", [networkTable(network)])}`,
    }
  );
}

const MOST_REJECTED = 1_000;

const dataSection = (plan: DataPlan): Section => {
  const rejected = rejectedTable(plan, MOST_REJECTED);
  return {
    id: "data",
    title: "Data",
    body: html`<p class="hint">Read from ${plan.source}${plan.synthetic ? ", synthetic" : ""}.</p>
      <div class="charts small">
        ${plan.attributes.map((attribute) => labelCountsChart(plan, attribute))}
      </div>
      ${tableHtml(splitTable(plan))}
      ${folded(`All ${count(plan.cells.length)} cells`, [cellTable(plan)])}
      ${rejected && folded(rejected.title, [rejected])}`,
  };
};

const factList = (facts: readonly Fact[]): Markup =>
  html`<dl class="facts">
    ${facts.map(
      ({ label, value }) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;

function sourceSection({ source, n }: Report): Section | null {
  if (!source) return null;
  return {
    id: "source",
    title: "Source",
    body: html`${factList(sourceFacts(source, n))} ${tableHtml(columnTable(source))}
    ${leftOutTables(source).map(tableHtml)}`,
  };
}

/** Which of several models is told of. */
const aboutOf = (evaluation: Evaluation): string | null =>
  comparison(evaluation) &&
  (evaluation.erased === null
    ? "Of the later model; what changed since the earlier one is below."
    : "Of the model before debiasing.");

/** The sections that the report has facts for. */
export const sections = (
  report: RunReport,
  caveats: readonly string[],
  faces: readonly Section[],
): Section[] => {
  const measured = subject(report.evaluation);
  return [
    findingSection(findings(measured), aboutOf(report.evaluation)),
    report.trajectory && trainingSection(report.trajectory, report.evaluation),
    groupSection(measured),
    intersectionSection(measured),
    sliceSection(measured),
    scoreSection(measured),
    confusionSection(report.evaluation),
    promptSection(report),
    outputSection(report),
    debiasingSection(report.evaluation),
    ...faces,
    report.data && dataSection(report.data),
    networkSection(report),
    sourceSection(measured),
    caveats.length > 0 && caveatSection(caveats),
    runSection(report.run, factList(runFacts(report.run))),
  ].filter((section) => section !== null && section !== false);
};
