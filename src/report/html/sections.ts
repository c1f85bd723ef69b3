/** @file The body of the page, one function a section, in the order in which it is read. */
import { beforeAfterChart } from "../charts/before-after.ts";
import { confusionChart } from "../charts/confusion.ts";
import { constraintChart } from "../charts/constraint.ts";
import { groupRatesChart } from "../charts/group-rates.ts";
import { labelCountsChart } from "../charts/label-counts.ts";
import { lossChart } from "../charts/losses.ts";
import { count } from "../format.ts";
import {
  type DataPlan,
  type Evaluation,
  type RunReport,
  type Trajectory,
  baseline,
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
import { compatTables } from "../tables/compat.ts";
import { constraintTable } from "../tables/constraints.ts";
import { cellTable, rejectedTable, splitTable } from "../tables/data.ts";
import {
  KEY_RATES,
  classGapTables,
  gapTable,
  groupTable,
  keyGaps,
  viewTables,
} from "../tables/evaluation.ts";
import { runFacts } from "../tables/run.ts";
import { trajectoryTable } from "../tables/trajectory.ts";
import { folded, tableHtml } from "./table.ts";
import { type Markup, html } from "./template.ts";

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

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

function evaluationSection(evaluation: Evaluation): Section {
  const report = baseline(evaluation);
  const attributes = Object.entries(report.attributes);
  return {
    id: "groups",
    title: "Groups",
    body: html`${attributes.map(
      ([name, attribute]) =>
        html`<div class="charts small">
            ${KEY_RATES.slice(0, 3).map((rate) => groupRatesChart(name, attribute, report.overall, rate))}
          </div>
          ${tableHtml(groupTable(name, attribute, report.overall, KEY_RATES))}
          ${tableHtml(gapTable(`Gaps by ${name}`, keyGaps(attribute.gaps)))}`,
    )}
    ${folded(`All rates and gaps`, viewTables(report))}
    ${Object.entries(report.perClass).map(([name, view]) =>
      folded(`${name} against the rest`, viewTables(view)),
    )}
    ${folded("Gaps between the target's classes", classGapTables(report.classGaps))}
    ${folded("Published formulas (compat)", compatTables(report))}`,
  };
}

function confusionSection(evaluation: Evaluation): Section {
  const report = baseline(evaluation);
  const after = Object.entries(comparison(evaluation)?.after ?? {});
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
    body: html`${tableHtml(summary)}
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

function reproduceSection({ run }: RunReport): Section {
  return {
    id: "run",
    title: "Run",
    body: html`<dl class="facts">
        ${runFacts(run).map(
          ({ label, value }) =>
            html`<div>
              <dt>${label}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
      <h3>Run it again</h3>
      <pre><code>${run.command}</code></pre>
      ${
        run.config !== null &&
        html`<details>
          <summary>Config, with every default filled in</summary>
          <pre><code>${run.config}</code></pre>
        </details>`
      }`,
  };
}

/** The sections that the report has facts for. */
export const sections = (
  report: RunReport,
  caveats: readonly string[],
  faces: readonly Section[],
): Section[] =>
  [
    report.trajectory && trainingSection(report.trajectory, report.evaluation),
    evaluationSection(report.evaluation),
    confusionSection(report.evaluation),
    debiasingSection(report.evaluation),
    ...faces,
    report.data && dataSection(report.data),
    caveats.length > 0 && caveatSection(caveats),
    reproduceSection(report),
  ].filter((section) => section !== null && section !== false);
